"""The made-up province: its places, its centres, and everything they send in two years.

`communes` come from whoever asks (any codes will do); all the rest follows from the seed. What one commune
sends does not hang on any other, so that several processes can make their share.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone

from tests.proofs.province import offices, people
from tests.proofs.province.offices import Drawn, Report
from tests.proofs.province.paper import Paper
from tests.proofs.province.people import YEAR, Home, Visit

_HOME = timezone(timedelta(hours=7))
_MORNING = 7
_A_DAY = 12
"""Households a volunteer visits in a day."""


@dataclass(frozen=True, slots=True)
class Village:
    """A village: its code, and the id it has in the list on the phones."""

    code: str
    identity: str
    name: str
    households: int


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre in the list of centres. `status` 1 and 4 are working ones."""

    identity: str
    name: str
    status: str


@dataclass(frozen=True)
class Person:
    """Somebody in the list of people who teach; `trained` are years by the property that holds them."""

    identity: str
    name: str
    role: str
    active: bool
    trained: Mapping[str, int]


@dataclass(frozen=True)
class Commune:
    """A commune and all there is in it."""

    code: str
    province: str
    villages: tuple[Village, ...]
    centres: tuple[Centre, ...]
    people: tuple[Person, ...]
    border: bool


@dataclass(frozen=True)
class Size:
    """How large: villages of a commune, and households of a village, on average."""

    villages: int = 12
    households: int = 150


@dataclass
class Province:
    """Everything there is and was sent; `papers` are the forms by id, `silent` communes send nothing."""

    seed: int
    province: str
    communes: tuple[str, ...]
    papers: Mapping[str, Paper]
    size: Size = field(default_factory=Size)
    silent: tuple[str, ...] = ()

    def commune(self, code: str) -> Commune:
        """What lies in a commune; nothing does in a silent one."""
        if code in self.silent:
            return Commune(code, self.province, (), (), (), border=False)
        dice = _dice(self.seed, "places", code)
        villages = tuple(
            Village(
                f"{code}-{number:03d}",
                _identity(dice),
                f"Bản {people.name(dice, '1').split()[-1]} {number}",
                max(2, round(dice.gauss(self.size.households, self.size.households / 5))),
            )
            for number in range(1, self.size.villages + 1)
        )
        centres = tuple(
            Centre(
                _identity(dice), f"Trung tâm HTCĐ {code} số {number}", dice.choices("1423", (80, 8, 8, 4))[0]
            )
            for number in range(1, dice.choice((1, 1, 2)) + 1)
        )
        several = tuple(_person(dice) for _ in range(dice.randint(3, 9)))
        return Commune(code, self.province, villages, centres, several, dice.random() < 0.3)

    def homes(self, code: str) -> Iterator[Home]:
        """Every visit to a household of a commune, in the order they were made; a few were visited twice."""
        commune = self.commune(code)
        for village in commune.villages:
            dice = _dice(self.seed, "homes", village.code)
            begins = datetime(YEAR, 7, 1, _MORNING, tzinfo=_HOME) + timedelta(days=dice.randint(0, 20))
            again = []
            for number in range(village.households):
                day, turn = divmod(number, _A_DAY)
                start = begins + timedelta(days=day, minutes=45 * turn)
                visit = Visit(
                    village.identity,
                    village.code,
                    code,
                    self.province,
                    f"phone-{village.code}",
                    start,
                    number,
                )
                home = people.household(dice, visit)
                yield home
                if home.met and dice.random() < 0.05:
                    again.append(home)
            for turn, home in enumerate(again):
                day, slot = divmod(turn, _A_DAY)
                later = begins + timedelta(days=90 + day, minutes=60 * slot)
                yield people.again(dice, home, later)

    def reports(self, code: str) -> Iterator[Report]:
        """Everything else a commune sends."""
        commune = self.commune(code)
        dice = _dice(self.seed, "reports", code)
        desk = _Desk(self, commune, dice)
        yield from desk.villages()
        for year in (YEAR - 1, YEAR):
            yield from desk.centres(year)
            yield from desk.activities(year)
        yield from desk.classes()
        yield from desk.models()
        yield from desk.trainings()
        yield from desk.annual()


def _dice(*seed: object) -> random.Random:
    return random.Random(" ".join(map(str, seed)))  # noqa: S311 - the same province every time


def _of_class(one: Drawn) -> Drawn:
    inside = one["l_in"] == "1"
    aged = inside and 15 <= int(one["l_age"]) <= 60
    return {"l_1560": str(int(aged)), "l_f": str(int(inside and one["l_sex"] == "2"))}


