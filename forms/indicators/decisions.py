"""What the plans leave open, the ways to settle it, and which one holds.

Why: no document says which count of the illiterate is the official one; the office decides, sees what
follows from it, and the rows of the other reading stand ready beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from forms.indicators import faults
from forms.indicators.sheet import RowReader, read_rows
from forms.remarks import Remark
from forms.spreadsheet import SheetRow

COLUMNS = ("code", "label", "options", "option", "default", "consequence")
"""What a row may say; `label`, `option` and `consequence` once for each language."""


@dataclass(frozen=True)
class Decision:
    """A choice to be made, and the option that holds unless another is chosen.

    `options` maps each code to its name by language. `labels` and `consequences` go by language.
    """

    code: str
    labels: Mapping[str, str]
    options: Mapping[str, Mapping[str, str]]
    default: str
    consequences: Mapping[str, str]


@dataclass(frozen=True)
class Decided:
    """The decisions there are, by code, and what was chosen where it is not the default.

    `unread`: their sheet was refused, so that nothing is said of what waits for one.
    """

    decisions: Mapping[str, Decision] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    unread: bool = False

    def choice(self, code: str) -> str:
        """The option that holds; what was chosen and is no option any more counts as not chosen."""
        decision = self.decisions[code]
        chosen = self.chosen.get(code, "")
        return chosen if chosen in decision.options else decision.default

    def holds(self, when: str) -> bool:
        """Whether a row with this `when`, blank or `decision=option`, is in force."""
        code, equals, option = parted(when)
        return not equals or (code in self.decisions and self.choice(code) == option)


def parted(when: str) -> tuple[str, str, str]:
    """`decision=option` in its parts; the second is "" where there is no sign."""
    code, equals, option = when.partition("=")
    return code.strip(), equals, option.strip()


def read_when(reader: RowReader, decided: Decided) -> str:
    """The cell `when` of a row, its faults noted."""
    when = reader.row["when"]
    code, equals, option = parted(when)
    if decided.unread:
        return when
    if when and not equals:
        reader.refuse(faults.WHEN_UNREADABLE, "when", when=when)
    elif when and code not in decided.decisions:
        known = ", ".join(decided.decisions) or "–"
        reader.refuse(faults.DECISION_UNKNOWN, "when", decision=code, known=known)
    elif when and option not in decided.decisions[code].options:
        known = ", ".join(decided.decisions[code].options)
        reader.refuse(faults.OPTION_UNKNOWN, "when", option=option, decision=code, known=known)
    return f"{code}={option}" if when else ""


def read_decisions(rows: Sequence[SheetRow]) -> dict[str, Decision]:
    """The sheet `decisions`, by code. Raises FormRefused with a remark for every fault."""
    first: dict[str, int] = {}

    def read(row: SheetRow) -> tuple[Decision | None, list[Remark]]:
        reader = RowReader(row)
        decision = _decision(reader)
        if first.setdefault(row["code"], row.row) != row.row:
            reader.refuse(faults.CODE_TWICE, "code", code=row["code"], first=str(first[row["code"]]))
        return decision, reader.remarks

    return {one.code: one for one in read_rows(rows, read)}


def _decision(reader: RowReader) -> Decision:
    reader.columns(COLUMNS)
    code, labels = reader.code(), reader.labels()
    options = dict.fromkeys(reader.row["options"].replace(",", " ").split())
    default = reader.row["default"]
    if len(options) < 2:  # noqa: PLR2004 - fewer leave nothing to decide
        reader.refuse(faults.OPTIONS_MISSING, "options")
    elif default not in options:
        known = ", ".join(options)
        reader.refuse(faults.OPTION_UNKNOWN, "default", option=default, decision=code, known=known)
    named: dict[str, dict[str, str]] = {option: {} for option in options}
    for language, text in reader.languages("option").items():
        for option, name in zip(options, text.split(";"), strict=False):
            named[option][language] = name.strip()
    return Decision(code, labels, named, default, reader.languages("consequence"))
