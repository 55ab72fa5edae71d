"""⑧ Figures worked out ahead: what is stale is marked, worked out again from the tables, and written."""
