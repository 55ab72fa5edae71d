"""The same answers in ODK Collect's engine and in the web form make the same submission, on the server too.

`python -m tests.proofs.webform_parity [records a survey, 20] [--only f01] [--sent 3]`. Chance fills every
survey in the engine inside ODK Collect: it adds and removes instances of repeats, leaves blanks, goes back
and changes its mind. What was done there is done again in a real Chromium, step by step. Then both records
are compared element by element, and of the first few also what two servers alike keep of them.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.copies import KINDS, fresh_database
from tests.javarosa.engine import DeadEnd, Engine, Filled, Form
from tests.office import Office, opened
from tests.web.filling import WebForm, WebForms, beside, web_forms
from tests.web.kept_alike import kept, settle, unlike
from tests.web.parity import NORMALISED, Comparison, compared
from tests.xlsforms.surveys import SURVEYS, converted
from tests.xlsforms.test_all import WISHES

BLANKS = (0, 0.3, 0.6)
"""Shares of optional questions left blank, in turns."""
_COUNTED = re.compile(r'<repeat nodeset="([^"]+)" jr:count=" *([^" ]+) *"')
CHANGES = 4
"""Minds are changed 0 to so many times less one, in turns."""


@dataclass
class Outcome:
    """What one survey came to.

    `begun`: defaults of rows that were made before what they come from was changed; `lowered`: records that
    differ because a number of rows was lowered. Both are told in docs/web-forms.md.
    """

    form_id: str
    records: int = 0
    dead_ends: int = 0
    begun: int = 0
    lowered: int = 0
    steps: int = 0
    elements: int = 0
    sent: int = 0
    cells: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Pair:
    """A record of the phone, the same of the web form, and how they compare."""

    filled: Filled
    web: bytes
    files: dict[str, bytes]
    comparison: Comparison
    begun: int


def filled_by_chance(form: Form, form_id: str, seed: int) -> Filled:
    """The record of that number: the same in every run but for ids and times. Raises DeadEnd."""
    return form.fill(
        seed,
        answers=WISHES.get(form_id),
        blanks=BLANKS[seed % len(BLANKS)],
        changes=seed % CHANGES,
        instances=(0, 3),
    )


def pair(filled: Filled, web: WebForm) -> tuple[Pair, list[str]]:
    """The same steps in the web form; and what is wrong."""
    done = web.fill(filled.trail)
    comparison = compared(filled, done.xml, done.files)
    faults = [f"{one}: cannot be done in the web form" for one in done.refused]
    faults += [f"{one}: not valid in the web form" for one in done.invalid]
    return Pair(filled, done.xml, done.files, comparison, len(done.begun)), faults + comparison.faults


def survey(form_id: str, seeds: Iterable[int], engine: Engine, web: WebForms, sent: int) -> Outcome:
    """Every record of one survey."""
    outcome = Outcome(form_id)
    begun = time.perf_counter()
    phone = engine.load(converted(form_id).xform, beside(form_id))
    opened_form = web.form(converted(form_id).xform, beside(form_id))
    counted = dict(_COUNTED.findall(converted(form_id).xform.decode()))
    pairs: list[Pair] = []
    for seed in seeds:
        try:
            filled = filled_by_chance(phone, form_id, seed)
        except DeadEnd:
            outcome.dead_ends += 1
            continue
        both, faults = pair(filled, opened_form)
        outcome.records += 1
        outcome.steps += len(filled.trail)
        outcome.elements += both.comparison.compared
        outcome.begun += both.begun
        if faults and rows_beyond(phone, counted):
            outcome.lowered += 1
            continue
        outcome.faults += [f"{form_id} {seed} {fault}" for fault in faults]
        pairs.append(both)
    for both in pairs[:sent]:
        _send(form_id, both, outcome)
    phone.forget()
    outcome.seconds = time.perf_counter() - begun
    return outcome


def rows_beyond(phone: Form, counted: Mapping[str, str]) -> bool:
    """Whether the record filled last has more rows somewhere than the number given for them."""
    return any(phone.evaluate(f"count({path}) > {number}") for path, number in counted.items())


def _send(form_id: str, both: Pair, outcome: Outcome) -> None:
    """Each record to a server of its own; what lies there must be alike."""
    with tempfile.TemporaryDirectory() as name:
        found = []
        for which, xml, files in (
            ("phone", both.filled.xml, both.filled.attachments()),
            ("web", both.web, both.files),
        ):
            folder = Path(name) / which
            folder.mkdir()
            with fresh_database(KINDS[0], folder, folder, opened) as url:
                office = Office(folder / "home", url)
                settle(office, form_id).send(xml, files, title=form_id)
                found.append(kept(office, form_id, both.comparison.instance_ids[which == "web"]))
                office.close()
    outcome.sent += 1
    outcome.cells += sum(len(row) for rows in found[0].tables.values() for row in rows)
    outcome.faults += [
        f"{form_id} on the server: {fault}"
        for fault in unlike(found[0], found[1], ids=both.comparison.ids, loose=both.comparison.loose)
    ]


def _lines(outcomes: Iterable[Outcome]) -> Iterator[str]:
    heads = ("records", "steps", "elements", "begun", "lowered", "sent", "cells", "unlike", "s")
    yield f"{'survey':22}" + "".join(f"{head:>9}" for head in heads)
    for one in outcomes:
        told = (one.records, one.steps, one.elements, one.begun, one.lowered, one.sent, one.cells)
        yield f"{one.form_id:22}" + "".join(
            f"{number:9}" for number in (*told, len(one.faults), round(one.seconds))
        )


def main() -> None:
    """Prove, and exit with 1 when anything differs."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("records", nargs="?", type=int, default=20)
    asked.add_argument("--only", default="", help="surveys whose name begins so")
    asked.add_argument("--first", type=int, default=0, help="the first seed")
    asked.add_argument("--built", type=Path, nargs=2, help="folders of the harness and of the two sheets")
    asked.add_argument("--sent", type=int, default=3, help="records a survey that are sent to servers")
    told = asked.parse_args()
    outcomes = []
    with Engine() as engine, web_forms(folders=told.built and tuple(told.built)) as web:
        for form_id in SURVEYS:
            if form_id.startswith(told.only):
                seeds = range(told.first, told.first + told.records)
                outcomes.append(survey(form_id, seeds, engine, web, told.sent))
                for fault in outcomes[-1].faults[:20]:
                    print(f"FAULT {fault}", flush=True)
    print("\n".join(_lines(outcomes)))
    dead = sum(one.dead_ends for one in outcomes)
    print(f"{dead} tries ended where chance found no answer. Normalised:")
    print("\n".join(f"  {what}: {why}" for what, why in NORMALISED.items()))
    sys.exit(1 if any(one.faults for one in outcomes) else 0)


if __name__ == "__main__":
    main()
