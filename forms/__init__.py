"""The core: it computes. The same answer with the network cut and the database deleted."""
