"""② A form as a person reads it: what it asks, in which words, of whom, and what another version changes.

Why: an office decides on a form before phones get it; it reads the form, not the workbook. The same
reading serves the preview, the form on paper and the comparison of two versions.

`asked` says what a question is, `reading` finds it in an XForm, `words` says conditions in words,
`translations` counts what is missing in a language, `comparing` and `definitions` tell two versions
apart, `paper` lays the form out for filling by hand.
"""
