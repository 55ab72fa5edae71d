"""Reports as data, as Word and as PDF."""
