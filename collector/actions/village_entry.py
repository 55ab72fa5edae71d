"""A village's code and PIN open its access, in whatever browser they are typed.

Why the ceilings: wrong PINs are counted by code and network address, so that whoever guesses from one line
has to wait while the village, on its own, still gets in. A whole network of guessers is held off the code by
a wide ceiling: at that rate a million PINs last for weeks, and the commune can print another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collector.accounts.secrets import Vault
from collector.actions import pins
from collector.actions.attempts import counted
from storage.audits import note, of_actor
from storage.cuts import within
from storage.database import db, transaction
from storage.models import AppUser
from storage.problems import NotSignedIn
from storage.queries import webforms
from storage.scope import WHOLE
from storage.webform_problems import VillagePinWrong

MOST_OF_LINE = 20
"""Wrong PINs for one code from one network address, in the time `counted` looks back."""
MOST_OF_ADDRESS = 100
"""Wrong PINs from one network address: phones of a province may share one of their carrier's."""
MOST_OF_CODE = 300
"""Wrong PINs for one code, wherever they come from."""
_LONGEST = 20


@dataclass(frozen=True, slots=True)
class Opened:
    """The access of a village: `place` is its code and name."""

    token: str
    actor_id: int
    project_id: int
    name: str
    place: tuple[str, str] | None


def enter(code: str, pin: str, address: str, vault: Vault, *, now: datetime) -> Opened:
    """The access a code and PIN open. Call it outside of any transaction.

    The answer is the same, and takes as long, for a code nobody has. Raises VillagePinWrong,
    TooManyAttempts.
    """
    typed = "".join(letter for letter in code[:_LONGEST].lower() if letter.isalnum())

    def check() -> int:
        # Nobody is signed in here: what opens the door is the PIN.
        with within(WHOLE):
            found = webforms.village_by_code(db.session(), typed)
        if not pins.is_of(vault, found, pin[:_LONGEST]) or found is None:
            raise NotSignedIn
        return found.actor_id

    def of_line() -> int:
        return counted(f"village\0{typed}", address, check, now=now, most=MOST_OF_LINE)

    def of_code() -> int:
        return counted(f"village\0{typed}", "anywhere", of_line, now=now, most=MOST_OF_CODE)

    try:
        actor_id = counted("village\0", address, of_code, now=now, most=MOST_OF_ADDRESS)
    except NotSignedIn as error:
        raise VillagePinWrong from error
    return _opened(actor_id, vault, now)


def _opened(actor_id: int, vault: Vault, now: datetime) -> Opened:
    with within(WHOLE), transaction(noticed=False) as session:
        phone = session.get_one(AppUser, actor_id)
        if phone.token_sealed is None:
            raise VillagePinWrong
        actee = of_actor(phone.actor, phone.project_id)
        note(session, "field_key.session.create", actee=actee, actor_id=actor_id, now=now)
        names = webforms.place_names(session, [phone.village] if phone.village else [])
        place = next(iter(names.items()), None)
        token = vault.open(phone.token_sealed)
        return Opened(token, actor_id, phone.project_id, phone.actor.display_name, place)
