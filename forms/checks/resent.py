"""1 · The same record under one id, twice and different.

Why: a phone that was restored from a copy sends other answers under an id it used before.
Silent when: the bytes are the same, which is a form sent again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from forms.checks.check import ERROR, Check
from forms.checks.found import Found

CHECK = Check(
    "instance_conflict",
    ERROR,
    "One id, two different records",
    "Another record came under the id {id} with other answers.",
    "Compare the two; reject the one that is wrong.",
)
CHECKS = (CHECK,)


@dataclass(frozen=True, slots=True)
class Sent:
    """A version of a record as it came: its id, the hash of its bytes, the record it belongs to."""

    instance_id: str
    sha256: str
    record: int


def resent(several: Iterable[Sent]) -> Iterator[Found]:
    """One finding for each id that names different records with different bytes."""
    by_id: defaultdict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in several:
        by_id[one.instance_id][one.record].add(one.sha256)
    for instance_id, records in by_id.items():
        hashes = set().union(*records.values())
        if len(records) > 1 and len(hashes) > 1:
            yield Found(CHECK.code, tuple(sorted(records)), value=instance_id, details={"id": instance_id})
