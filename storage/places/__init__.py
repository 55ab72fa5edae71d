"""Places remembered: what each code was and when, what lay in what, and the operations that changed it."""
