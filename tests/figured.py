"""A small survey whose figures are all kinds there are, and what the cells of a server say."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select

from collector.actions import programme
from collector.actions.figures import Figures
from collector.actions.publish import Definition
from storage.database import db, transaction
from storage.models import FigureMark, IndicatorCell
from tests.asked import answered
from tests.collector.openrosa.lists import Register, map_planted, register
from tests.collector.openrosa.sending import Volunteer
from tests.office import NOW, Office

VISITS = """
| survey |
| | type | name | label | unit |
| | text | place | Thôn | place |
| | date | day | Ngày | date |
| | text | hh | Hộ | household |
| | decimal | paid | Tiền | |
| | begin repeat | member | Người | |
| | select_one sex | sex | Giới | |
| | integer | age | Tuổi | |
| | text | person | Mã | |
| | end repeat | | | |
| choices |
| | list_name | name | label |
| | sex | 1 | Nam |
| | sex | 2 | Nữ |
| settings |
| | form_id | version |
| | f01_hh_survey | 1 |
"""

FIGURES: Sequence[Mapping[str, str]] = (
    {
        "code": "people",
        "table": "f01_hh_survey/member",
        "numerator": "true()",
        "periods": "year quarter",
        "disaggregate": "sex age(..14 15..25 26..) @border",
    },
    {
        "code": "women_share",
        "table": "f01_hh_survey/member",
        "where": "${age} >= 15",
        "numerator": "${sex} = '2'",
        "denominator": "true()",
        "periods": "year",
        "disaggregate": "sex @border",
        "unit": "%",
    },
    {"code": "money", "table": "f01_hh_survey", "numerator": "${paid}", "periods": "year month"},
    {
        "code": "households",
        "table": "f01_hh_survey",
        "numerator": "true()",
        "latest_by": "${hh}",
        "periods": "year",
    },
    {
        "code": "illiterate",
        "table": "f01_hh_survey/member",
        "numerator": "${age} >= 60",
        "latest_by": "${hh}",
        "denominator": "true()",
        "periods": "year school_year",
        "disaggregate": "sex",
        "unit": "%",
    },
    {
        "code": "persons",
        "table": "f01_hh_survey/member",
        "numerator": "true()",
        "distinct": "${person}",
        "periods": "year",
        "disaggregate": "sex @border",
    },
    {
        "code": "growth",
        "table": "f01_hh_survey",
        "numerator": "${paid}",
        "base": "1 year",
        "periods": "year",
        "unit": "%",
    },
    {
        "code": "per_centre",
        "table": "f01_hh_survey",
        "numerator": "true()",
        "denominator": "${open} = '1'",
        "denominator_table": "entities/centres",
        "periods": "year",
        "disaggregate": "@border",
    },
    {"code": "communes", "table": "places/commune", "numerator": "true()", "periods": "year"},
    {
        "code": "border_communes",
        "table": "places/commune",
        "where": "${border} = '1'",
        "numerator": "true()",
        "periods": "year",
    },
    {"code": "men", "table": "figures", "numerator": "${people} - ${women}", "periods": "year"},
    {"code": "women", "table": "f01_hh_survey/member", "numerator": "${sex} = '2'", "periods": "year"},
)


TARGETS: Sequence[Mapping[str, str]] = (
    {
        "indicator": "women_share",
        "plan": "kế hoạch",
        "area": "08",
        "where": "${border} = '1'",
        "period": "2026",
        "deadline": "2026-12-31",
        "comparison": "at_least",
        "value": "60",
        "binding": "required",
        "source": "KH 1",
    },
    {
        "indicator": "people",
        "plan": "kế hoạch",
        "area": "08",
        "period": "2026",
        "deadline": "2026-12-31",
        "comparison": "at_least",
        "value": "10",
        "binding": "required",
        "source": "KH 1",
    },
)


def sheet(rows: Sequence[Mapping[str, str]], name: str = "indicators") -> str:
    """A sheet of a programme in markdown; every row has its code for a label."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    if "code" not in columns:
        lines = [f"| {name} |", f"| | {' | '.join(columns)} |"]
        lines.extend(f"| | {' | '.join(row.get(one, '') for one in columns)} |" for row in rows)
        return "\n".join(lines) + "\n"
    lines = [f"| {name} |", f"| | label::vi | {' | '.join(columns)} |"]
    lines.extend(
        f"| | {row.get('code', '')} | {' | '.join(row.get(one, '') for one in columns)} |" for row in rows
    )
    return "\n".join(lines) + "\n"


@dataclass
class Visit:
    """A record as it is sent: the last instance id it went under, and the first."""

    place: str
    day: str
    hh: str
    paid: float
    members: Sequence[tuple[str, int, str]]
    instance_id: str = ""
    first_id: str = ""
    deleted: bool = False


@dataclass
class Survey:
    """An office with the survey, its programme and one phone."""

    office: Office
    figures: Figures = field(init=False)
    now: datetime = NOW

    def __post_init__(self) -> None:
        """Publish it."""
        map_planted(self.office)
        self.centres: Register = register(self.office, "centres", "commune_code", "open")
        self.form = self.office.publish(VISITS)
        self.programme(sheet(FIGURES) + sheet(TARGETS, "targets"))
        self.volunteer = Volunteer(self.office, form=self.form)
        self.figures = Figures(lambda: self.now)

    def programme(self, text: str) -> None:
        """Put these definitions in force."""
        definition = Definition(text.encode(), "programme.md")
        extras = programme.read_programme(definition)
        assert extras is not None
        with self.office.app.app_context(), transaction() as session:
            programme.publish_programme(
                session, 1, definition, extras, author=self.office.author, blobs=self.office.parts.blobs
            )

    def send(self, visit: Visit) -> Visit:
        """A new record, or an edit of one that was sent."""
        before, visit.instance_id = visit.instance_id, f"uuid:{uuid.uuid4()}"
        visit.first_id = visit.first_id or visit.instance_id
        members = "".join(
            f"<member><sex>{sex}</sex><age>{age}</age><person>{person}</person></member>"
            for sex, age, person in visit.members
        )
        xml = answered(
            "f01_hh_survey",
            "1",
            f"<place>{visit.place}</place><day>{visit.day}</day><hh>{visit.hh}</hh>"
            f"<paid>{visit.paid}</paid>{members}",
            instance_id=visit.instance_id,
            replaces=before or None,
        )
        assert self.volunteer.post(xml).status_code == 201
        return visit

    def refresh(self) -> int:
        """What the worker does."""
        with self.office.app.app_context():
            return self.figures.look(NOW)

    def rebuild(self) -> int:
        """Everything again, by somebody who remembers nothing; how many cells that changed."""
        with self.office.app.app_context():
            return Figures(lambda: self.now).everything()

    def cells(self) -> dict[tuple[str, str, str, str], tuple[float, float | None, float | None]]:
        """Code, period, place and split to numerator, denominator and value."""
        with self.office.app.app_context():
            several = db.session.scalars(select(IndicatorCell)).all()
            found = {
                (one.code, one.period, one.place_code, one.split): (one.numerator, one.denominator, one.value)
                for one in several
            }
            db.session.remove()
        return found

    def marks(self) -> list[tuple[str, str | None]]:
        """The open marks: source and place."""
        with self.office.app.app_context():
            found = [(one.source, one.place_code) for one in db.session.scalars(select(FigureMark))]
            db.session.remove()
        return found


LATER = datetime(2027, 12, 3, 2, 0, tzinfo=UTC)
