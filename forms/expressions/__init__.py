"""What a form's author writes in a cell to be computed: `${age} >= 15 and selected(${skills}, 'read')`.

One language for checks and indicators, and its meaning is the one the phone gives it, JavaRosa's: a
blank answer is '' as text and no number (NaN) as a number; a comparison with no number is false, and
`!=` is its contrary; text beside a number is read as a number; `+` with a blank is blank. Rows of a repeat
seen from outside are gathered: `count(${member})`, `sum(${age})` (blanks left out, of none 0), `min`, `max`
(of none no number), `count-non-empty`; `today()` is a day handed in, never the clock.

`parser` reads text, `scope` finds the questions it names, `gathering` the repeats it looks into,
`patterns` makes a regex() safe, `checking` refuses what cannot mean anything; `storage.compile` turns the
tree into SQL, and `arithmetic` works it out over figures without a database.

Departures, all on purpose: a division by zero is blank (JavaRosa: Infinity), `max()` of negative
numbers is right (JavaRosa: 0), a number beyond ±10³⁰ is no number, a moment compares by the day as
its phone wrote it, a time of day is text, `now()` is `today()`, `decimal-date-time()` of a date takes
midnight as UTC+7 (a phone takes Sai Gon's UTC+8 before June 1975), a text without a date is blank to the
functions of dates (JavaRosa fails), `selected-at()` of a text of 1,000 characters and more is blank. What
would mean one thing on the phone and another on the server (`${calculate}` as true or false, a decimal
number as text, a pattern Java reads in its own way, `count()` of a question, which leaves out rows where it
is not relevant) is refused. So is what only a phone has: `instance()`, `pulldata()`, `uuid()`, `random()`.

Source: ODK XForms specification, «XPath functions»; XPath 1.0 §3; JavaRosa `xpath.expr`.
To add a function: a line in `functions.FUNCTIONS`, its SQL in `storage/calls.py`, a row in the table
of `tests/forms/meaning.py`, a line in `tests/forms/inventing.py` for `make expressions-proof`.
"""
