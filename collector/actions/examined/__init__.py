"""What `collector doctor` looks at, a file for each kind of thing; the same is shown under Settings."""
