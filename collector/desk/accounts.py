"""Accounts of the server, and the link by which somebody sets a new password without the old one."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from collector.accounts.guard import identity
from collector.actions import users
from collector.actions.roles import NAMES
from collector.desk.account import ROLE_NAMES
from collector.desk.page import NUMBER, is_out_of_reach, now, phone_address
from storage.database import db, transaction
from storage.queries import people

blueprint = Blueprint("accounts", __name__)


def _page(**more: object) -> str:
    session = db.session()
    spoken = {number: ROLE_NAMES[name]() for name, number in NAMES.items()}
    return render_template(
        "accounts.html",
        accounts=people.accounts(session),
        roles={
            actor_id: [spoken[role] for role in held if role in spoken]
            for actor_id, held in people.roles_held(session).items()
        },
        **more,
    )


@blueprint.get("/accounts")
def index() -> str:
    """Everybody who signs in here."""
    return _page()


@blueprint.post(f"/accounts/<{NUMBER}:number>/reset")
def reset(number: int) -> str:
    """A link to set a new password, shown on this page and never again."""
    with transaction() as session:
        user = people.account(session, number) or abort(404)
        token = users.allow_reset(session, user, by=identity().actor_id, now=now())
        name = user.actor.display_name
    address = phone_address()
    return _page(link=f"{address}/reset/{token}", named=name, out_of_reach=is_out_of_reach(address))
