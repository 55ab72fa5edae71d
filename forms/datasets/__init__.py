"""⑨ Datasets: one description of a survey's tables, one spool of their rows, one file for each format."""
