"""Backups: where they are kept, and the rows of both databases read out and put back."""
