"""Each format, read back by those who use it."""
