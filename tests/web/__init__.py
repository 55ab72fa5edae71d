"""The web form in a real browser: what it says, beside what the phone says."""
