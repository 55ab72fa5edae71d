"""What a person has erased: bytes and answers destroyed, a tombstone left that names nobody."""
