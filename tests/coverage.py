"""Write docs/coverage.md: what serves each indicator, deadline, system and actor of the plans.

Indicators come from `xlsforms/programme/feeds.csv` and the programme's workbook, deadlines from its
`calendar.csv`; systems and actors, with what they are owed, from `tests/contracts/domain.csv`, gathered
from the five documents the workbook's `source` column names. `make coverage-page` runs this.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from forms.spreadsheet import Workbook, read_workbook

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "coverage.md"
VI = "Tiếng Việt (vi)"

_PROVINCES = {
    "*": "mọi tỉnh", "08": "08 Tuyên Quang", "11": "11 Điện Biên", "12": "12 Lai Châu", "38": "38 Thanh Hóa",
}  # fmt: skip

_HEAD = """\
# What serves whom · Đáp ứng đến đâu

The 95 indicators, 23 deadlines, 35 systems and 37 actors that the five documents name, each with the
form, question, figure, page, command or file that serves it. What is not served says **not yet**, and
what would serve it. `make coverage-page` writes this page from `xlsforms/programme/` and
`tests/contracts/domain.csv`; a test holds every name in it to the code.

*Mỗi chỉ tiêu, hạn báo cáo, hệ thống và chủ thể trong năm văn bản một dòng: phiếu, câu hỏi, chỉ tiêu,
trang, lệnh hoặc tệp đáp ứng. Chỗ nào chưa có thì ghi “not yet” và cần thêm gì.*

How to read it: `f03_clc_profile: books readers` are two questions of a form;
`clc_with_library_bookcase` is a figure of the programme's workbook, on the page `/indicators`;
`/lists/centres/table.csv` an address of the server, opened by who may see it; `reviewer` a role.
"""

_INDICATORS = """
## Indicators · Chỉ tiêu

Each is a row of `xlsforms/programme/programme.xlsx` with its meaning, clause and targets, listed at
`/indicators` and at `/api/indicators`, worked out again by `collector refresh`. *Targets*: the plans
that name a target or duty (TH Thanh Hóa, LC Lai Châu, MOET the Ministry, BQ former Bắc Quang, DB former
huyện Điện Biên).
"""

_DEADLINES = """
## Deadlines · Hạn báo cáo

`collector campaigns load` makes a reporting round of each that names a day; `/campaigns` and
`/api/projects/1/campaigns` say who has sent, who is late and who is missing. `/reports` has the report of
each that asks for one, as Word and PDF.
"""

_SYSTEMS = """
## Systems · Hệ thống, công cụ, bộ tiêu chí

None of them is connected: we hand out files and figures, and people of the unit enter them.
"""

_ACTORS = """
## Actors · Chủ thể

A phone of `/phones` fills in the forms it was given in the places it was given; a role is given by
`collector user create` for the whole project or, with `--place`, for some places.
"""

_ROUND = "a round"
_NO_ROUND = "**not yet** a round: the document names no day; one made by hand at `/campaigns/new` serves it"

Line = Mapping[str, str]


def lines(path: str) -> list[Line]:
    """The lines of a CSV file of the repository."""
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def book(name: str) -> Workbook:
    """The sheets of a shipped workbook, from the text beside it, which a test holds to it."""
    path = ROOT / "xlsforms" / name / f"{name}.md"
    return read_workbook(path.read_bytes(), path.name)


def page() -> str:
    """The whole page."""
    return "".join((
        _HEAD,
        _INDICATORS, _table(("", "chỉ tiêu", "code", "forms and questions", "targets"), _indicators()),
        _DEADLINES, _table(("", "hạn", "id", "province", "forms", "last day", "now"), _deadlines()),
        _SYSTEMS, _table(("", "hệ thống", "id", "what we owe it", "now"), _contracts("system")),
        _ACTORS, _table(("", "chủ thể", "id", "what it does here", "now"), _contracts("actor")),
    ))  # fmt: skip


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = [(str(number), *(cell.replace("|", "\\|") for cell in row)) for number, row in enumerate(rows, 1)]
    told = [f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *body)]
    return "\n" + "".join(told)


def _indicators() -> Iterable[Sequence[str]]:
    names = {row["code"]: row[f"label::{VI}"] for row in reversed(book("programme").rows("indicators"))}
    plans = [(row["indicator"], row["plan"]) for row in book("programme").rows("targets")]
    feeds = lines("xlsforms/programme/feeds.csv")
    for key in dict.fromkeys(line["indicator"] for line in feeds):
        fed = "; ".join(_fed(line) for line in feeds if line["indicator"] == key)
        aimed = dict.fromkeys(plan for code, plan in plans if code == key)
        yield names[key], f"`{key}`", fed, " ".join(aimed) or "–"


def _fed(line: Line) -> str:
    if line["form"] == "-":
        return f"not yet: {line['note']}"
    return f"`{line['form']}: {line['questions']}`"


def _deadlines() -> Iterable[Sequence[str]]:
    for line in lines("xlsforms/programme/calendar.csv"):
        if line["kind"] != "proposal":
            forms = " ".join(f"`{form}`" for form in line["forms"].split())
            note = f". {line['note_vi']}" if line["note_vi"] else ""
            title, place = line["title_vi"], _PROVINCES[line["province"]]
            served = _ROUND if line["due"] else _NO_ROUND
            papers = " ".join(f"`/reports/{one}`" for one in _reports_of(line["id"]))
            served += f", with {papers}" if papers else ""
            yield title, f"`{line['id']}`", place, forms, line["due"] or "–", served + note


def _reports_of(deadline: str) -> Iterable[str]:
    return (row["id"] for row in lines("xlsforms/programme/reports.csv") if row["due"] == deadline)


def _contracts(kind: str) -> Iterable[Sequence[str]]:
    for line in lines("tests/contracts/domain.csv"):
        if line["kind"] == kind:
            waits = f". **Not yet**: {line['waits']}" if line["waits"] else ""
            yield line["title_vi"], f"`{line['id']}`", line["owed"], line["now"] + waits


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
