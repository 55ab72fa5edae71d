"""What registers and reports do to the lists of the server, from the phone to the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from collector.actions.prefill import prefill
from forms.entities import Change
from storage.database import db, transaction
from storage.entities import lists, reading
from storage.entities.writing import Changes, Source
from storage.models import Submission
from tests.collector.test_prefill import COUNT, NOVEMBER, count
from tests.javarosa.engine import Engine, Filled, Wish
from tests.office import NOW, Office
from tests.phone import Phone, in_process
from tests.tree import HERE as COMMUNE
from tests.tree import HERE_VILLAGE, OTHER_VILLAGE, PROVINCE, plant
from tests.xlsforms.filling import CENTRE, HERE, TEACHER, opened, said
from tests.xlsforms.surveys import book

pytestmark = pytest.mark.java


Answers = Mapping[str, Wish | Sequence[Wish]]


def sent(office: Office, engine: Engine, form_id: str, answers: Answers) -> Filled:
    """A survey filled and sent, as a phone does it."""
    phone = Phone("http://server" + office.phone().path, session=in_process(office.app))
    filled = opened(engine, form_id).fill(3, answers={**HERE, **answers})
    phone.send(filled.xml, filled.attachments(), title=form_id)
    return filled


def published(office: Office, form_id: str) -> None:
    """The survey and the map of its place on the server."""
    office.publish(book(form_id).read_bytes(), filename=f"{form_id}.xlsx")
    with office.app.app_context(), transaction() as session:
        plant(session)


def member(office: Office, name: str, number: str, label: str, values: dict[str, str]) -> None:
    """Somebody who is on a list already."""
    with office.app.app_context(), transaction() as session:
        where = lists.list_by_name(session, 1, name)
        lists.ensure_properties(session, where, values, now=NOW)
        changes = Changes(session, Source(office.admin_id, NOW))
        changes.create(where, Change(number, label, values))
        changes.finish()


def on_list(office: Office, name: str) -> dict[str, reading.Row]:
    """The members of a list by label."""
    with office.app.app_context():
        session = db.session()
        return {one.label: one for one in reading.rows(session, lists.list_by_name(session, 1, name).id)}


def test_trainees_come_onto_the_list_of_people(office: Office, engine: Engine) -> None:
    published(office, "f08_training_register")
    member(
        office,
        "people",
        TEACHER,
        "Hoàng Văn Nam – Xã Lũng Cú",
        {"commune_code": "00715", "birth_year": "1979", "tr_digital_year": "2025", "tr_mgmt_year": "2024"},
    )
    filled = sent(
        office,
        engine,
        "f08_training_register",
        {
            "trainees_n": 2,
            "p_commune": ["00715", "00715"],
            "p_ref": [TEACHER, None],
            "p_name_new": "Vàng Thị Mỷ",
            "p_done": "1",
            "topics": "knl",
            "start_date": "2026-10-02",
        },
    )
    people = on_list(office, "people")
    known, new = people["Hoàng Văn Nam – Xã Lũng Cú"], people["Vàng Thị Mỷ – Xã Lũng Cú"]
    assert known.version == 2
    assert (known.data["tr_mgmt_year"], known.data["tr_knl_year"]) == ("2026", "2026")
    # Neither what the form did not ask nor what the training was not about has gone.
    assert (known.data["birth_year"], known.data["tr_digital_year"]) == ("1979", "2025")
    assert (new.uuid, new.data["full_name"]) == (said(filled, "p_id")[1], "Vàng Thị Mỷ")
    assert new.place_code == "00715"


def test_a_rating_is_written_to_its_centre(office: Office, engine: Engine) -> None:
    published(office, "f10_clc_rating")
    member(office, "centres", CENTRE, "TTHTCĐ Lũng Cú", {"commune_code": "00715", "office": "rieng"})
    answers: Answers = {"inspect_kind": "danhgia", "period": "h2", "crit_set": "DB1427", "final_rate": "kha"}
    sent(office, engine, "f10_clc_rating", answers)
    centre = on_list(office, "centres")["TTHTCĐ Lũng Cú"]
    assert (centre.data["official_rate"], centre.data["office"]) == ("kha", "rieng")
    sent(office, engine, "f10_clc_rating", {"inspect_kind": "ktra"})
    assert on_list(office, "centres")["TTHTCĐ Lũng Cú"].version == centre.version


def test_an_official_report_enters_the_list_of_reports_and_counts_for_its_commune(
    office: Office, engine: Engine
) -> None:
    published(office, "f09_commune_annual")
    report: Answers = {"rep_year": "2025", "period": "y", "pop_t": 400, "pop15p_t": 300, "pop1560_t": 260}
    sent(office, engine, "f09_commune_annual", {**report, "is_final": "0"})
    assert on_list(office, "commune_reports") == {}
    sent(office, engine, "f09_commune_annual", {**report, "is_final": "1"})
    (made,) = on_list(office, "commune_reports").values()
    assert (made.label, made.data) == ("Xã Lũng Cú – 2025", {"commune_code": "00715", "report_year": "2025"})
    with office.app.app_context():
        told = {one.place_code for one in db.session().query(Submission)}
    assert told == {"00715"}


def test_what_the_villages_counted_stands_in_the_report_on_the_phone(office: Office, engine: Engine) -> None:
    office.publish(COUNT)
    published(office, "f09_commune_annual")
    with office.app.app_context():
        count(office, HERE_VILLAGE, 40, 25)
        count(office, OTHER_VILLAGE, 20, 10)
        assert prefill(now=NOVEMBER) == 2
    report = Phone("http://server" + office.phone().path, session=in_process(office.app)).sync()[
        "f09_commune_annual"
    ]
    form = engine.load(report.xml, {name: data for name, data in report.media.items() if data})
    year: Answers = {"province": PROVINCE, "commune": COMMUNE, "rep_year": "2026", "period": "y"}
    people: Answers = {"pop_t": 400, "pop15p_t": 300, "pop1560_t": 260}
    confirmed: Answers = {"il1_t": 60, "il1_f": 35, "vil_n": 2, "vil_f02": 2}
    filled = form.fill(3, answers={**year, **people, **confirmed})
    assert said(filled, "fig_as_of") == ["2026-11-11"]
    assert [said(filled, f"s_{name}") for name in confirmed] == [["60"], ["35"], ["2"], ["2"]]
