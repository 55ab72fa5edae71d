"""⑥ Answers as relational tables: made at publish, written at intake, made again from the bytes."""
