"""Backups, as far as they are computed: how rows are cut, named, sealed and told of, and which are kept."""
