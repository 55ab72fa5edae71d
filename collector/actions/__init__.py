"""One verb a file, without HTTP: what a door, the command line or a test asks for."""
