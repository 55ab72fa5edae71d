"""The life of a finding: found, mended by an edit, found again, accepted; and checks of a survey's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from collector.actions.check import check_form, check_new
from collector.actions.incoming import Address, Delivery, Sender
from collector.actions.programme import publish_programme, read_programme
from collector.actions.publish import Definition
from forms.checks.found import Found
from forms.problems import FormRefused
from storage.database import transaction
from storage.findings import reporting
from storage.findings.reporting import report
from storage.findings.thresholds import thresholds
from storage.models import Finding, Form, Submission
from storage.projection.rebuild import Rebuild
from tests.kept import looking, record
from tests.office import NOW, Office

LATER = NOW + timedelta(days=1)

FORM = """
| settings |
|          | form_id | version |
|          | family  | {version} |
| survey   |
|          | type         | name   | label |
|          | text         | head   | Head  |
|          | integer      | born   | Born  |
|          | begin repeat | member | Member |
|          | integer      | age    | Age   |
|          | integer      | grade  | Grade |
|          | end repeat   |        |       |
| checks   |
|          | code | severity | table | constraint | message::English (en) |
{checks}
"""
GRADE = (
    "|          | grade_age | error | member | ${grade} <= ${age} - 5 or ${grade} = '' | Grade ${grade}? |"
)
BORN = "|          | born_late |       |        | ${born} <= 2026 or ${born} = ''        | Born ${born}? |"


class Survey:
    """A form of families, and what is odd in its records."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.publish("1", GRADE, BORN)

    def publish(self, version: str, *checks: str) -> None:
        self.form: Form = self.office.publish(FORM.format(version=version, checks="\n".join(checks)))

    def send(self, name: str, *people: tuple[int, int], born: int | str = 1980, instead: str = "") -> None:
        members = "".join(f"<member><age>{age}</age><grade>{grade}</grade></member>" for age, grade in people)
        before = f"<deprecatedID>{instead}</deprecatedID>" if instead else ""
        xml = (
            f'<family id="family" version="1"><head>H</head><born>{born}</born>{members}'
            f"<meta><instanceID>{name}</instanceID>{before}</meta></family>"
        )
        with self.office.app.app_context():
            delivery = Delivery(xml.encode(), {}, Sender(), NOW)
            self.office.parts.intake.receive(delivery, Address((1,)))

    def odd(self, *, but: Sequence[str] = ("place_missing",)) -> list[tuple[str, str, str]]:
        """Check, state and value, in the order found."""
        with looking(self.office) as session:
            rows = session.scalars(select(Finding).where(Finding.check.not_in(but)).order_by(Finding.id))
            return [(one.check, one.state, one.value) for one in rows]

    def judge(self, check: str, state: str) -> None:
        with self.office.app.app_context(), transaction() as session:
            session.execute(update(Finding).where(Finding.check == check).values(state=state, reason="Đúng"))

    def number(self, name: str) -> int:
        return record(self.office, name).id


@pytest.fixture
def survey(office: Office) -> Survey:
    return Survey(office)


def test_an_edit_that_mends_it_closes_it_and_a_worse_one_opens_it_again(survey: Survey) -> None:
    survey.send("uuid:a", born="mười")
    assert survey.odd() == [("value_unreadable", "open", "mười")]
    survey.send("uuid:b", born=1990, instead="uuid:a")
    assert survey.odd() == [("value_unreadable", "fixed", "mười")]
    survey.send("uuid:c", born="mười", instead="uuid:b")
    assert survey.odd() == [("value_unreadable", "open", "mười")]


@pytest.mark.parametrize("state", ["accepted", "rejected"])
def test_what_was_accepted_or_rejected_never_comes_back(survey: Survey, state: str) -> None:
    survey.send("uuid:a", (9, 7), born="mười")
    for check in ("value_unreadable", "grade_age"):
        survey.judge(check, state)
    known = [("value_unreadable", state, "mười"), ("grade_age", state, "7")]
    survey.send("uuid:b", (9, 7), (30, 5), born="mười", instead="uuid:a")
    assert survey.odd() == known
    with survey.office.app.app_context():
        Rebuild(survey.form.id, survey.office.parts.blobs).run()
        check_form(1, "family", LATER, lambda _done, _all: None)
    assert survey.odd() == known


