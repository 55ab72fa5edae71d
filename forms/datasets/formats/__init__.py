"""⑨ The formats a dataset can be had in: a file each, listed in `catalogue`."""
