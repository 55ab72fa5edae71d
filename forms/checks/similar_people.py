"""3 and 4 · Two rows that are one person: in one village, or in two communes.

In a village people of the same sex and year of birth are compared. Between communes only those whose
household has the same head (or phone) as well, with names of the same initials; or the same papers.
Between communes `people` of a household have to be alike, or all there are beside its head.
Roles: see `forms.checks.people`.
Silent when: name or year of birth is missing; the rows belong to two visits of one household.
Keeps: two numbers for each person, 16 bytes together.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from forms.checks.check import WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch
from forms.checks.people import People, Person, initials, score

SIMILAR = Check(
    "similar_person",
    WARNING,
    "Perhaps one person twice",
    "{count} people of these two records resemble each other; the most alike score {score}.",
    "If they are one, mark one record as a duplicate or take the person out of one household.",
    {"score": Threshold(0.85, 0.71, 1)},
)
ELSEWHERE = Check(
    "same_person_elsewhere",
    WARNING,
    "Perhaps one person in two communes",
    "{count} people of this record are in a household of another commune too; the most alike score {score}.",
    "Find out where they live now: they moved, or were counted twice.",
    {"score": Threshold(0.95, 0.71, 1), "people": Threshold(2, 1, 10)},
)
CHECKS = (SIMILAR, ELSEWHERE)

_BITS = 25
_ROUNDING = 1e-9

Pair = tuple[Person, Person, float]
Pairs = Iterable[Pair]


def alike(people: Iterable[Person], least: float) -> Iterator[tuple[Person, Person, float]]:
    """All pairs of the same sex and year of birth that score at least that."""
    groups: defaultdict[tuple[str, str], list[Person]] = defaultdict(list)
    for one in people:
        if one.name and one.year:
            groups[one.sex, one.year].append(one)
    for group in groups.values():
        for one, other in combinations(group, 2):
            said = score(one, other)
            if said >= least - _ROUNDING:
                yield one, other, said


def by_records(check: Check, pairs: Pairs) -> Iterator[Found]:
    """One finding for each two records, however many people of theirs are alike."""
    several: defaultdict[tuple[int, ...], list[tuple[Person, Person, float]]] = defaultdict(list)
    for one, other, said in pairs:
        several[tuple(dict.fromkeys((one.record, other.record)))].append((one, other, said))
    together: defaultdict[tuple[int, ...], list[tuple[Person, Person, float]]] = defaultdict(list)
    for records, found in several.items():
        together[tuple(sorted(records))] += found
    for records, found in together.items():
        best = max(found, key=lambda pair: pair[2])
        details = {"count": str(len(found)), "score": f"{best[2]:.2f}"}
        # In two records the rows may change places; the person of the first one is shown.
        first = min(best[:2], key=lambda person: (person.record, person.key))
        yield Found(check.code, records, value=first.shown, variant=_variant(records, found), details=details)


def _variant(records: Sequence[int], found: Sequence[tuple[Person, Person, float]]) -> str:
    """Within one record it is another finding for other people; between two it stays one."""
    return "" if len(records) > 1 else " ".join(sorted({one.name for one, _other, _said in found}))


class SimilarPeople(Watch):
    """Compares the people of a block."""

    def __init__(self, survey: Survey) -> None:
        self._people = People(survey.roles)
        self._least = survey.numbers(SIMILAR.code)["score"]

    def see(self, block: Block) -> Iterable[Found]:
        """The pairs of a village."""
        return by_records(SIMILAR, alike(self._people.of(block), self._least))


class PeopleElsewhere(Watch):
    """Remembers people by numbers, and looks at those again whose number came from two communes."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._people = People(survey.roles)
        self._numbers = survey.numbers(ELSEWHERE.code)
        self._marks = array("Q")
        self._records = array("q")

    def see(self, block: Block) -> Iterable[Found]:
        """Nothing yet."""
        for one in self._people.of(block):
            for mark in _marks(one):
                self._marks.append(hash(mark) & 0xFFFF_FFFF_FFFF_FFFF)
                self._records.append(one.record)
        return ()

    def all_seen(self) -> Iterable[Found]:
        """The pairs between communes."""
        return by_records(ELSEWHERE, self._pairs())

    def _pairs(self) -> Iterator[Pair]:
        people: list[Person] = []
        commune: dict[int, str] = {}
        for block in self._survey.again(sorted(self._twice())):
            commune.update((one.number, block.commune) for one in block.interviews)
            people += self._people.of(block)
        pairs = apart(people, commune, self._numbers["score"])
        yield from enough(pairs, people, self._numbers["people"])

    def _twice(self) -> set[int]:
        """The records with a person whose number came more than once."""
        once, twice = bytearray(1 << (_BITS - 3)), bytearray(1 << (_BITS - 3))
        for mark in self._marks:
            byte, bit = (mark >> 3) & ((1 << (_BITS - 3)) - 1), 1 << (mark & 7)
            if once[byte] & bit:
                twice[byte] |= bit
            once[byte] |= bit
        found: defaultdict[int, set[int]] = defaultdict(set)
        for mark, record in zip(self._marks, self._records, strict=True):
            if twice[(mark >> 3) & ((1 << (_BITS - 3)) - 1)] & (1 << (mark & 7)):
                found[mark].add(record)
        return set().union(*(records for records in found.values() if len(records) > 1))


def _marks(one: Person) -> Iterator[tuple[str, ...]]:
    if one.identity:
        yield ("identity", one.identity)
    # The head of a household is not known by being its head.
    if one.year and one.name and not one.is_head:
        for home in filter(None, (one.home, one.phone)):
            yield (home, one.sex, one.birth, initials(one.name))


def enough(pairs: Iterable[Pair], people: Iterable[Person], least: float) -> Iterator[Pair]:
    """The pairs of two households of whom `least` are alike, or all there are beside the head of one."""
    size = Counter(one.record for one in people if not one.is_head)
    together: defaultdict[tuple[int, int], list[Pair]] = defaultdict(list)
    for pair in pairs:
        together[min(pair[0].record, pair[1].record), max(pair[0].record, pair[1].record)].append(pair)
    for records, found in together.items():
        papers = any(one.identity and one.identity == other.identity for one, other, _said in found)
        if papers or len(found) >= min(least, *(size[record] for record in records)):
            yield from found


def apart(
    people: Iterable[Person], commune: Mapping[int, str], least: float
) -> Iterator[tuple[Person, Person, float]]:
    """Pairs of different communes: with the same papers, else of at least that score."""
    groups: defaultdict[tuple[str, ...], list[Person]] = defaultdict(list)
    for one in people:
        for mark in _marks(one):
            groups[mark].append(one)
    for mark, group in groups.items():
        for one, other in combinations(group, 2):
            if commune.get(one.record) == commune.get(other.record):
                continue
            said = 1.0 if mark[0] == "identity" else score(one, other)
            if said >= least - _ROUNDING:
                yield one, other, said
