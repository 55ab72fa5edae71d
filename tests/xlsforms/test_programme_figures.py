"""Each of the 95 on a scene small enough to count on paper, read and computed as the server does."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import pytest
from sqlalchemy import select

from collector.actions import programme
from collector.actions import publish as publishing
from collector.actions.definitions import definitions_of
from collector.actions.figures import Figures
from collector.actions.incoming import Address, Delivery, Sender
from collector.actions.places import unit_of
from forms.indicators.decisions import Decided, read_decisions
from forms.places import COMMUNE, PROVINCE, VILLAGE, Place
from forms.spreadsheet import SheetRow
from forms.workbook import Extras, read_extras
from storage.database import db, transaction
from storage.entities import by_hand, lists
from storage.entities.writing import Source
from storage.models import IndicatorCell
from storage.places.loading import enter
from tests.copies import KINDS, fresh_database
from tests.office import NOW, Office, opened
from tests.xlsforms.scenes import centres, communes, people
from tests.xlsforms.scenes.centres import A1, A2, B1, T1, A, B, T, U
from tests.xlsforms.scenes.lean import Answers, Record, filled, lean
from tests.xlsforms.surveys import XLSFORMS, workbook

FORMS = tuple(sorted({one.form_id for one in (*centres.RECORDS, *people.RECORDS, *communes.RECORDS)}))
BOOK = publishing.Definition((XLSFORMS / "programme" / "programme.xlsx").read_bytes(), "programme.xlsx")
EXTRAS = read_extras(workbook("programme"))
AT = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)
WHOLE = ""
"""The code of the whole country in the cells."""

CENTRE_SHARES = (
    "clc_with_supplemented_staff", "clc_with_resource_network", "clc_with_volunteer_supporters",
    "clc_with_dedicated_manager", "clc_management_board_consolidated", "clc_with_office",
    "clc_with_computer_internet", "clc_with_library_bookcase", "clc_with_free_internet_wifi",
    "clc_internet_connected_and_guided", "clc_facility_conditions_published",
    "clc_with_operations_handbook", "clc_annual_plan_from_needs", "clc_it_in_governance",
    "clc_data_in_sector_database", "clc_using_management_software", "clc_electronic_records",
    "clc_coordination_mechanism", "concurrent_allowance_paid",
)  # fmt: skip
"""Centre `one` has it, `two` has not, `three` sent nothing and `four` is suspended: 1 of 3."""

COMMUNE_SHARES = (
    "communes_meeting_literacy_standard", "steering_committee_consolidated",
    "communes_using_pcgd_xmc_software", "pcgd_xmc_data_updated_on_time", "clc_reorganised_by_commune",
    "commune_plan_issued", "reports_submitted_on_time", "communes_self_assessed_learning_community",
    "communes_assessed_learning_citizen", "learning_district_recognised",
)  # fmt: skip
"""Commune A has it, B has not, was late, or said nothing of it: 1 of 2."""

EXPECTED: dict[str, tuple[float, float | None]] = {
    **dict.fromkeys(CENTRE_SHARES, (1, 3)),
    **dict.fromkeys(COMMUNE_SHARES, (1, 2)),
    # One seconded 12, two none, of 30 and 8 teachers of continuing and formal education.
    "teachers_seconded_to_clc_share": (12, 38),
    "concurrent_teachers_with_reduced_hours": (3, 5),  # 3 + 0 of 4 + 1
    "teachers_meeting_training_standard": (45, 60),  # 40 + 5 of 50 + 10
    "volunteer_students_at_clc": (5, None),  # the whole-year form of one; two has no partner
    "reading_spaces_established": (15, None),  # 7 + 1 at centres, 7 + 0 in villages
    "clc_sci_tech_info_points": (1, None),
    # Active managers, teachers and rapporteurs are 4; one of them trained since 2025.
    "clc_staff_trained_management": (1, 4),
    "teachers_rapporteurs_trained_digital_materials": (1, 2),  # the third teacher is not active
    "volunteers_trained_community_education": (1, 2),
    "directors_trained_competency_framework": (1, 2),
    "village_heads_elders_trained": (1, None),  # p3 twice, p9 did not pass, p8 is no village head
    "literacy_workers_trained": (3, None),  # p4 did not pass
    # The wife of the first household as it was seen last, and the women of 60 and 24 in the second.
    "illiterate_count_15_60": (3, None),
    "relapse_illiterate_count": (1, None),
    # 10 of 15 to 60 whose schooling is known (the man of 50 is left out); below level 1: 40, 41, 60, 24.
    "literacy_rate_level1": (6, 10),
    "literacy_rate_level2": (4, 10),  # the relapsed man of 33 and the woman of 22 are at level 1 only
    "literacy_phase1_mobilisation_rate": (2, 120),  # l1 and l5; l2 is 65, l6 left; 100 + 20
    "literacy_phase2_mobilisation_rate": (2, 50),  # l3 and l4; 40 + 10
    "female_share_of_literacy_learners": (2, 5),  # l1 and l3 of l1 to l5, l1 in two terms
    "literacy_classes_opened_vs_plan": (2, 5),  # 4 + 1 planned
    "literacy_class_retention": (4, 5),  # last reports: 2 of 3 in x, 2 of 2 in y
    "literacy_completion_rate": (2, 5),  # l1 of three, l3 of two
    "literacy_support_policy_paid": (3, 5),  # 2 + 1 of 3 + 2, the last report of each class
    "inter_family_literacy_groups": (2, None),  # the count of February does not add 9
    "border_clc_coordination": (1, 2),
    "vocational_linked_literacy_classes": (1, None),
    "out_of_school_children": (5, None),  # 1 + 3, 0 + 1
    "learning_needs_survey_coverage": (2, 50),  # h3 refused; 40 + 10 households
    "clc_topics_delivered": (8, None),  # 12 activities less 3 events and one of 2025
    "clc_using_needs_based_materials": (1, 3),
    "learner_turns_growth_15_60": (80, 50),  # 60 + 20 after 50
    "digital_skills_classes": (1, None),
    "online_learning_delivered": (1, None),
    "heritage_classes": (1, None),
    "learning_clubs": (3, None),  # 2 + 1
    "women_girls_learning_models": (1, None),
    # Commune A, village A1, the school, centre one; of 2 communes, 3 villages, 3 centres, 5 + 2 offices.
    "lifelong_learning_week_participation": (4, 15),
    "clc_digital_transformation_level": (2, 3),
    # Centre one, and the school of commune B; of 2 centres and 2 other bodies.
    "literacy_e_materials_share": (2, 4),
    "digital_materials_made": (7, None),  # 6 + 1
    "institutions_digital_environment": (5, 10),
    "learning_citizen_rate": (70, 300),  # commune sheets: 60 + 10 of 200 + 100
    "learning_family_rate": (45, 60),
    "learning_clan_rate": (4, 6),
    "villages_assessed_learning_models": (1, 3),  # the village of B has no sheet
    "learning_unit_assessed": (3, 7),
    # 10 people of 15 to 61 who are not away; the wife of 40, the men of 33, the woman of 30.
    "workforce_information_competence": (3, 10),
    "workforce_life_skills": (2, 10),
    "trained_technical_15plus": (2, 12),  # the certificate under 3 months does not count
    "university_degree_share": (1, 12),
    "clc_evaluated_against_criteria": (1, 3),
    "clc_half_year_rating": (2, 3),  # of the first half of 2026
    "clc_effective_share": (1, 2),  # inspected are one and two
    "clc_inspections": (4, None),
    "model_clc_designated": (1, None),
    "training_institution_clc_partnerships": (2, None),
    "funding_for_clc_and_literacy": (180.5, None),  # 100 + 50.5 + 20 and 10, not the 999 of the half-year
    "communication_activities": (10, None),  # 9 + 1, not the 1 of A's half-year
    "clc_review_meetings": (16, None),  # 12 + 4
    "private_clcs": (1, None),
    "exemplars_honoured": (2, None),
    "local_teachers_in_clc": (5, 12),
    "village_learning_spaces": (1, 2),
    "short_vocational_training": (2, None),
    "life_skills_activities": (1, None),
    "study_visits": (1, None),
}
"""Numerator and denominator in Lai Châu in 2026."""

THANH_HOA: dict[str, tuple[float, float | None]] = {
    "teachers_seconded_to_clc_share": (5, 60),  # of all institutions: 50 + 10
    "clc_with_volunteer_supporters": (1, 3),  # a student counts, an elder does not
    "clc_it_in_governance": (1, 3),  # both use it, one is at basic level
    "commune_plan_issued": (1, 2),  # no day is set
    "reports_submitted_on_time": (1, 2),  # the 29th of November is in time
}
"""Where the plans of the two provinces differ."""

STANDING: dict[tuple[str, str], tuple[str, float | None, str | None, float | None]] = {
    # A milestone of this year, and the year is not over: 3 centres are wanted, one is there.
    ("clc_with_supplemented_staff", "12"): ("LC:12:2026-12-31", 100, "on_way", 2),
    ("clc_with_supplemented_staff", "38"): ("TH:38:2030-12-31", 100, "on_way", 3),
    ("teachers_seconded_to_clc_share", "12"): ("LC:12:2026-12-31", 30, "met", 0),  # 12 of 38 is 31.6 %
    ("teachers_seconded_to_clc_share", "38"): ("TH:38:2030-12-31", 60, "on_way", 31),  # 36 of 60 less 5
    # More than 3 % of 120 are 4 people, 10.5 % of 20 are 3.
    ("literacy_phase1_mobilisation_rate", "12"): ("LC:12:2025-01-01..2030-12-31", 3, "on_way", 2),
    ("literacy_phase1_mobilisation_rate", "38"): ("TH:38:2025-01-01..2030-12-31", 10.5, "on_way", 3),
    ("learner_turns_growth_15_60", "12"): ("LC:12:2025-01-01..2030-12-31", 5, "met", 0),
    ("commune_plan_issued", "12"): ("LC:12:2025-10-15", 100, "behind", 1),
}
"""The target nearest ahead, its value, how the figure stands to it, and how many are missing.

