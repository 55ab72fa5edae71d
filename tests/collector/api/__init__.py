"""Conversations with programs that read what is ours."""
