"""The answering room."""
