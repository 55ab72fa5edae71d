"""A whole server from one database and file store to another: copied, then compared."""