Those of Thanh Hóa are for ethnic-minority and mountainous communes, which commune U is not.
"""

Cells = dict[tuple[str, str, str], tuple[float, float | None]]
"""Code, period and place to numerator and denominator."""


@dataclass(frozen=True)
class Scene:
    """What the server makes of it; `standing` as STANDING, by code, place and split."""

    cells: Cells
    standing: dict[tuple[str, str, str], tuple[str, float | None, str | None, float | None]]


@cache
def prepared(form_id: str) -> publishing.Prepared:
    """A survey of the scene, converted."""
    return publishing.prepare(publishing.Definition(lean(form_id).encode(), f"{form_id}.md"), check=False)


def settle(office: Office) -> None:
    """Places, lists, surveys."""
    facts = {
        A: {"border": "1", "especially_difficult": "1", "ethnic_mountainous": "1", "zone": "III"},
        B: {"border": "1", "ethnic_mountainous": "1", "zone": "I"},
        T: {"border": "0", "ethnic_mountainous": "1", "zone": "II"},
        U: {"border": "0", "ethnic_mountainous": "0", "zone": "0"},
    }
    places = [Place(code, PROVINCE, f"Tỉnh {code}") for code in ("08", "11", "12", "38")]
    places += [
        Place(code, COMMUNE, f"Xã {code}", "38" if code in {T, U} else "12", facts[code]) for code in facts
    ]
    places += [
        Place(code, VILLAGE, f"Bản {code}", code[:5], {"uuid": str(uuid5(NAMESPACE_OID, code))})
        for code in (A1, A2, B1, T1)
    ]
    listed: dict[str, list[tuple[str, str, Answers]]] = {
        "centres": [(uuid, f"TTHTCĐ {uuid[-1]}", data) for uuid, data in centres.CENTRES],
        "people": [
            (f"7a6b5c4d-3e2f-4101-9a8b-00000000000{number}", name, {"commune_code": A, "sex": "1", **data})
            for number, (name, data) in enumerate(people.PEOPLE, start=1)
        ],
    }
    with office.app.app_context(), transaction() as session:
        enter(session, [unit_of(one) for one in places])
        for name, members in listed.items():
            kept = lists.create_list(session, 1, name, now=NOW)
            names = {key for _uuid, _label, data in members for key in data} | {"ethnic"}
            lists.ensure_properties(session, kept, sorted(names), now=NOW)
            written = [
                by_hand.Written(uuid, label, {key: str(value) for key, value in data.items()})
                for uuid, label, data in members
            ]
            by_hand.create(session, kept, written, Source(office.admin_id, NOW))
    for form_id in FORMS:
        one, blobs = prepared(form_id), office.parts.blobs
        with office.app.app_context(), transaction() as session:
            made = publishing.save_draft(session, 1, one, office.author, blobs)
            publishing.publish(session, made, office.author)


def every_row(extras: Extras) -> Iterator[tuple[str, SheetRow]]:
    """All rows; those that wait for another option than the default have a code of their own."""
    decided = Decided(read_decisions(extras.decisions))
    for row in extras.indicators:
        yield row["code"] if decided.holds(row["when"]) else f"waiting_{row.row}", row


def at_once(extras: Extras) -> Extras:
    """All rows in force together; each for one kind of period and without its parts, which makes it quick."""
    rows = []
    for code, row in every_row(extras):
        periods = "half" if "-" in period_of(row["code"]) else "year"
        cells = {**row.cells, "code": code, "when": "", "periods": periods, "disaggregate": ""}
        rows.append(SheetRow(row.sheet, row.row, cells))
    return replace(extras, indicators=tuple(rows))


def computed(office: Office) -> Scene:
    """What the server makes of the scene."""
    settle(office)
    everything, blobs = at_once(EXTRAS), office.parts.blobs
    with office.app.app_context():
        with transaction() as session:
            programme.publish_programme(session, 1, BOOK, everything, author=office.author, blobs=blobs)
        assert definitions_of(db.session(), 1).left_out == ()
        db.session.remove()
        for record in (*centres.RECORDS, *people.RECORDS, *communes.RECORDS):
            send(office, record)
        Figures(lambda: AT).everything()
        several = db.session.scalars(select(IndicatorCell)).all()
        cells = {
            (one.code, one.period, one.place_code): (one.numerator, one.denominator)
            for one in several
            if one.split == ""
        }
        standing = {
            (one.code, one.place_code, one.split.partition("~")[0]): (
                one.target_key.partition("~")[0], one.target_value, one.status, one.to_reach,
            )
            for one in several
            if one.period == "2026" and one.target_key
        }  # fmt: skip
        db.session.remove()
    return Scene(cells, standing)


def send(office: Office, record: Record) -> None:
    """A record comes in."""
    xml = filled(record, prepared(record.form_id).schema)
    office.parts.intake.receive(Delivery(xml, {}, Sender(), AT), Address((1,)))


@pytest.fixture(scope="module", params=KINDS)
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shelf: Path
) -> Iterator[Scene]:
    """The figures of the scene, computed once."""
    folder = tmp_path_factory.mktemp("scene")
    with fresh_database(request.param, folder, shelf, opened) as url:
        office = Office(folder / "home", url)
        yield computed(office)
        office.close()


def period_of(code: str) -> str:
    """When the scene looks at an indicator: the year, or the half where it has no year."""
    [kinds, *_same] = [row["periods"].split() for row in EXTRAS.indicators if row["code"] == code]
    return "2026" if not kinds or "year" in kinds else "2026-H1"


def test_the_scene_has_an_answer_for_each_of_the_95() -> None:
    with (XLSFORMS / "programme" / "feeds.csv").open(encoding="utf-8", newline="") as file:
        assert set(EXPECTED) == {line["indicator"] for line in csv.DictReader(file)}


@pytest.mark.parametrize("code", sorted(EXPECTED))
def test_an_indicator_is_what_the_scene_says(scene: Scene, code: str) -> None:
    assert scene.cells.get((code, period_of(code), "12")) == EXPECTED[code]


@pytest.mark.parametrize("code", sorted(THANH_HOA))
def test_an_indicator_is_read_as_the_plan_of_its_province_has_it(scene: Scene, code: str) -> None:
    assert scene.cells.get((code, "2026", "38")) == THANH_HOA[code]


@pytest.mark.parametrize("which", STANDING)
def test_a_figure_is_held_against_the_target_of_its_province(scene: Scene, which: tuple[str, str]) -> None:
    target, *_rest = STANDING[which]
    split = f"!{target}" if target.startswith("TH") else ""
    assert scene.standing.get((*which, split)) == STANDING[which]


def test_no_row_is_without_an_effect(scene: Scene) -> None:
    """A numerator that is 0, or all there is to count, would be the same whatever is reported."""
    flat = {}
    for code, row in every_row(EXTRAS):
        found = scene.cells.get((code, period_of(row["code"]), WHOLE), (0, None))
        if not found[0] or found[0] == found[1]:
            flat[row["code"], row["when"]] = found
    assert flat == {}
