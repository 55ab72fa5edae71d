"""The memory: it remembers. Models, queries, blobs, migrations, and the only commit in the code base."""
