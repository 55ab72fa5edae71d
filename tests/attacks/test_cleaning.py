"""What an officer types, and programs send, that no database, no file and no pattern can bear."""

from __future__ import annotations

import pytest

from tests.collector.desk.cleaning import FORM, LIST, household
from tests.collector.desk.reader import Reader
from tests.collector.openrosa.sending import Volunteer
from tests.office import Office

NOISE = "\0\x0b\x1f\ufffe"
RICH = FORM.replace(
    "| | integer | rooms",
    "| | decimal | area | Diện tích | | int(. * 10) > 0 | Phải lớn hơn 0 |\n"
    "| | text | note | Ghi chú | | regex(., '[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*') | Chữ thường |\n"
    "| | integer | rooms",
)


@pytest.fixture
def officer(office: Office) -> Reader:
    """Somebody at the office, where one household was sent."""
    form = office.publish(RICH)
    rich = household(1).replace(b"<rooms>", b"<area>50</area><note>a</note><rooms>")
    assert Volunteer(office, form=form).post(rich).status_code == 201
    return Reader(office)


def corrected(officer: Reader, path: str, text: str, words: str = "") -> int:
    page = officer.page(f"{LIST}/uuid:1/correct")
    base = str(page.find("//input[@name='base']")[0].get("value"))
    said = {"base": base, "reason": "other" if words else "typing", "words": words, f"answer:|{path}": text}
    return officer.post(f"{LIST}/uuid:1/correct", said).status_code


def test_what_no_file_may_hold_is_left_out_of_answers_and_replaced_elsewhere(officer: Reader) -> None:
    assert corrected(officer, "/head", f"Lò Thị{NOISE} Mỷ", words=f"nghe{NOISE} lại") == 303
    assert "Lò Thị Mỷ" in officer.page(f"{LIST}/uuid:1").main.replace("\N{REPLACEMENT CHARACTER}", "")
    assert officer.post(f"{LIST}/uuid:1/comment", {"body": f"đã{NOISE} gọi"}).status_code == 303
    for fields in (
        {"scope": "ticked", "record": "uuid:1", "act": "answer", "path": "/head", "text": NOISE},
        {"scope": "ticked", "record": NOISE, "act": "approved"},
        {"scope": "all", "act": "approved", "state": NOISE, "place": NOISE},
    ):
        assert officer.post("/surveys/ho/many", fields).status_code == 200, fields


def test_a_number_the_forms_rule_cannot_reckon_with_is_left_to_the_phone(officer: Reader) -> None:
    assert corrected(officer, "/area", "1e308") == 303


def test_a_rule_with_a_slow_pattern_keeps_nobody_waiting(officer: Reader) -> None:
    # Tried in every way there is, it would take longer than the universe has been there.
    assert corrected(officer, "/note", "a" * 200 + "1") == 303


@pytest.mark.parametrize("after", ["99999999999999999999999", "-1", "9223372036854775808"])
def test_a_number_beyond_all_numbers_finds_the_first_page(office: Office, after: str) -> None:
    officer = Reader(office)
    assert officer.get(f"/findings?after={after}").status_code == 200
    token = {"Authorization": f"Bearer {office.session_token()}"}
    assert office.client().get(f"/api/findings?after={after}", headers=token).json == {
        "open": 0,
        "findings": [],
    }


def test_json_that_holds_no_letters_or_has_no_bottom_is_no_failure_of_the_server(office: Office) -> None:
    client, token = office.client(), {"Authorization": f"Bearer {office.session_token()}"}
    deep = b'{"state":' + b"[" * 200_000
    for body, status in (
        (b'{"state":"accepted","reason":"\\u0000\\ud800"}', 404),
        (b'{"state":"\\u0000","owner":99999999999999999999999999}', 404),
        (deep, 400),
    ):
        answer = client.patch("/api/findings/1", data=body, content_type="application/json", headers=token)
        assert answer.status_code in {status, 404}, body[:40]
