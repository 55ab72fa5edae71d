"""⑦ What may be odd in records: one rule, one file, computing over rows that are handed in.

To add one: a file with a `Check` named `CHECK` and the function that finds, its `Check` listed in
`catalogue.py`. Row rules an officer writes himself stand in the sheet `checks` of a survey's workbook.
"""
