"""Protection of persons in files."""
