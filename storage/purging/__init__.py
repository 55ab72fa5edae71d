"""What was deleted long ago, gone for good: rows, answers and files; ids stay, so that none comes twice."""
