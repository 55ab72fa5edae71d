"""What a page hands out to be sent back is good for that page only."""

from __future__ import annotations

import pytest

from collector.desk.tickets import sealed
from storage.database import transaction
from storage.entities.lists import create_list
from tests.collector.desk.reader import Reader
from tests.office import NOW, Office

STEPS = {
    "archive": "/import/bring",
    "list": "/lists/households/files/enter",
    "register": "/lists/households/register/enter",
    "register again": "/lists/households/register",
    "villages": "/places/villages/enter",
    "volunteers": "/volunteers/enter",
    "village codes": "/village-codes",
    "picture": "/qr/picture",
}
"""Who hands out a ticket, and where it is sent back to."""


@pytest.fixture(scope="module")
def office_with_list(kept_office: Office) -> Office:
    with kept_office.app.app_context(), transaction() as session:
        create_list(session, 1, "households", now=NOW)
    return kept_office


@pytest.mark.parametrize("step", STEPS)
def test_the_ticket_of_another_page_opens_nothing(office_with_list: Office, step: str) -> None:
    office = office_with_list
    with office.app.app_context():
        foreign = [sealed(kind, "0" * 64, "a", 1, 1) for kind in STEPS if kind != step.split(maxsplit=1)[0]]
        token = office.parts.vault.seal("a phone's own token").decode()
        number = office.parts.vault.seal("7").decode()
    reader = Reader(office)
    for given in (*foreign, token, number, "", "x"):
        assert reader.post(STEPS[step], {"ticket": given}).status_code == 400
