"""A made-up province whose figures are known: what it is made of knows nothing of the server.

Nothing here imports the server's own code. Forms are read as any client reads them, answers are drawn and
worked out by this folder's own rules, and every figure is added up here, in plain Python, from the answers.
"""
