"""The surveys hand one another what they know: through the server, from phone to phone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from collector.actions.villages import follow_places
from storage.database import transaction
from tests.collector.openrosa.lists import Register
from tests.javarosa.engine import Engine, Filled, Wish
from tests.office import NOW, Office
from tests.phone import Installed, Phone, in_process
from tests.tree import HERE, HERE_UUID, HERE_VILLAGE, PROVINCE, plant
from tests.xlsforms.surveys import converted
from tests.xlsforms.test_f01 import FIRST
from tests.xlsforms.test_f02 import CHANGED, HEAD, SECOND, figures
from tests.xlsforms.test_f04_f05 import MONTH, NEXT, OPENED

pytestmark = pytest.mark.java

PLACE: dict[str, Wish] = {"province": PROVINCE, "commune": HERE, "village": HERE_UUID}
Wishes = Mapping[str, Wish | Sequence[Wish]]


@dataclass
class Village:
    """A phone of Lô Lô Chải: it fetches what is new before each form."""

    engine: Engine
    phone: Phone
    files: dict[str, bytes] = field(default_factory=dict)

    def fetch(self) -> dict[str, Installed]:
        """The surveys; a list is downloaded once for all that read it, and again when it has changed."""
        surveys = self.phone.sync()
        for one in surveys.values():
            self.files |= {name: data for name, data in one.media.items() if data}
        return surveys

    def list(self, name: str) -> list[dict[str, str]]:
        """The rows of a list as the phone has it now."""
        self.fetch()
        return list(csv.DictReader(io.StringIO(self.files[f"{name}.csv"].decode())))

    def send(self, form_id: str, answers: Wishes, seed: int = 1) -> Filled:
        """Fetch, fill, send."""
        surveys = self.fetch()
        form = self.engine.load(surveys[form_id].xml, self.files)
        filled = form.fill(seed, answers={**answers, **PLACE})
        form.forget()
        self.phone.send(filled.xml, filled.attachments(), title=form.title)
        return filled


Settle = Callable[..., Village]


@pytest.fixture
def settle(office: Office, engine: Engine) -> Settle:
    """`settle("f01_hh_survey")` publishes surveys and gives a phone."""

    def settled(*form_ids: str) -> Village:
        with office.app.app_context():
            with transaction() as session:
                plant(session)
            for form_id in form_ids:
                office.publish(converted(form_id).xform, filename=f"{form_id}.xml")
            follow_places(now=NOW)
        if "f03_clc_profile" in form_ids:
            Register(office, "centres").add("TTHTCĐ Lũng Cú", centre_code="TT-00715", commune_code=HERE)
        return Village(
            engine,
            Phone(
                "http://server" + office.phone(places=(HERE_VILLAGE,)).path, session=in_process(office.app)
            ),
        )

    return settled


def test_a_follow_up_visit_opens_by_itself_after_the_first_one(settle: Settle) -> None:
    village = settle("f01_hh_survey")
    first = village.send("f01_hh_survey", FIRST)
    (house,), (learner,) = village.list("households"), village.list("learners")
    assert (house["label"], house["head_ethnic"], house["village_code"]) == (
        "Giàng Thị Mỷ (1988)", "08", "00715-001",
    )  # fmt: skip
    assert (learner["full_name"], learner["household_id"], learner["lit_status"]) == (
        "Giàng Thị Mỷ", house["name"], "mc1",
    )  # fmt: skip
    again: dict[str, Wish] = {
        **FIRST,
        "visit_kind": "2",
        "household": house["name"],
        "learner_ref": learner["name"],
    }
    second = village.send("f01_hh_survey", again | {"m_xmc_done": "1", "m_xmc_year": 2026})
    assert first.instance_id != second.instance_id
    (house,), (learner,) = village.list("households"), village.list("learners")
    assert (house["__version"], learner["__version"]) == ("2", "2")
    assert (learner["lit_status"], learner["phase_due"]) == ("tmc", "1")


def test_the_second_round_of_a_village_is_one_confirmation(settle: Settle) -> None:
    village = settle("f02_village_count")
    first = village.send("f02_village_count", CHANGED | SECOND | {"eth_n_in": 1, "e_code_in": "08"})
    assert "unchanged" not in figures(first)
    again = village.send("f02_village_count", HEAD | {"unchanged": "1"})
    assert len(again.screens) == 5
    one, other = figures(first), figures(again)
    same = ("hh_total", "pop_t", "p1560_t", "p1560_f", "il1_t", "il2_f", "rel_t", "done1_stock", "eth_codes")
    assert [one[name] for name in same] == [other[name] for name in same]


def test_a_class_goes_from_the_first_day_to_the_end_of_its_phase(settle: Settle) -> None:
    village = settle("f01_hh_survey", "f03_clc_profile", "f04_class_open", "f05_class_report")
    village.send("f01_hh_survey", FIRST)
    (learner,) = village.list("learners")
    opened: Wishes = OPENED | {"l_pick": [learner["name"], None], "term": "3", "added_n": 2, "prio_il": 0}
    village.send("f04_class_open", opened)
    (group,) = village.list("classes")
    everybody = village.list("learners")
    assert {one["class_id"] for one in everybody} == {group["name"]}
    report: Wishes = MONTH | {
        "class": group["name"], "report_kind": "ky", "days": 10, "l_state": "5", "l_result": "ht",
    }  # fmt: skip
    assert village.send("f05_class_report", report).value("/data/n_p1") == "2"
    assert [one["xmc_done"] for one in village.list("learners")] == ["1", "1"]
    following: Wishes = NEXT | {"class": group["name"], "leavers": None, "phase": "2", "term": "4"}
    moved = village.send("f04_class_open", following)
    # Phase 1 is done, so nobody is asked whether they may learn in phase 2.
    assert not [screen for screen in moved.screens if "learner" in screen]
    (group,) = village.list("classes")
    assert (group["phase"], group["term"], group["learners_n"]) == ("2", "4", "2")
