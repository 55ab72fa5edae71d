"""Every SELECT has a name, and lives with the noun it is about."""
