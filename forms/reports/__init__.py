"""⑨ Official reports: one as data, and the same as Word, as PDF, and in an office's own file."""
