"""What forms say of each other: a commune where hardly anything fits, and the same once it is put right."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from collector.actions.checks import check
from collector.actions.cross_checks import CROSS_CHECKS
from forms.checks import centres, commune_reports, learning_models, rechecks, village_counts
from storage.checks import classes as class_rows
from storage.database import db, transaction
from storage.models import Entity, EntityList, Finding
from tests.asked import answered
from tests.collector.openrosa.sheets import SERVER
from tests.office import NOW, Office
from tests.phone import Phone, in_process
from tests.tree import HERE, HERE_VILLAGE, OTHER_VILLAGE, plant

LATER = datetime(2027, 1, 15, tzinfo=UTC)
CODES = frozenset(check.code for check in CROSS_CHECKS)
DAY = "2026-08-01"

FORMS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "f01_hh_survey": ("village_code hh_id consent visit_result " + " ".join(rechecks.COMPARED.values())
                      + " n_relapse gps", {"member": "test_due t_present n_topics m_age is_below1 learner_id "
                                           "m_xmc_done m_grade_done"}),
    "f02_village_count": (f"village_code {' '.join(village_counts.QUESTIONS)}", {}),
    "f03_clc_profile": (f"commune {' '.join(centres.QUESTIONS)}", {}),
    "f04_class_open": (f"village_code {' '.join(class_rows.QUESTIONS)}",
                       {"learner": "l_id l_name l_in l_1560 l_prev_done"}),
    "f05_class_report": (f"place {' '.join(class_rows.MONTH_QUESTIONS)}", {"att": "l_id days l_p1 l_p2"}),
    "f06_activity_log": ("place_code centre start_date turn_t", {}),
    "f07_learning_models": (f"place_code {' '.join(learning_models.QUESTIONS)}", {}),
    "f09_commune_annual": (f"commune {' '.join(commune_reports.QUESTIONS)}", {}),
    "f10_clc_rating": (f"commune {' '.join(centres.INSPECTION_QUESTIONS)}", {}),
    "f11_recheck": (f"village_code household visit_result visited {' '.join(rechecks.COMPARED)}", {}),
}  # fmt: skip
"""The surveys with the questions that are compared, root and repeats."""

PLACES = frozenset({"village_code", "commune", "place", "place_code"})
DATES = frozenset({"start_date", "end_date", "visit_date", "rep_month"})

Answers = Mapping[str, Any]


def written(form_id: str) -> str:
    """A survey as a workbook."""
    root, repeats = FORMS[form_id]
    lines = ["| survey |", "| | type | name | label | unit |", "| | date | today | Ngày | date |"]
    lines += [asked(name) for name in dict.fromkeys(root.split())]
    for repeat, names in repeats.items():
        rows = [asked(name) for name in names.split()]
        lines += [f"| | begin_repeat | {repeat} | {repeat} | |", *rows, "| | end_repeat | | | |"]
    return "\n".join([*lines, "| settings |", "| | form_id | version |", f"| | {form_id} | 1 |", ""])


def asked(name: str) -> str:
    """A question; numbers that phones work out are texts too."""
    kind = "date" if name in DATES else "geopoint" if name == "gps" else "text"
    return f"| | {kind} | {name} | {name} | {'place' if name in PLACES else ''} |"


def said(answers: Answers) -> str:
    """Answers as a phone writes them."""
    return "".join(f"<{name}>{value}</{name}>" for name, value in answers.items())


class Scene:
    """An office with the surveys, and a phone."""

    def __init__(self, office: Office) -> None:
        self.office = office
        with office.app.app_context(), transaction() as session:
            plant(session)
        for form_id in FORMS:
            office.publish(written(form_id))
        self._phone = Phone(SERVER + office.phone().path, session=in_process(office.app))

    def send(
        self,
        form_id: str,
        repeats: Mapping[str, Sequence[Answers]] | None = None,
        edits: str | None = None,
        **answers: Any,
    ) -> str:
        """Send a record; returns its instance id. `edits` names the one it takes the place of."""
        number = f"uuid:{uuid.uuid4()}"
        rows = "".join(
            f"<{name}>{said(row)}</{name}>" for name, several in (repeats or {}).items() for row in several
        )
        inner = said({"today": DAY, **answers}) + rows
        self._phone.send(answered(form_id, "1", inner, instance_id=number, replaces=edits))
        return number

    def lists(self, name: str, members: Mapping[str, Mapping[str, str]]) -> None:
        """Put members on a list."""
        with self.office.app.app_context(), transaction() as session:
            found = session.scalars(select(EntityList).where(EntityList.name == name)).one_or_none()
            if found is None:
                found = EntityList(project_id=1, name=name, created_at=NOW)
                session.add(found)
                session.flush()
            session.add_all(
                Entity(
                    list_id=found.id, uuid=one, label=one, data=dict(data), place_code=HERE, created_at=NOW
                )
                for one, data in members.items()
            )

    def night(self) -> dict[str, int]:
        """What is open after a night of checks, by code."""
        with self.office.app.app_context():
            check(1, LATER, CODES)
            rows = db.session.scalars(select(Finding.check).where(Finding.state == "open")).all()
            return {code: rows.count(code) for code in sorted(set(rows))}

    def details(self, code: str) -> Mapping[str, str]:
        """What the only open finding of a check tells."""
        with self.office.app.app_context():
            [one] = db.session.scalars(select(Finding.details).where(Finding.check == code)).all()
            return dict(one)


COUNT: Answers = {
    "count_year": 2026, "count_kind": "1", "hh_total": 10, "pop_t": 60, "p1560_t": 40,
    "p1560_f": 20, "il1_t": 10, "il2_t": 12, "rel_t": 0, "in1_t": 9, "n_tlg": 0, "v_assessed": "0",
}  # fmt: skip


REPORT: Answers = {
    "commune": HERE, "rep_year": 2026, "period": "y", "is_final": "1", "vil_n": 2, "vil_f02": 2, "il1_t": 12,
    "il2_t": 13, "relapse_t": 0, "pop1560_t": 80, "il1_base": 12, "mob1_t": 3, "fin1_t": 0, "fin2_t": 0,
    "gv_total": 30, "gv_sec": 2, "clc_n": 1, "tlg_n": 1,
}  # fmt: skip
PROFILE: Answers = {
    "commune": HERE, "centre": "c1", "rep_year": 2026, "period": "y", "gv_pool": 29, "gv_sec_t": 3,
    "turns_t": 100, "xmc_classes1": 2, "xmc_classes2": 0, "needs_hh": 10, "has_office": 1, "pcs_net": 0,
    "self_rate": "tot", "tr_mgmt": 2, "tr_digital": 0, "tr_vol": 0, "turns1560_prev": 5,
}  # fmt: skip
LEARNER: Answers = {"l_id": "p1", "l_name": "Lò Thị Mai", "l_in": 1, "l_1560": 1}
CLASS: Answers = {
    "village_code": HERE_VILLAGE, "class_id_eff": "k1", "class_mode": "new", "class_name": "A",
    "centre": "c1", "organiser": "tt", "phase": "1", "term": "1", "start_date": "2026-09-05",
    "end_date": "2026-12-20", "sessions_plan": 40, "lessons_plan": 100,
}  # fmt: skip
MONTH: Answers = {
    "place": HERE_VILLAGE, "class": "k1", "report_kind": "thang", "rep_month": "2026-12-05", "held": 8,
    "lessons_held": 8,
}  # fmt: skip
INSPECTED: Answers = {
    "centre": "c1", "commune": HERE, "visit_date": "2026-12-01", "rate_year": 2026, "period": "y",
    "o_office": "0", "o_pcs": 0, "o_wifi": "0", "o_lib": "0", "final_rate": "tb",
}  # fmt: skip
RECHECKED: Answers = {
    "village_code": HERE_VILLAGE, "household": "h1", "visit_result": "1", "visited": "1", "q_members": 5,
    "q_1560": 4, "q_il1": 1,
}  # fmt: skip
MODELS: Answers = {
    "level": "xa", "year": 2026, "assessed": "1", "fam_base": 25, "vil_assessed": 2, "cit_ok": 9,
}  # fmt: skip


def household(scene: Scene, number: int, **more: Any) -> str:
    usual: dict[str, Any] = {
        "village_code": HERE_VILLAGE, "today": DAY, "hh_id": f"h{number}", "consent": "1",
        "visit_result": "1",
        "n_members": 5, "n_15_60": 4, "n_illit1": 0, "n_relapse": 0,
    }  # fmt: skip
    return scene.send("f01_hh_survey", **(usual | more))


def year(scene: Scene) -> dict[str, str]:
    """A year of a commune in which hardly anything fits; the ids of the records to be put right, by form."""
    for number in range(9):
        household(scene, number, n_relapse=int(number < 2))
    scene.send("f02_village_count", village_code=OTHER_VILLAGE, **{**COUNT, "il1_t": 1, "il2_t": 1})
    scene.send("f03_clc_profile", **{**PROFILE, "rep_year": 2025, "turns1560_t": 5})
    scene.send("f06_activity_log", centre="c1", place_code=HERE, start_date="2026-03-01", turn_t=80)
    scene.send("f10_clc_rating", **INSPECTED)
    village: Answers = {
        "place_code": HERE_VILLAGE,
        "level": "thon",
        "year": 2026,
        "assessed": "1",
        "cit_ok": 7,
    }
    scene.send("f07_learning_models", **village)
    scene.lists("centres", {"c1": {"status": "1"}, "c2": {"status": "4"}})
    scene.lists("people", {"t1": {"role": "gv", "employ": "kiem", "centre_id": "c1", "tr_mgmt_year": "2026"}})
    return {
        "f02": scene.send("f02_village_count", village_code=HERE_VILLAGE, **COUNT),
        "f03": scene.send("f03_clc_profile", **PROFILE),
        "f04": scene.send("f04_class_open", {"learner": [LEARNER]}, **CLASS),
        "f07": scene.send("f07_learning_models", place_code=HERE, **MODELS),
        "f09": scene.send("f09_commune_annual", **REPORT),
        "f11": scene.send("f11_recheck", **RECHECKED),
    }


def put_right(scene: Scene, sent: Mapping[str, str]) -> None:
    """All of it corrected but three things."""
    fewer = {**COUNT, "p1560_t": 36, "p1560_f": 18, "il1_t": 0, "il2_t": 0, "rel_t": 2, "in1_t": 1}
    scene.send("f02_village_count", edits=sent["f02"], village_code=HERE_VILLAGE, **fewer)
    profile = {
        **PROFILE, "gv_sec_t": 1, "turns_t": 80, "xmc_classes1": 1, "needs_hh": 9, "has_office": 0,
        "self_rate": "kha", "tr_mgmt": 1,
    }  # fmt: skip
    scene.send("f03_clc_profile", edits=sent["f03"], **profile)
    scene.send("f04_class_open", {"learner": [LEARNER]}, edits=sent["f04"], **{**CLASS, "lessons_plan": 8})
    scene.send("f05_class_report", {"att": [{"l_id": "p1", "days": 4}]}, **MONTH)
    models = {**MODELS, "cit_ok": 7, "fam_base": 20, "vil_assessed": 1}
    scene.send("f07_learning_models", edits=sent["f07"], place_code=HERE, **models)
    report = {
        **REPORT, "il1_t": 1, "il2_t": 1, "relapse_t": 2, "mob1_t": 1, "gv_total": 29, "gv_sec": 1,
        "clc_n": 2, "tlg_n": 0, "il1_base": 1, "pop1560_t": 76,
    }  # fmt: skip
    scene.send("f09_commune_annual", edits=sent["f09"], **report)
    scene.send("f11_recheck", edits=sent["f11"], **{**RECHECKED, "q_il1": 0})


def test_what_does_not_fit_is_found_and_falls_silent_once_it_is_put_right(office: Office) -> None:
    scene = Scene(office)
    sent = year(scene)
    assert scene.night() == {
        "K01": 1, "K04": 1, "K05": 1, "K06": 1, "K09": 1, "K10": 1, "K14": 1, "K15": 1, "K16": 1, "K17": 1,
        "K19": 1, "K20": 1, "K21": 1, "K22": 1, "K24": 2, "K25": 1, "K26": 1, "K27": 1, "K28": 1, "K29": 1,
        "K34": 1, "Q27": 1, "Q29": 1,
    }  # fmt: skip
    assert scene.details("K01") == {"a": "10", "b": "0", "d": "10"}
    assert scene.details("K14") == {"a": "3", "b": "2", "c": "1", "d": "1"}
    put_right(scene, sent)
    # One who sends all forms of this test also visits a second time; a count names no assessed village.
    assert scene.night() == {"K10": 1, "K26": 1, "Q27": 1}
