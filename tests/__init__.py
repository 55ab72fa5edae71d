"""The tests: each folder mirrors a room; what crosses rooms lies here."""
