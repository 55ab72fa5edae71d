"""⑧ What a survey measures: the rows of the sheet `indicators`, read against the form.

A figure is a ratio of sums: counted or summed over every record first, divided last. Nothing here knows
a database; `storage.figures` counts. To add a column: `reading.COLUMNS`, a field of `Indicator`.
"""
