"""The rules that are rows of the shipped surveys: each fires on a planted answer, is silent at its limit."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import pytest
from sqlalchemy import delete, select

from storage.database import db, transaction
from storage.models import Finding
from tests.asked import answered
from tests.collector.openrosa.sheets import SERVER
from tests.office import Office
from tests.phone import Phone, in_process
from tests.xlsforms.surveys import workbook

Answers = Mapping[str, object]

_PERSON = (
    "m_name m_relation m_birth_year m_age m_school m_grade_done m_credential m_xmc_done m_xmc_year m_vn "
    "t_read t_write"
)
FORMS: Mapping[str, tuple[str, str]] = {
    "f01_hh_survey": (
        "visit_result consent head_name head_birth_year members_n hh_poverty fam_registered",
        _PERSON,
    ),
    "f02_village_count": ("count_kind basis signed_paper d_prev prev_il1 il1_t diff_prev_why", ""),
    "f03_clc_profile": ("staff_added gv_sec_t has_network v_total signed_paper", ""),
    "f04_class_open": ("with_bdbp zone_border", ""),
    "f09_commune_annual": (
        "is_final signed_paper signed_file mob1_t il1_base mob2_t ph1done_base pcgd_match pcgd_diff",
        "",
    ),
}
"""What the rows ask of: the root, and the members of a household."""

NUMBERS = frozenset({
    "head_birth_year", "members_n", "m_birth_year", "m_grade_done", "m_xmc_year", "gv_sec_t", "mob1_t",
    "il1_base", "mob2_t", "ph1done_base",
})  # fmt: skip
GOOD: Answers = {"m_name": "Lò An", "m_relation": "1", "m_birth_year": 1980, "m_age": 46, "m_school": "3"}

MEMBERS: Sequence[tuple[str, Answers, Answers]] = (
    ("Q01", {"m_birth_year": 1920, "m_age": 106}, {"m_birth_year": 1921, "m_age": 105}),
    ("Q01", {"m_birth_year": 1899, "m_age": 127}, {"m_birth_year": "", "m_age": ""}),
    ("Q02", {"m_age": 14}, {"m_age": 15}),
    ("Q03", {"m_relation": "2", "m_age": 14}, {"m_relation": "2", "m_age": 15}),
    (
        "Q04",
        {"m_relation": "3", "m_age": 9, "m_grade_done": 5},
        {"m_relation": "3", "m_age": 9, "m_grade_done": 4},
    ),
    (
        "Q04_over_age",
        {"m_relation": "3", "m_age": 15, "m_grade_done": 5, "m_school": "2"},
        {"m_relation": "3", "m_age": 15, "m_grade_done": 6, "m_school": "2"},
    ),
    ("Q05", {"m_credential": "2", "m_grade_done": 8}, {"m_credential": "2", "m_grade_done": 9}),
    (
        "Q05",
        {"m_credential": "2", "m_grade_done": 7, "m_birth_year": 1976},
        {"m_credential": "2", "m_grade_done": 7, "m_birth_year": 1975},
    ),
    (
        "Q05",
        {"m_credential": "3", "m_grade_done": 11, "m_birth_year": 1976},
        {"m_credential": "3", "m_grade_done": 10, "m_birth_year": 1975},
    ),
    ("Q05", {"m_credential": "8", "m_age": 19}, {"m_credential": "8", "m_age": 20}),
    ("Q06", {"m_xmc_done": "1", "m_grade_done": 5}, {"m_xmc_done": "1", "m_grade_done": 4}),
    ("Q06", {"m_xmc_year": 1994}, {"m_xmc_year": 1995}),
    ("Q07", {"m_grade_done": 3, "t_read": "0"}, {"m_grade_done": 2, "t_read": "0"}),
    (
        "Q07",
        {"m_school": "1", "t_read": "2", "t_write": "2"},
        {"m_school": "1", "t_read": "2", "t_write": "1"},
    ),
    ("Q08", {"m_vn": "0", "t_read": "2"}, {"m_vn": "0", "t_read": "1"}),
)

ROOTS: Sequence[tuple[str, str, Answers, Answers]] = (
    ("f01_hh_survey", "Q16", {"consent": "0", "head_name": "Lò An"}, {"consent": "0"}),
    (
        "f02_village_count",
        "Q24",
        {"d_prev": 4, "prev_il1": 19, "il1_t": 23, "signed_paper": "a.jpg"},
        {"d_prev": 4, "prev_il1": 20, "il1_t": 24, "signed_paper": "a.jpg"},
    ),
    (
        "f02_village_count",
        "Q25",
        {"count_kind": "1", "basis": "5", "signed_paper": "a.jpg"},
        {"count_kind": "1", "basis": "4 5", "signed_paper": "a.jpg"},
    ),
    ("f02_village_count", "Q26", {"count_kind": "1"}, {"count_kind": "2"}),
    (
        "f03_clc_profile",
        "K23",
        {"staff_added": "1", "gv_sec_t": 0, "has_network": 0, "v_total": 0, "signed_paper": "a.jpg"},
        {"staff_added": "1", "gv_sec_t": 0, "has_network": 0, "v_total": 1, "signed_paper": "a.jpg"},
    ),
    ("f03_clc_profile", "Q26", {"staff_added": "0"}, {"staff_added": "0", "signed_paper": "a.jpg"}),
    ("f04_class_open", "K33", {"with_bdbp": "1", "zone_border": "0"}, {"with_bdbp": "1", "zone_border": "1"}),
    ("f09_commune_annual", "K12", {"mob1_t": 5, "il1_base": 4}, {"mob1_t": 4, "il1_base": 4}),
    ("f09_commune_annual", "K12", {"mob2_t": 5, "ph1done_base": 4}, {"mob2_t": 5}),
    ("f09_commune_annual", "K35", {"pcgd_match": "0", "pcgd_diff": "9 người"}, {"pcgd_match": "1"}),
    ("f09_commune_annual", "Q26", {"is_final": "1"}, {"is_final": "1", "signed_file": "a.pdf"}),
)


def survey(form_id: str) -> str:
    """The questions the shipped rows are about, with these rows."""
    root, member = (part.split() for part in FORMS[form_id])
    lines = ["| survey |", "| | type | name | label |", *map(asked, root)]
    if member:
        lines += ["| | begin_repeat | member | Người |", *map(asked, member), "| | end_repeat | | |"]
    lines += ["| settings |", "| | form_id | version |", f"| | {form_id} | 1 |"]
    columns = ("code", "severity", "table", "constraint", "message::Tiếng Việt (vi)")
    lines += ["| checks |", f"| | {' | '.join(columns)} |"]
    rows = workbook(form_id).rows("checks")
    lines += [f"| | {' | '.join(row[column] for column in columns)} |" for row in rows]
    return "\n".join([*lines, ""])


def asked(name: str) -> str:
    kind = "integer" if name in NUMBERS else "image" if name.startswith("signed") else "text"
    return f"| | {kind} | {name} | {name} |"


def said(answers: Answers) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in answers.items())


def found(office: Office, phone: Phone, form_id: str, inner: str) -> list[str]:
    """The findings of a record, which are forgotten at once."""
    phone.send(answered(form_id, "1", inner, instance_id=f"uuid:{uuid.uuid4()}"))
    with office.app.app_context():
        codes = db.session.scalars(select(Finding.check)).all()
        with transaction() as session:
            session.execute(delete(Finding))
    return [code for code in codes if code[0] in "KQ"]


@pytest.fixture
def phone(office: Office) -> Phone:
    return Phone(SERVER + office.phone().path, session=in_process(office.app))


def test_answers_about_a_person(office: Office, phone: Phone) -> None:
    office.publish(survey("f01_hh_survey"))
    before = "<visit_result>1</visit_result><consent>1</consent>"
    for code, fires, silent in MEMBERS:
        wrong, right = (f"{before}<member>{said({**GOOD, **one})}</member>" for one in (fires, silent))
        assert code in found(office, phone, "f01_hh_survey", wrong), (code, fires)
        assert code not in found(office, phone, "f01_hh_survey", right), (code, silent)
    assert not found(office, phone, "f01_hh_survey", f"{before}<member>{said(GOOD)}</member>")


@pytest.mark.parametrize("form_id", sorted({form_id for form_id, *_ in ROOTS}))
def test_answers_of_a_report(office: Office, phone: Phone, form_id: str) -> None:
    office.publish(survey(form_id))
    for code, fires, silent in (row[1:] for row in ROOTS if row[0] == form_id):
        assert found(office, phone, form_id, said(fires)) == [code], fires
        assert not found(office, phone, form_id, said(silent)), silent


def test_every_row_is_tried() -> None:
    tried = {("f01_hh_survey", code) for code, *_ in MEMBERS} | {row[:2] for row in ROOTS}
    assert tried == {(form_id, row["code"]) for form_id in FORMS for row in workbook(form_id).rows("checks")}
