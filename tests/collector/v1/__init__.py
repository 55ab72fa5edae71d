"""Conversations with programs on Central's wire."""
