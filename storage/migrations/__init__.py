"""The shape of the database, step by step. Each step works with the code before it still running."""
