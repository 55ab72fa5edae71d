"""The browsers' door."""
