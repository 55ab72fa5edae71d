"""The life of findings: made, found again, found no more, accepted, rejected, given to somebody."""