def test_another_answer_is_looked_at_anew(survey: Survey) -> None:
    survey.send("uuid:a", (9, 7))
    survey.judge("grade_age", "accepted")
    survey.send("uuid:b", (9, 8), instead="uuid:a")
    assert survey.odd() == [("grade_age", "accepted", "7"), ("grade_age", "open", "8")]


def test_a_finding_says_where_it_is_and_what_was_answered(survey: Survey) -> None:
    survey.send("uuid:a", (30, 5), (9, 7), born=2030)
    with looking(survey.office) as session:
        rows = session.scalars(
            select(Finding).where(Finding.check != "place_missing").order_by(Finding.check)
        ).all()
        [born, grade] = rows
        assert (born.path, born.key, born.value, born.severity) == ("/born", "uuid:a", "2030", "warning")
        assert (grade.path, grade.key, grade.severity) == ("/member/grade", "uuid:a/member[2]", "error")
        assert grade.details == {"grade": "7", "age": "9"}
        assert (grade.project_id, grade.form_id, grade.others) == (1, survey.form.id, [])


def test_checks_never_keep_a_record_out_and_are_made_later(survey: Survey) -> None:
    shelf = survey.office.parts.shelf
    with survey.office.app.app_context():
        kept = shelf.get(survey.form.current_id or 0, draft=False, generation=survey.form.generation)
        assert kept.checks is not None
        kept.checks.__dict__["_question"] = reporting.log  # nothing that can be asked
        assert check_new(NOW) == 0
    survey.send("uuid:a", (9, 7))
    assert survey.odd() == []
    with survey.office.app.app_context():
        assert check_new(LATER) == 1
    assert survey.odd() == [("grade_age", "open", "7")]


def test_new_checks_look_at_old_records_and_old_ones_go_with_their_findings(survey: Survey) -> None:
    survey.publish("2", BORN)
    survey.send("uuid:a", (9, 7), born=2030)
    survey.send("uuid:b", (20, 7), born=2031)
    assert survey.odd() == [("born_late", "open", "2030"), ("born_late", "open", "2031")]
    survey.publish("3", GRADE)
    with survey.office.app.app_context():
        assert check_new(LATER) == 3
        assert check_new(LATER) == 0
    assert survey.odd() == [
        ("born_late", "fixed", "2030"),
        ("born_late", "fixed", "2031"),
        ("grade_age", "open", "7"),
    ]


WRONG_CHECKS = (
    ("| | a | | | ${bron} < 3 | m |", "row 2, column constraint"),
    ("| | a | | | ${head} + 'x' < 3 | m |", "row 2, column constraint"),
    ("| | a | | | ${born} | m |", "row 2, column constraint: This is no condition"),
    ("| | a | | | 1 < 2 | m |", "row 2, column constraint: The constraint names no question"),
    ("| | a | grave | | ${born} < 3 | m |", "row 2, column severity: “grave” is no severity"),
    ("| | a | | pets | ${born} < 3 | m |", "row 2, column table: The form has no repeat named pets"),
    ("| | a | | | ${born} < 3 | |", "row 2, column message: The check has no message"),
    ("| | a | | | ${born} < 3 | ${bron}? |", "row 2, column message::English"),
    ("| | a b | | | ${born} < 3 | m |", "row 2, column code: “a b” is no code"),
    ("| | a | | | ${born} < 3 | m |\n| | a | | | ${born} < 4 | m |", "row 3, column code: The code a is"),
    ("| | a | | | | m |", "row 2, column constraint: Nothing says what holds"),
)


def test_a_wrong_check_is_refused_where_it_stands_and_the_old_ones_go_on(survey: Survey) -> None:
    for row, said in WRONG_CHECKS:
        with pytest.raises(FormRefused) as refused:
            survey.publish("2", row)
        assert any(said in str(remark) for remark in refused.value.remarks), refused.value.remarks
    survey.send("uuid:a", (9, 7))
    assert survey.odd() == [("grade_age", "open", "7")]


# What is reported of many records -------------------------------------------------------------------


def told(survey: Survey, *found: Found, within: Sequence[int] | None = None) -> tuple[int, int, int]:
    with survey.office.app.app_context():
        done = report(1, ("place_unknown",), found, LATER, within=within)
    return done.new, done.reopened, done.fixed


