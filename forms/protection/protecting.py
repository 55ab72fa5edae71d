"""⑨ A dataset made fit to leave: the rules of docs/protection.md carried out over a spool.

Two looks: one column at a time to decide, then all rows in pieces to rewrite them. Nothing is drawn by
chance: the same rows under the same key come out the same on any machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from forms.datasets.description import Labels, Table
from forms.datasets.spool import Spool
from forms.protection.anonymising import Anonymising
from forms.protection.planning import Plan, about_persons, plan
from forms.protection.policy import Policy
from forms.protection.pseudonyms import Pseudonyms
from forms.protection.reading import Look
from forms.protection.report import Report, TableReport
from forms.protection.rewriting import (
    AGE_GROUP,
    BAND,
    MIDDLE,
    MONTH,
    OTHERS,
    PSEUDONYM,
    YEAR,
    Means,
    Rewriting,
    described,
)

_WORDS: Final = (AGE_GROUP, BAND, MIDDLE, MONTH, OTHERS, PSEUDONYM, YEAR)


@dataclass(frozen=True)
class Protected:
    """Rows that may leave, what was done in words (heading to words) and in numbers."""

    spool: Spool
    protection: Mapping[str, str]
    report: Report


def protect(
    spool: Spool, policy: Policy, key: bytes, middles: Mapping[str, tuple[float, float]], folder: Path
) -> Protected:
    """The rows of `spool` as a policy wants them, in a new spool in `folder`, which is made.

    `key` is the project's (pseudonyms), `middles` latitude and longitude of communes by code; a commune
    without one gets no point.
    """
    if policy.protection == "none":
        report = Report(
            policy, tables=tuple(TableReport(one.name, spool.count(one)) for one in spool.dataset.tables)
        )
        return Protected(spool, report.words(), report)
    folder.mkdir(parents=True, exist_ok=True)
    look = Look(spool)
    persons = about_persons(spool.dataset)
    plans = {
        table.path: plan(look, table, policy.protection, persons=persons) for table in spool.dataset.tables
    }
    anonymising = None
    if policy.protection == "deidentified":
        anonymising = Anonymising(look, plans, policy.k, persons=persons)
        anonymising.run()
    means = Means(look, Pseudonyms(key), middles, _said(spool, policy), anonymising)
    made, tables = _rewritten(means, plans, folder)
    steps = anonymising.broadness.steps() if anonymising else []
    report = Report(policy, steps, tables)
    return Protected(made, report.words(), report)


def _said(spool: Spool, policy: Policy) -> Mapping[str, Labels]:
    """Our words for every language of the form: the reader's, the only one we were given."""
    languages = {*spool.dataset.languages, "vi"}
    return {word: dict.fromkeys(sorted(languages), policy.say(word)) for word in _WORDS}


def _rewritten(
    means: Means, plans: Mapping[str, Plan], folder: Path
) -> tuple[Spool, tuple[TableReport, ...]]:
    dataset = means.look.dataset
    tables = tuple(described(table, plans[table.path], means) for table in dataset.tables)
    made = Spool(folder, replace(dataset, tables=tables))
    reports = []
    for number, (before, after) in enumerate(zip(dataset.tables, tables, strict=True)):
        path = folder / f"{number}.failing"
        with made.writer(after) as sink, path.open("w", encoding="ascii", newline="\n") as lines:
            for batch, keys in Rewriting(before, plans[before.path], means).batches():
                sink.add_batch(batch)
                lines.writelines(f"{one}\n" for one in keys.to_pylist())
        reports.append(replace(_table_report(before, plans[before.path], means), path=path))
    return made, tuple(reports)


def _table_report(table: Table, plan: Plan, means: Means) -> TableReport:
    dropped = {name: one.why for name, one in plan.items() if one.deed == "drop"}
    rows = means.look.rows[table.path].count
    if means.anonymising is None:
        return TableReport(table.name, rows, dropped=dropped)
    outcome = means.anonymising.outcomes[table.path]
    return TableReport(
        table.name,
        rows,
        left_out=int(rows - outcome.alive.sum()),
        failing=int(outcome.failed.sum()),
        changed=int(outcome.touched.sum()),
        smallest=outcome.smallest,
        quasi=tuple(name for name, one in plan.items() if one.quasi),
        blanked={name: count for name, count in outcome.blanked.items() if count},
        dropped=dropped,
    )
