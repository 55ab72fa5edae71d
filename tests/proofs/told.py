"""What a record must read like everywhere, worked out from what the phone's own engine says was answered.

Why: comparing the tables with our own reading of the XML would only show that we agree with ourselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from tests.javarosa.engine import Answer, Filled

_STEP = re.compile(r"\[\d+\]")
_POINT = ("_lat", "_lon", "_alt", "_acc")
_CSV_POINT = ("Latitude", "Longitude", "Altitude", "Accuracy")


@dataclass
class Row:
    """One row of a table: typed values by question (and part), texts by CSV column, what was left empty."""

    values: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)


def rows_told(filled: Filled) -> dict[tuple[str, str], Row]:
    """By (path of the repeat, key of the row): what the tables and the CSV files have to hold.

    The root table's path is "", its key the instance id; a repeat's row has the positions of its reference.
    """
    rows: dict[tuple[str, str], Row] = {("", filled.instance_id): Row()}
    for answer in filled.answers:
        if answer.ref.endswith("/meta/entity"):
            continue  # without a label it looks like an answer that was left blank
        below_root = "/" + answer.ref.split("/", 2)[2]
        around, _, last = below_root.rpartition("]")
        around = f"{around}]" if around else ""
        key = filled.instance_id + around
        row = rows.setdefault((_STEP.sub("", around), key), Row())
        if last:
            _answer(row, answer, path=_STEP.sub("", below_root), column=last[1:].replace("/", "-"))
    return rows


def _answer(row: Row, answer: Answer, *, path: str, column: str) -> None:
    text = answer.value
    if answer.type == "geopoint":
        parts = (text or "").split()
        row.texts |= {f"{column}-{name}": part for name, part in zip(_CSV_POINT, parts, strict=False)}
        row.values |= {path + name: float(part) for name, part in zip(_POINT, parts, strict=False)}
    else:
        row.texts[column] = text or ""
    typed = _TYPED.get(answer.type)
    if typed is None:
        row.values[path] = text or ""
        row.values |= _beside(answer.type, path, text)
    elif text is None:
        row.empty.add(path)
    else:
        row.values[path] = typed(text)


_TYPED: Mapping[str, Callable[[str], Any]] = {
    "int": int,
    "decimal": float,
    "date": date.fromisoformat,
}


def _beside(kind: str, path: str, text: str | None) -> dict[str, Any]:
    """What stands beside the text of a moment, to be compared and sorted by."""
    if text and kind == "dateTime":
        return {f"{path}_at": datetime.fromisoformat(text).astimezone(UTC)}
    if text and kind == "time":
        return {f"{path}_at": time.fromisoformat(text).replace(tzinfo=None)}
    return {}


def table_faults(told: Mapping[tuple[str, str], Row], kept: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """Where the rows of a record (by table, answers by question) are not what was answered."""
    faults = []
    open_rows = dict(told)
    for path, rows in kept.items():
        for row in rows:
            want = open_rows.pop((path, row["key"]), None)
            if want is None:
                faults.append(f"{row['key']}: a row nobody answered")
                continue
            for name, value in row.items():
                if name.startswith("/") and want.values.get(name) != value:
                    faults.append(f"{row['key']} {name}: {value!r}, answered {want.values.get(name)!r}")
            if row["blank"] != want.empty:
                faults.append(f"{row['key']}: shown and empty {row['blank']}, on the phone {want.empty}")
            faults += [f"{row['key']} {name}: no column" for name in want.values if name not in row]
    return faults + [f"{key}: no row in {path or '/'}" for path, key in open_rows]


def csv_faults(told: Mapping[tuple[str, str], Row], lines: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Where the lines of the CSV files (by KEY) do not say what was answered."""
    faults = []
    for (_path, key), row in told.items():
        line = lines.get(key)
        if line is None:
            faults.append(f"{key}: no line")
            continue
        for column, text in row.texts.items():
            if line.get(column) != text:
                faults.append(f"{key} {column}: {line.get(column)!r}, answered {text!r}")
        other = {name for name, text in line.items() if text and name not in row.texts}
        faults += [f"{key} {name}: {line[name]!r}, not answered" for name in sorted(other - _SYSTEM)]
    return faults


_SYSTEM = {
    "SubmissionDate", "KEY", "PARENT_KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent",
    "AttachmentsExpected", "Status", "ReviewState", "DeviceID", "Edits", "FormVersion",
}  # fmt: skip