_ROLES = ("cbql", "gv", "bcv", "ng_nh", "tt_gl", "sv_tn", "ng_tn", "khac")
_TRAININGS = ("tr_mgmt_year", "tr_knl_year", "tr_digital_year", "tr_community_year")


def _person(dice: random.Random) -> Person:
    trained = {name: dice.randint(2022, YEAR) for name in _TRAININGS if dice.random() < 0.6}
    name = people.name(dice, dice.choice("12"))
    return Person(_identity(dice), name, dice.choice(_ROLES), dice.random() < 0.9, trained)


def _identity(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


class _Desk:
    """Draws the reports of one commune."""

    def __init__(self, province: Province, commune: Commune, dice: random.Random) -> None:
        self._papers, self._commune, self._dice = province.papers, commune, dice
        border = "1" if commune.border else "0"
        self._where = {"province": commune.province, "commune": commune.code, "zone_border": border}

    def _report(self, form_id: str, day: date, said: Drawn, place: str) -> Report:
        drawn = offices.draw(self._dice, self._papers[form_id], day, self._where | said)
        return Report(form_id, offices.instance(self._dice), place, day, drawn)

    def _later(self, report: Report, answers: Drawn, rows: Mapping[str, list[Drawn]] | None = None) -> Report:
        return Report(
            report.form_id, report.instance_id, report.place, report.day, answers, rows or report.rows
        )

    def villages(self) -> Iterator[Report]:
        """F02: once in August, and for one village in five a correction in November."""
        for village in self._commune.villages:
            days = [date(YEAR, 8, 20)] + [date(YEAR, 11, 12)] * (self._dice.random() < 0.2)
            for day in days:
                said = {
                    "village": village.identity,
                    "village_code": village.code,
                    "count_year": str(YEAR),
                    "ref_date": day.isoformat(),
                    "unchanged": "0",
                }
                report = self._report("f02_village_count", day, said, village.code)
                yield self._later(report, offices.village_count(self._dice, report.answers))

    def centres(self, year: int) -> Iterator[Report]:
        """F03 for both halves of a year and F10 in the first; one centre in ten sends nothing."""
        for centre in self._commune.centres:
            if self._dice.random() < 0.1:
                continue
            for half, day in (("h1", date(year, 5, 10)), ("y", date(year, 11, 15))):
                period = f"{year}-H1" if half == "h1" else str(year)
                said = {
                    "centre": centre.identity,
                    "rep_year": str(year),
                    "period": half,
                    "rep_period": period,
                    "status": centre.status,
                }
                report = self._report("f03_clc_profile", day, said, self._commune.code)
                yield self._later(report, offices.centre_profile(self._dice, report.answers))
            if self._dice.random() < 0.7:
                said = {
                    "centre": centre.identity,
                    "visit_date": f"{year}-05-20",
                    "rate_year": str(year),
                    "period": "h1",
                    "rep_period": f"{year}-H1",
                }
                yield self._report("f10_clc_rating", date(year, 5, 20), said, self._commune.code)

    def activities(self, year: int) -> Iterator[Report]:
        """F06: what the centres do through a year."""
        for centre in self._commune.centres:
            for _ in range(self._dice.randint(3, 9)):
                day = date(year, 1, 3) + timedelta(days=self._dice.randint(0, 300))
                village = self._dice.choice((None, *self._commune.villages))
                place = self._commune.code if village is None else village.code
                said = {"centre": centre.identity, "start_date": day.isoformat(), "place_code": place}
                if village is not None:
                    said |= {"village": village.identity, "village_code": village.code}
                yield self._report("f06_activity_log", day, said, place)

    def classes(self) -> Iterator[Report]:
        """F04 and F05: two terms of a class, some learners in both, and months of attendance."""
        dice = self._dice
        for village in self._commune.villages[::3]:
            first = [self._learner() for _ in range(dice.randint(6, 14))]
            second = [*dice.sample(first, len(first) // 2), self._learner()]
            identity = _identity(dice)
            for term, phase, month, learners in (("1", "1", 2, first), ("4", "2", 8, second)):
                day = date(YEAR, month, 5)
                yield self._class(village, identity, day, (term, phase), learners)
                for kind, later in (("thang", 1), ("ky", 2)):
                    stage = term, phase, kind
                    yield self._attendance(village, identity, (YEAR, month + later), stage, learners)

    def _learner(self) -> Drawn:
        age, sex = self._dice.randint(15, 66), self._dice.choice("12")
        return {
            "l_id": _identity(self._dice),
            "l_name": people.name(self._dice, sex),
            "l_sex": sex,
            "l_age": str(age),
            "l_birth_year": str(YEAR - age),
            "l_in": self._dice.choices("10", (95, 5))[0],
        }

    def _class(
        self, village: Village, identity: str, day: date, stage: tuple[str, str], learners: list[Drawn]
    ) -> Report:
        said = {
            "class_mode": "new" if stage[0] == "1" else "next",
            "class_id_eff": identity,
            "centre": self._commune.centres[0].identity,
            "village": village.identity,
            "village_code": village.code,
            "start_date": day.isoformat(),
            "term": stage[0],
            "phase": stage[1],
        }
        report = self._report("f04_class_open", day, said, village.code)
        rows = [one | _of_class(one) for one in learners]
        answers = offices.class_opening(self._dice, report.answers, rows)
        return self._later(report, answers, {"learner": rows})

    def _attendance(
        self,
        village: Village,
        identity: str,
        month: tuple[int, int],
        stage: tuple[str, str, str],
        learners: list[Drawn],
    ) -> Report:
        dice = self._dice
        day = date(*month, 1)
        rows = []
        for one in learners:
            passed = dice.choice("01")
            rows.append({
                "l_id": one["l_id"],
                "l_sex": one["l_sex"],
                "days": (days := str(dice.randint(0, 20))),
                "l_days": days,
                "l_active": dice.choices("10", (80, 20))[0],
                "l_pass": passed,
                "l_p1": passed if stage[1] == "1" else "0",
                "l_p2": passed if stage[1] == "2" else "0",
            })
        said = {
            "class": identity,
            "report_kind": stage[2],
            "rep_month": day.isoformat(),
            "rep_ym": f"{day:%Y-%m}",
            "held": "20",
            "cls_phase": stage[1],
            "cls_term": stage[0],
            "cls_centre": self._commune.centres[0].identity,
            "cls_village_code": village.code,
            "place": village.code,
        }
        report = self._report("f05_class_report", day, said, village.code)
        return self._later(report, offices.class_report(report.answers, rows), {"att": rows})

    def models(self) -> Iterator[Report]:
        """F07: each village, the commune, and one unit."""
        day = date(YEAR, 11, 3)
        for village in self._commune.villages:
            said = {
                "level": "thon",
                "village": village.identity,
                "village_code": village.code,
                "place_code": village.code,
                "year": str(YEAR),
            }
            yield self._report("f07_learning_models", day, said, village.code)
        for level in ("xa", "donvi"):
            said = {"level": level, "place_code": self._commune.code, "year": str(YEAR)}
            yield self._report("f07_learning_models", day, said, self._commune.code)

    def trainings(self) -> Iterator[Report]:
        """F08: one course, with the people who came."""
        dice = self._dice
        day = date(YEAR, 4, 1) + timedelta(days=dice.randint(0, 90))
        report = self._report(
            "f08_training_register",
            day,
            {"start_date": day.isoformat(), "place_code": self._commune.code},
            self._commune.code,
        )
        topics = set(report.answers.get("topics", "").split())
        year = str(day.year)
        taught = {
            "p_mgmt": {"qly", "knl"},
            "p_knl": {"knl"},
            "p_dig": {"hls"},
            "p_com": {"ptgdcd"},
            "p_xmc": {"ppxmc"},
            "p_adult": {"ppnl"},
            "p_heads": {"gllb"},
        }
        rows = []
        for _ in range(dice.randint(4, 12)):
            done = dice.choices("10", (85, 15))[0]
            row = {
                "p_id": _identity(dice),
                "p_sex": dice.choice("12"),
                "p_role": dice.choice(self._papers["f08_training_register"].questions["p_role"].choices),
                "p_active": dice.choices("10", (90, 10))[0],
                "p_done": done,
                "p_commune": self._commune.code,
                "p_commune_code": self._commune.code,
                "p_ok": done,
            }
            row |= {name: year for name, of in taught.items() if done == "1" and of & topics}
            rows.append(row)
        answers = report.answers | {"yr": year, "n_ok": str(sum(one["p_ok"] == "1" for one in rows))}
        yield self._later(report, answers, {"trainee": rows})

    def annual(self) -> Iterator[Report]:
        """F09: the commune's own report; one in eight is late for good."""
        if self._dice.random() < 0.125:
            return
        day = date(YEAR, 11, 18)
        said = {"rep_year": str(YEAR), "period": "y", "rep_period": str(YEAR), "is_final": "1"}
        yield self._report("f09_commune_annual", day, said, self._commune.code)


def received(day: date) -> datetime:
    """When the server got what was sent on a day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def listed(person: Person) -> dict[str, str]:
    """What the list of people says of one."""
    years = {name: str(year) for name, year in person.trained.items()}
    return {"role": person.role, "active": "1" if person.active else "0", **years}