def test_a_report_opens_keeps_fixes_and_opens_again(survey: Survey) -> None:
    for name in ("uuid:a", "uuid:b", "uuid:c"):
        survey.send(name)
    a, b, c = (survey.number(name) for name in ("uuid:a", "uuid:b", "uuid:c"))
    pair, alone = Found("place_unknown", (a, b), value="90 %"), Found("place_unknown", (c,), value="x")
    assert told(survey, pair, alone, alone) == (2, 0, 0)
    assert told(survey, pair, alone) == (0, 0, 0)
    assert told(survey, Found("place_unknown", (b, a), value="91 %")) == (0, 0, 1)
    assert survey.odd() == [("place_unknown", "open", "91 %"), ("place_unknown", "fixed", "x")]
    assert told(survey, pair, alone) == (0, 1, 0)
    survey.judge("place_unknown", "accepted")
    assert told(survey) == (0, 0, 0)
    assert told(survey, pair) == (0, 0, 0)
    assert survey.odd() == [("place_unknown", "accepted", "90 %"), ("place_unknown", "accepted", "x")]


def test_a_report_of_some_records_closes_nothing_of_others(survey: Survey) -> None:
    for name in ("uuid:a", "uuid:b"):
        survey.send(name)
    a, b = survey.number("uuid:a"), survey.number("uuid:b")
    village = Found("place_unknown", subject="village:1", place_code="1", form="family")
    assert told(survey, Found("place_unknown", (a,)), Found("place_unknown", (b,)), village) == (3, 0, 0)
    assert told(survey, within=[a]) == (0, 0, 1)
    assert [state for _check, state, _value in survey.odd()] == ["fixed", "open", "open"]
    with looking(survey.office) as session:
        held = session.scalars(select(Finding).where(Finding.subject == "village:1")).one()
        assert (held.form_id, held.place_code, held.submission_id) == (survey.form.id, "1", None)


def test_a_check_that_finds_everything_is_cut_off_and_closes_nothing(
    survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "MOST_OF_A_CHECK", 2)
    assert told(survey, *(Found("place_unknown", subject=f"village:{one}") for one in range(2))) == (2, 0, 0)
    assert told(survey, *(Found("place_unknown", subject=f"village:{one}") for one in range(9, 4, -1))) == (
        2,
        0,
        0,
    )


def test_a_finding_goes_where_its_record_goes(survey: Survey) -> None:
    survey.send("uuid:a", born="mười")
    number = survey.number("uuid:a")
    with survey.office.app.app_context(), transaction() as session:
        session.execute(update(Submission).where(Submission.id == number).values(place_code="1"))
        session.execute(update(Finding).values(place_code="1"))
    survey.send("uuid:b", born="mười", instead="uuid:a")
    with looking(survey.office) as session:
        assert set(session.scalars(select(Finding.place_code))) == {None}


# The numbers of checks ------------------------------------------------------------------------------

PROGRAMME = """
| indicators |
|            | code |
| thresholds |
|            | code | name | value | form |
|            | place_missing | on | {value} | |
|            | place_missing | on | 1 | family |
"""


def test_a_programme_sets_the_numbers_of_checks_and_a_survey_its_own(survey: Survey) -> None:
    def told() -> list[bool]:
        with looking(survey.office) as session:
            numbers = thresholds(session, 1)
            return [numbers.on("place_missing", form) for form in ("family", "other")]

    assert told() == [True, True]
    programme(survey, PROGRAMME.format(value="0"))
    assert told() == [True, False]
    with pytest.raises(FormRefused, match="row 2, column value"):
        programme(survey, PROGRAMME.format(value="2"))
    assert told() == [True, False]
    own = "| thresholds |\n| | code | name | value |\n| | place_missing | on | 0 |"
    survey.publish("2", GRADE, own)
    assert told() == [False, False]
    with pytest.raises(FormRefused, match="sets the numbers of its own records only"):
        survey.publish("3", GRADE, own.replace("value |", "value | form |").replace("0 |", "0 | other |"))


def programme(survey: Survey, text: str) -> None:
    """Put a programme in force."""
    office, definition = survey.office, Definition(text.encode(), "programme.md")
    extras = read_programme(definition)
    assert extras is not None
    with office.app.app_context(), transaction() as session:
        publish_programme(session, 1, definition, extras, author=office.author, blobs=office.parts.blobs)
