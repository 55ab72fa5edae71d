"""What is said beside the data."""
