"""⑧ Entity lists: what they are called, what their entities are, and how a submission changes them."""
