"""A person with a phone: the form engine inside ODK Collect, driven from Python."""
