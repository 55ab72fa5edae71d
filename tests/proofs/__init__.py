"""Full-size proofs and measurements: each a module of its own, run by a target of the Makefile."""
