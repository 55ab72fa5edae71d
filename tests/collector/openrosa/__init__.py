"""The phones' door: the conformance tests OR-01 … OR-98, each by its number."""
