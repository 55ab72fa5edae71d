"""A receipt leads back to its record, and a slip of the pen to none."""

from __future__ import annotations

import pytest

from forms.receipts import number_of, receipt

NUMBERS = (1, 9, 123, 99_999, 1_000_000, 27_000_000)


@pytest.mark.parametrize("number", NUMBERS)
def test_it_leads_back_to_its_record_however_it_is_typed(number: int) -> None:
    written = receipt(number)
    digits, check = written.split("-")
    assert len(digits) >= 6
    assert number_of(written) == number
    for typed in (
        f" {written} ",
        f"{digits} {check}",
        f"{digits}–{check}",
        f"{digits}.{check}",
        digits + check,
    ):
        assert number_of(typed) == number
    assert number_of(f"{number}-{check}") == number


def test_one_wrong_digit_leads_nowhere() -> None:
    written = receipt(104_265)
    for at, right in enumerate(written):
        for wrong in set("0123456789") - {right, "-"}:
            if right != "-":
                assert number_of(written[:at] + wrong + written[at + 1 :]) is None


def test_two_digits_that_changed_places_lead_nowhere() -> None:
    digits, check = receipt(104_265).split("-")
    for at in range(len(digits) - 1):
        if digits[at] != digits[at + 1]:
            turned = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
            assert number_of(f"{turned}-{check}") is None


@pytest.mark.parametrize("typed", ["", "abc", "12", "000000-0", "uuid:1", "1-", "1" * 40, "-4"])
def test_what_is_no_receipt_leads_nowhere(typed: str) -> None:
    assert number_of(typed) is None
