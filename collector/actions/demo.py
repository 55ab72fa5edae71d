"""A server filled with a made-up survey, so that whoever tries it out finds no page empty.

The records come in as phones send them: through intake, with what is odd, corrected, deleted and awaited
among them as in any survey.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from collector.accounts.permissions import MANAGER, REVIEWER, VIEWER
from collector.accounts.secrets import new_password
from collector.actions import submissions
from collector.actions.accounts import NewPhone, create_app_user, create_user, revoke
from collector.actions.incoming import Address, Delivery, Sender
from collector.demo.names import ELSEWHERE, VALLEYS
from collector.demo.picture import png
from collector.demo.visit import Interviewer, Village, Visit, visit
from collector.demo.writing import Answers, submission
from collector.parts import Parts
from forms.places import VILLAGE
from storage.blobs import BlobStore, Staged
from storage.cells.marks import mark_records
from storage.database import db, transaction
from storage.models import AppUser, Assignment, Finding, Form, Place, Submission
from storage.problems import PlaceUnknown
from storage.queries.forms import current_version, get_form

FORM = "f01_hh_survey"
PROJECT = 1
LUNG_CU = "00715"
"""The commune of the officer `xa.lungcu`."""
HOUSEHOLDS = 240
_DAYS = 24
_HERE = ZoneInfo("Asia/Ho_Chi_Minh")
_AGENT = (
    "org.odk.collect.android/v2026.2.3 Dalvik/2.1.0 (Linux; U; Android 12; SM-A035F Build/SP1A.210812.016)"
)

_ACCOUNTS = (
    ("so.gddt", "Sở GDĐT – phụ trách GDTX", "manager", MANAGER),
    ("xa.lungcu", "UBND xã Lũng Cú – văn hóa xã hội", "reviewer", REVIEWER),
    ("lanhdao", "Lãnh đạo tỉnh", "viewer", VIEWER),
)
_PHONES = (
    ("Đoàn xã – máy 1", "Ly Thị Chở", "doan_tn"),
    ("Hội Phụ nữ xã", "Nông Thị Tuyết", "hoi_pn"),
)
"""The phones of each commune: name, who holds it, and for which organisation."""
_LOST_PHONE = "Máy cũ (đã mất ở chợ Đồng Văn)"
_ODD: Sequence[Mapping[str, str]] = (
    {"hh_minutes_clc": "khoảng 45"},
    {"hh_power": "may_no"},
    {"hh_tivi": "1"},
    {"hh_smartphones": "hai"},
)
"""What a phone with another version of the form, or a program, may send: a word for a number, a code or a
question the form has not got. It is kept and noted."""
_ODD_EVERY, _FIRST_ODD = 29, 7
_WITH_SIGNAL = 0.8
_REJECTED = 3


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in, and a password that is shown once."""

    username: str
    password: str
    role: str


@dataclass(frozen=True)
class _Phone:
    actor_id: int
    interviewer: Interviewer


@dataclass(frozen=True)
class _Sending:
    """A visit on its way to the server, and the dice that made it."""

    number: int
    visit: Visit
    phone: _Phone
    village: Village
    received_at: datetime


def fill(
    parts: Parts, *, now: datetime, progress: Callable[[int, int], None], size: int = HOUSEHOLDS
) -> tuple[Account, ...]:
    """Make accounts, phones and `size` households; returns the accounts made.

    Does nothing where any record is. Raises FormNotFound, PlaceUnknown where the household survey or the
    villages of the demo are missing.
    """
    session = db.session()
    if session.scalar(select(Submission.id).limit(1)) is not None:
        return ()
    form = current_version(session, get_form(session, PROJECT, FORM)).version
    villages = _villages(session)
    phones, accounts = _people(parts, villages, now)
    sendings = sorted(_sendings(villages, phones, now, size), key=lambda one: one.received_at)
    late = [one.number for one in sendings if one.visit.photo][-1:]
    for done, sending in enumerate(sendings, start=1):
        _send(parts, form, sending, withheld=sending.number in late)
        progress(done, size)
    _after(parts, form, sendings, now)
    return accounts


def _villages(session: Session) -> list[Village]:
    commune = aliased(Place)
    rows = session.execute(
        select(Place, commune)
        .join(commune, commune.code == Place.parent_code)
        .where(Place.level == VILLAGE, ~Place.code.endswith("-000"))
        .order_by(Place.code)
    ).all()
    if not rows:
        raise PlaceUnknown(code="00715-001")
    return [_village(place, above) for place, above in rows]


def _village(place: Place, commune: Place) -> Village:
    valley = VALLEYS.get(commune.code, ELSEWHERE)
    dice = _dice(place.code)
    return Village(
        place.uuid or "",
        place.code,
        commune.code,
        commune.name,
        commune.parent_code or "",
        valley,
        valley.latitude + dice.uniform(-0.02, 0.02),
        valley.longitude + dice.uniform(-0.02, 0.02),
    )


def _dice(seed: object) -> random.Random:
    return random.Random(f"demo {seed}")  # noqa: S311 - the same survey every time, no secret


