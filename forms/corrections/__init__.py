"""⑦ Answers corrected at the office: checked as the form would, changed in a copy of what was sent.

`filled` finds each answer in the tree, `logic` is what a form says of its answers, `working` works an
expression out for one row as the phone does, `checking` refuses what the form would, `amending` writes.
"""
