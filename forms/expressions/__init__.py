"""What a form's author writes in a cell to be computed: `${age} >= 15 and selected(${skills}, 'read')`.

One language for checks and indicators, and its meaning is the one the phone gives it, JavaRosa's: a
blank answer is '' as text and no number (NaN) as a number; a comparison with no number is false, and
`!=` is its contrary; text beside a number is read as a number; `+` with a blank is blank.

`parser` reads text, `scope` finds the questions it names, `checking` refuses what cannot mean
anything; `storage.compile` turns the tree into SQL.

Departures, all on purpose: a division by zero is blank (JavaRosa: Infinity), `max()` of negative
numbers is right (JavaRosa: 0), a number beyond ±10³⁰ is no number, a moment compares by the day as
its phone wrote it, a time of day is text, and what would mean one thing on the phone and another on the
server (`${calculate}` as true or false, a decimal number as text) is refused.

Source: ODK XForms specification, «XPath functions»; XPath 1.0 §3; JavaRosa `xpath.expr`.
To add a function: a line in `functions.FUNCTIONS`, its SQL in `storage/compile.py`, a row in the table
of `tests/forms/meaning.py`.
"""
