"""What the checks look at, read from the database some records at a time."""
