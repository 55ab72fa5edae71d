"""⑨ Rows that leave the office, so that nobody in them can be found: the rules of docs/protection.md."""