def _people(
    parts: Parts, villages: Sequence[Village], now: datetime
) -> tuple[dict[str, list[_Phone]], tuple[Account, ...]]:
    """The phones of each commune, and the accounts of the offices."""
    begin = now - timedelta(days=_DAYS + 2)
    communes = {village.commune: village.commune_name for village in villages}
    accounts = tuple(Account(name, new_password(), role) for name, _display, role, _number in _ACCOUNTS)
    phones: dict[str, list[_Phone]] = {}
    with transaction() as session:
        for account, (name, display, _role, number) in zip(accounts, _ACCOUNTS, strict=True):
            user = create_user(session, name, account.password, display_name=display, now=begin)
            # The officer of the commune sees his commune, the others the province.
            own = LUNG_CU if number == REVIEWER and LUNG_CU in communes else None
            session.add(Assignment(actor_id=user.actor_id, role=number, project_id=PROJECT, place_code=own))
        for code, commune in communes.items():
            for label, holder, role in _PHONES:
                dice = _dice(f"{code} {label}")
                device = "collect:" + "".join(
                    dice.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJK23456789", k=16)
                )
                made, _token = create_app_user(
                    session,
                    NewPhone(PROJECT, f"{commune}: {label}", place_codes=(code,)),
                    parts.vault,
                    now=begin,
                )
                interviewer = Interviewer(holder, role, device)
                phones.setdefault(code, []).append(_Phone(made.actor_id, interviewer))
        lost, _token = create_app_user(session, NewPhone(PROJECT, _LOST_PHONE), parts.vault, now=begin)
        revoke(session, lost, now=now)
    return phones, accounts


def _sendings(
    villages: Sequence[Village], phones: Mapping[str, Sequence[_Phone]], now: datetime, size: int
) -> Iterator[_Sending]:
    today = now.astimezone(_HERE).date()
    for number in range(size):
        dice = _dice(number)
        village = villages[number % len(villages)]
        phone = dice.choice(phones[village.commune])
        day = today - timedelta(days=1 + (size - 1 - number) * _DAYS // size)
        began = datetime.combine(day, time(7, 30), _HERE) + timedelta(seconds=dice.randint(0, 9 * 3600))
        odd = _ODD[number // _ODD_EVERY % len(_ODD)] if number % _ODD_EVERY == _FIRST_ODD else {}
        made = visit(_dice(f"visit {number}"), village, phone.interviewer, began, odd)
        # Most have signal in the evening, some only the next day.
        wait = timedelta(
            minutes=dice.randint(5, 400) if dice.random() < _WITH_SIGNAL else dice.randint(900, 1500)
        )
        received = min(made.ended + wait, now - timedelta(seconds=size - number))
        yield _Sending(number, made, phone, village, received.replace(microsecond=0))


def _send(parts: Parts, version: str, sending: _Sending, *, withheld: bool) -> None:
    xml = submission(FORM, version, sending.visit.answers)
    files: dict[str, bytes] = {}
    if sending.visit.photo:
        files["audit.csv"] = _log(sending.visit)
        if not withheld:
            files[sending.visit.photo] = png(_dice(f"photo {sending.number}"))
    sender = Sender(sending.phone.actor_id, sending.phone.interviewer.device_id, _AGENT)
    with _staged(parts.blobs, files) as staged:
        parts.intake.receive(Delivery(xml, staged, sender, sending.received_at), Address((PROJECT,)))


@contextmanager
def _staged(blobs: BlobStore, files: Mapping[str, bytes]) -> Iterator[dict[str, Staged]]:
    staged = {name: blobs.stage() for name in files}
    try:
        for name, data in files.items():
            staged[name].write(data)
        yield staged
    finally:
        for item in staged.values():
            item.discard()


def _log(made: Visit) -> bytes:
    began, ended = (int(moment.timestamp() * 1000) for moment in (made.began, made.ended))
    first = began + (ended - began) // 3
    return (
        "event,node,start,end,old-value,new-value\n"
        f"form start,,{began},,,\n"
        f"question,/data/g_visit/visit_result,{began + 9000},{first},,1\n"
        f"form exit,,{ended},,,\nform finalize,,{ended},,,\n"
    ).encode()


def _after(parts: Parts, version: str, sendings: Sequence[_Sending], now: datetime) -> None:
    """What happens to records once they are in: corrected, reviewed, deleted."""
    met = [one for one in sendings if one.visit.interviewed]
    for sending in met[:: max(1, len(met) // 3)][:3]:
        _correct(parts, version, sending, now)
    with transaction() as session:
        form = get_form(session, PROJECT, FORM)
        _review(session, form, sendings)
        if met:
            submissions.delete(session, form, met[-1].visit.instance_id, now=now)
        for sending in sendings:
            session.get_one(AppUser, sending.phone.actor_id).last_used_at = sending.received_at


def _correct(parts: Parts, version: str, sending: _Sending, now: datetime) -> None:
    """The interviewer sends the form once more, with one answer changed."""
    before = sending.visit
    changed = visit(
        _dice(f"visit {sending.number}"),
        sending.village,
        sending.phone.interviewer,
        before.began,
        {"hh_smartphones": "3", "hh_internet": "1"},
    )
    meta: Answers = {
        "audit": "",
        "deprecatedID": before.instance_id,
        "instanceID": f"{before.instance_id[:-4]}0001",
        "instanceName": changed.name,
    }
    again = replace(changed, answers=changed.answers | {"meta": meta}, photo="")
    received = min(sending.received_at + timedelta(hours=5), now)
    _send(parts, version, replace(sending, visit=again, received_at=received), withheld=True)


def _review(session: Session, form: Form, sendings: Sequence[_Sending]) -> None:
    """The first third was looked through: approved, but for what has findings."""
    wrong = set(session.scalars(select(Finding.submission_id)))
    for place, sending in enumerate(sendings[: len(sendings) // 3]):
        record = session.scalars(
            select(Submission).where(
                Submission.form_id == form.id, Submission.instance_id == sending.visit.instance_id
            )
        ).one()
        if record.review_state is None:
            record.review_state = "hasIssues" if record.id in wrong else "approved"
        if place == _REJECTED:
            record.review_state = "rejected"
        mark_records(session, form.id, [(record.place_code, record.reported_on)])
