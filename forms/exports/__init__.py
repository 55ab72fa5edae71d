"""⑨ Files: what the tables hold, written the way its reader expects it.

A writer is handed rows and gives bytes in pieces; it never fetches, and never holds a whole survey.
"""
