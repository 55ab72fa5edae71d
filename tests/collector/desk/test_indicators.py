"""Figures on the desk: against their targets, by place, over the years, signed for."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from collector.accounts.permissions import MANAGER, REVIEWER, VIEWER
from storage.database import transaction
from storage.models import Assignment, IndicatorCell
from tests.collector.desk.reader import Page, Reader
from tests.figured import Survey, Visit
from tests.office import Office
from tests.tree import FOREIGN, HERE, HERE_VILLAGE, PROVINCE, THERE, THERE_VILLAGE

SEEN = f"area={PROVINCE}&period=2026"


@pytest.fixture
def survey(office: Office) -> Survey:
    """Two households of different communes, worked out."""
    return worked_out(office)


@pytest.fixture(scope="module")
def kept_survey(kept_office: Office) -> Survey:
    """The same for all who only read."""
    return worked_out(kept_office)


def worked_out(office: Office) -> Survey:
    made = Survey(office)
    made.send(Visit(HERE_VILLAGE, "2026-03-04", "h1", 10, [("1", 30, "a"), ("2", 40, "b"), ("2", 70, "c")]))
    made.send(Visit(THERE_VILLAGE, "2026-05-06", "h2", 20, [("1", 20, "d")]))
    made.refresh()
    return made


def rows(page: Page, cells: int = 5) -> dict[str, list[str]]:
    """The tables of a page: first column to those after it."""
    lines = page.find("//main//table//tr[not(@class='more')]")
    found = [[" ".join(cell.text_content().split()) for cell in line.xpath("th|td")] for line in lines]
    return {line[0]: line[1:] for line in found if len(line) > cells}


def test_all_figures_of_a_place_stand_against_their_targets(kept_survey: Survey) -> None:
    page = Reader(kept_survey.office).page(f"/indicators?{SEEN}")
    found = rows(page)
    assert found["people"] == ["4", "≥ 10 kế hoạch, by 31/12/2026", "6", "2/3", "↗ on the way"]
    assert found["men"] == ["2", "", "", "", ""]
    assert "provisional figures" in page.main


def test_a_target_for_some_communes_is_held_against_theirs(kept_survey: Survey) -> None:
    page = Reader(kept_survey.office).page(f"/indicators/women_share?{SEEN}")
    assert "50 %" in page.texts("//p[contains(@class, 'figure big')]")[0]
    assert "Only for some communes; theirs: –" in page.main
    assert "KH 1" in page.main


def test_the_list_is_narrowed_by_status_and_by_name_without_accents(kept_survey: Survey) -> None:
    reader = Reader(kept_survey.office)
    assert list(rows(reader.page(f"/indicators?{SEEN}&status=on_way"))) == ["Indicator", "people"]
    assert list(rows(reader.page(f"/indicators?{SEEN}&q=HÓUSE"))) == ["Indicator", "households"]
    assert "No indicator fits." in reader.page(f"/indicators?{SEEN}&q=zzz").main


def test_details_are_folded_under_what_they_detail(kept_survey: Survey) -> None:
    page = Reader(kept_survey.office).page(f"/indicators?{SEEN}")
    assert page.texts("//tr[@class='more']//li") == ["women_share 50 % no figure yet"]


def test_a_figure_stands_by_place_and_by_answer(kept_survey: Survey) -> None:
    page = Reader(kept_survey.office).page(f"/indicators/people?{SEEN}&level=village&by=sex&sort=value")
    assert rows(page, 6) == {
        "Village": ["Nam", "Nữ", "Figure", "As a bar", "Still missing", "Forms", "Status", "Compare"],
        "Thôn Lô Lô Chải": ["1", "2", "3", "", "", "1/1", "", "Compare Thôn Lô Lô Chải"],
        f"Thôn {FOREIGN} Pả": ["1", "–", "1", "", "", "1/1", "", f"Compare Thôn {FOREIGN} Pả"],
    }


def test_a_commune_without_its_own_target_says_so(kept_survey: Survey) -> None:
    page = Reader(kept_survey.office).page(f"/indicators/people?area={HERE}&period=2026")
    assert "No plan names a target for this place and period." in page.main
    assert Reader(kept_survey.office).get("/indicators/none").status_code == 404


def test_the_years_are_drawn_with_the_target_and_told_in_a_table(survey: Survey) -> None:
    survey.send(Visit(HERE_VILLAGE, "2024-03-04", "h1", 10, [("1", 29, "a")]))
    survey.refresh()
    page = Reader(survey.office).page(f"/indicators/people?{SEEN}")
    assert page.texts("//svg//*[@class='point']/title") == ["2024: 1", "2026: 4"]
    assert page.texts("//svg//*[@class='aim-mark']/title") == ["31/12/2026: 10"]
    assert page.texts("//svg//*[@class='break']/title") == ["The map changed on 01/07/2025"]
    assert rows(page, 3)["by 31/12/2026"] == ["≥ 10", "", "", "target"]
    assert rows(page, 4)["year 2026"] == ["4", "+3", "", "↗ on the way"]


def test_a_reader_of_one_commune_begins_there_and_sees_no_other(survey: Survey) -> None:
    reader = Reader(survey.office, "xa", REVIEWER)
    with survey.office.app.app_context(), transaction() as session:
        session.execute(update(Assignment).where(Assignment.role == REVIEWER).values(place_code=HERE))
    page = reader.page("/indicators?period=2026")
    assert page.texts("//h1") == ["Indicators: Xã Lũng Cú, year 2026"]
    assert FOREIGN not in page.source
    for place in (PROVINCE, THERE, "nowhere"):
        assert reader.get(f"/indicators?area={place}").status_code == 404


def test_a_commune_confirms_and_the_province_locks_and_unlocks(survey: Survey) -> None:
    manager = Reader(survey.office, "so", MANAGER)
    here = {"area": PROVINCE, "period": "2026"}
    assert "2 communes have not confirmed" in manager.page(f"/indicators?{SEEN}").main
    assert "cannot be locked yet" in manager.send("/figures/lock", here).main
    for place in (HERE, THERE):
        assert "Confirmed." in manager.send("/figures/confirm", {**here, "area": place}).main
    page = manager.send("/figures/lock", here)
    assert "Locked." in page.main
    assert "figures locked" in page.main
    assert "provisional" not in page.main
    survey.send(Visit(HERE_VILLAGE, "2026-03-05", "h9", 10, [("1", 30, "x")]))
    survey.refresh()
    page = manager.page(f"/indicators?{SEEN}")
    assert rows(page)["people"][0] == "4"
    assert "Changed since the lock." in page.main
    assert "Say why the figures are unlocked" in manager.send("/figures/unlock", {**here, "reason": " "}).main
    manager.send("/figures/unlock", {**here, "reason": "thiếu một hộ"})
    survey.refresh()
    page = manager.page(f"/indicators?{SEEN}")
    assert rows(page)["people"][0] == "5"
    assert page.texts("//ul[@class='history']/li")[0].endswith("so: thiếu một hộ")


def test_who_only_looks_signs_for_nothing(survey: Survey) -> None:
    reader = Reader(survey.office, "lanhdao", VIEWER)
    assert not reader.page(f"/indicators?{SEEN}").find("//form[contains(@action, '/figures/')]")
    for what in ("confirm", "lock", "unlock"):
        assert reader.post(f"/figures/{what}", {"area": PROVINCE, "period": "2026"}).status_code == 403


def test_without_indicators_the_page_says_where_they_come_from(office: Office) -> None:
    assert "sheet “indicators”" in Reader(office).page("/indicators").main
    assert Reader(office).get("/indicators/none").status_code == 404


def test_every_number_opens_the_rows_behind_it(kept_survey: Survey) -> None:
    reader = Reader(kept_survey.office)
    page = reader.page(f"/indicators/women_share?{SEEN}")
    link = next(one for one in page.links() if "side=denominator" in one and f"area={HERE}" in one)
    found = reader.page(link)
    assert len(found.find("//tbody/tr")) == 3
    assert found.texts("//tbody/tr/td[2]") == ["Thôn Lô Lô Chải"] * 3
    assert reader.page(found.links("//tbody//a")[0]).status == 200
    viewer = Reader(kept_survey.office, "lanhdao", VIEWER)
    assert viewer.get(link).status_code == 403
    assert not [one for one in viewer.page(f"/indicators/women_share?{SEEN}").links() if "/records" in one]


def test_what_is_reckoned_from_others_leads_to_their_rows(kept_survey: Survey) -> None:
    page = Reader(kept_survey.office).page(f"/indicators/men/records?{SEEN}")
    assert page.texts("//p[@class='note']/a") == ["people", "women"]


def test_the_first_page_names_what_is_behind(survey: Survey) -> None:
    reader = Reader(survey.office)
    assert not reader.page("/").find("//section[@aria-labelledby='behind']/ul")
    with survey.office.app.app_context(), transaction() as session:
        session.execute(
            update(IndicatorCell)
            .where(IndicatorCell.code == "people", IndicatorCell.place_code == PROVINCE)
            .values(status="behind")
        )
    assert reader.page("/").texts("//section[@aria-labelledby='behind']/ul/li") == ["people 4 / ≥ 10"]


def test_figures_are_taken_away_in_words_by_who_may_see_them(survey: Survey) -> None:
    reader = Reader(survey.office, "xa", REVIEWER)
    with survey.office.app.app_context(), transaction() as session:
        session.execute(update(Assignment).where(Assignment.role == REVIEWER).values(place_code=HERE))
    response = reader.get(f"/figures.csv?code=people&area={HERE}&period=2026")
    assert response.text.startswith("\ufeff")
    assert "Code of the indicator" in response.text
    assert FOREIGN not in response.text
    assert response.headers["Content-Disposition"].startswith("attachment; filename")
    book = reader.get(f"/figures.xlsx?code=people&area={HERE}&period=2026")
    assert book.data.startswith(b"PK")


def test_a_number_tells_how_it_was_counted_and_leads_to_its_lists(kept_survey: Survey) -> None:
    reader = Reader(kept_survey.office)
    page = reader.page(f"/indicators/women_share/figure?{SEEN}")
    assert "50 %" in page.texts("//p[contains(@class, 'figure big')]")[0]
    assert "only where Tuổi ≥ 15; those of which Giới is “Nữ”." in page.main
    assert any("side=denominator" in link for link in page.links())
    part = reader.page(f"/indicators/people/figure?{SEEN}&split=sex%3D2")
    assert "Giới: Nữ" in part.main
    assert "Reckoned from other figures: people − women" in reader.page(f"/indicators/men/figure?{SEEN}").main
    viewer = Reader(kept_survey.office, "xem", VIEWER)
    shown = viewer.page(f"/indicators/women_share/figure?{SEEN}")
    assert "Tuổi ≥ 15" in shown.main
    assert not [link for link in shown.links() if "/records" in link]


def test_places_stand_in_the_order_of_their_distance_from_the_target(kept_survey: Survey) -> None:
    page = Reader(kept_survey.office).page(f"/indicators/people?{SEEN}&level=village&sort=gap")
    assert page.find("//nav[@aria-label='Order']/a[@aria-current]")[0].text_content().strip() == (
        "Distance from the target"
    )
    # What has no target stands in its own order behind those that have one.
    assert [one.get("width") for one in page.find("//*[@class='value']")] == ["100.0", "33.3"]
    assert "Put the marked places side by side" in page.main


def test_places_stand_side_by_side_over_a_group_of_indicators(kept_survey: Survey) -> None:
    reader = Reader(kept_survey.office)
    asked = f"/indicators/compare/places?{SEEN}"
    choice = reader.page(asked)
    assert {one.get("value") for one in choice.find("//input[@name='place']")} == {PROVINCE, HERE, THERE}
    assert "Choose at least two places." in reader.page(f"{asked}&place={HERE}").main
    page = reader.page(f"{asked}&place={HERE}&place={THERE}&place={PROVINCE}")
    assert page.texts("//table//th[@scope='row']")[0] == "people"
    first = page.texts("//tbody/tr[1]/td")
    assert [cell.split()[0] for cell in first] == ["3", "1", "4"]
    assert "provisional figures" in page.main
    link = page.links("//tbody/tr[1]/td[1]/a")[0]
    assert reader.page(link).texts("//h1") == ["people"]
    csv = reader.get(f"{asked}&place={HERE}&place={THERE}&file=csv").text
    assert csv.startswith("\ufeff")
    assert "people,people,,3,3,," in csv
    assert reader.get(f"{asked}&place={HERE}&place={THERE}&file=xlsx").data.startswith(b"PK")
    assert reader.get(f"{asked}&place={HERE}&place=nowhere").status_code == 404


def test_a_period_stands_beside_the_one_before_with_the_difference(survey: Survey) -> None:
    survey.send(Visit(HERE_VILLAGE, "2025-03-04", "h1", 10, [("1", 29, "a")]))
    survey.refresh()
    reader = Reader(survey.office)
    page = reader.page(f"/indicators/compare/periods?{SEEN}")
    heads = [head.split(" provisional")[0] for head in page.texts("//thead//th")]
    assert heads == ["Indicator", "year 2026", "year 2025", "Difference"]
    people = next(row for row in page.find("//tbody/tr") if row.xpath("th")[0].text_content() == "people")
    assert [" ".join(cell.text_content().split()) for cell in people.xpath("td")][1:] == ["1", "▲ +3"]
    assert "The map changed on" not in page.main
    earlier = reader.page(f"/indicators/compare/periods?area={PROVINCE}&period=2025")
    assert "The map changed on 01/07/2025 (1684/NQ-UBTVQH15)" in earlier.main
    csv = reader.get(f"/indicators/compare/periods?{SEEN}&file=csv").text
    assert csv.splitlines()[0].split(",")[3:5] == ["2026", "2026: Numerator"]


def test_figures_are_no_longer_called_provisional_once_locked(survey: Survey) -> None:
    reader = Reader(survey.office, "so", MANAGER)
    compare = f"/indicators/compare/places?{SEEN}&place={HERE}&place={THERE}"
    assert reader.page(compare).find("//p[@class='stamp']")
    here = {"area": PROVINCE, "period": "2026", "even": "1"}
    assert "Locked." in reader.send("/figures/lock", here).main
    for address in (compare, f"/indicators/people?{SEEN}", f"/indicators/people/figure?{SEEN}"):
        page = reader.page(address)
        assert not page.find("//p[@class='stamp']")
        assert "provisional" not in page.main
