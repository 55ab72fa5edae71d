"""Links by which anybody fills one survey in a browser: made, handed on by Zalo or on paper, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from collector.accounts.guard import identity
from collector.actions import public_links as actions
from collector.actions.public_links import NewLink
from collector.actions.qr import svg_code
from collector.desk.page import NUMBER, form_of, is_out_of_reach, now, phone_address, scoped
from collector.desk.phones import places_typed
from collector.parts import parts
from storage.database import db, transaction
from storage.models import Form, FormVersion, PublicLink
from storage.queries import access, lists, volunteers
from storage.scope import current

blueprint = Blueprint("links", __name__)

LONGEST_NAME = 100
LONGEST_TEXT = 500
"""Signs of the text that is copied into Zalo."""
_LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class Line:
    """A link as a line of the list: its places, how many records came by it, whether it still opens."""

    link: PublicLink
    places: str
    sent: int

    @property
    def opens(self) -> bool:
        """Whether somebody can still fill by it."""
        return self.link.token_hash is not None


@scoped(blueprint, "/surveys/<seg:form_id>/links")
def index(project_id: int, form_id: str) -> str:
    """The links of a survey, and the form to make one."""
    return _index(project_id, form_id)


def _index(project_id: int, form_id: str, **more: object) -> str:
    form = form_of(project_id, form_id)
    return render_template(
        "links.html",
        form=form,
        title=_title(form),
        lines=_lines(form),
        typed=request.form,
        everywhere=current().whole,
        **more,
    )


def _title(form: Form) -> str:
    version = db.session().get(FormVersion, form.current_id) if form.current_id else None
    return (version.name if version else "") or form.xml_form_id


def _lines(form: Form) -> list[Line]:
    session = db.session()
    several = access.links_of(session, form.id)
    sent = lists.sent_by(session, [one.actor_id for one in several])
    named = volunteers.place_lines(session, {code for one in several for code in one.place_codes})
    return [
        Line(
            one,
            ", ".join(named[code].full if code in named else code for code in one.place_codes),
            sent.get(one.actor_id, 0),
        )
        for one in several
    ]


@scoped(blueprint, "/surveys/<seg:form_id>/links", methods=("POST",))
def make(project_id: int, form_id: str) -> ResponseReturnValue:
    """Make a link: its name, its places, one record from each browser or many."""
    name = request.form.get("name", "").strip()[:LONGEST_NAME]
    codes, doubt = places_typed(request.form.get("places", ""))
    form = form_of(project_id, form_id)
    sentences = (
        (not form.current_id, gettext("Publish the survey first: nobody can fill in a draft by a link.")),
        (not name or not name.isprintable(), gettext("Give the link a name: what it is for, and for whom.")),
        (bool(doubt), doubt),
        (
            not codes and not current().whole,
            gettext("Name the communes or villages this link is for: you work in some places only."),
        ),
    )
    for wrong, sentence in sentences:
        if wrong:
            return _index(project_id, form_id, sentence=sentence), 400
    once = request.form.get("how") == "once"
    with transaction() as session:
        wanted = NewLink(name, once, codes, identity().actor_id)
        made = actions.make(session, form_of(project_id, form_id), wanted, parts().vault, now=now())
        number = made.actor_id
    return redirect(url_for(".show", project_id=project_id, form_id=form_id, number=number), 303)


@scoped(blueprint, f"/surveys/<seg:form_id>/links/<{NUMBER}:number>")
def show(project_id: int, form_id: str, number: int) -> str:
    """One link: its code, its address, and the text to send on."""
    form, link = _found(project_id, form_id, number)
    title, address = _title(form), _address(link)
    [line] = [one for one in _lines(form) if one.link.actor_id == number]
    return render_template(
        "link.html",
        form=form,
        title=title,
        line=line,
        address=address,
        text=text_for_zalo(title, address, once=link.once) if address else "",
        out_of_reach=is_out_of_reach(phone_address()),
    )


def _found(project_id: int, form_id: str, number: int) -> tuple[Form, PublicLink]:
    form = form_of(project_id, form_id)
    return form, access.get_link(db.session(), form.id, number) or abort(404)


def _address(link: PublicLink) -> str:
    if link.token_sealed is None:
        return ""
    # A chat that makes links of addresses stops at signs like “!”.
    return f"{phone_address()}/w/l/{quote(parts().vault.open(link.token_sealed), safe='')}"


def text_for_zalo(title: str, address: str, *, once: bool) -> str:
    """The words to send on with a link, in Vietnamese, at most LONGEST_TEXT signs and no person's name."""
    with force_locale("vi"):
        head = gettext("You are asked to fill in: %(title)s", title=title[:_LONGEST_TITLE])
        how = gettext(
            "Touch the address. In Zalo choose “⋮”, then “Open in browser”. It works without signal."
        )
        often = gettext("Each phone fills it in once.") if once else ""
    return "\n".join(filter(None, (head, address, how, often)))[:LONGEST_TEXT]


@scoped(blueprint, f"/surveys/<seg:form_id>/links/<{NUMBER}:number>/qr.svg")
def qr_svg(project_id: int, form_id: str, number: int) -> Response:
    """The link as a code to scan, sharp on a screen and on paper."""
    _form, link = _found(project_id, form_id, number)
    return Response(svg_code(_address(link) or abort(404)), content_type="image/svg+xml")


@scoped(blueprint, f"/surveys/<seg:form_id>/links/<{NUMBER}:number>/revoke", methods=("POST",))
def revoke(project_id: int, form_id: str, number: int) -> ResponseReturnValue:
    """End a link; what came by it stays."""
    with transaction() as session:
        form, link = _found(project_id, form_id, number)
        name = link.actor.display_name
        actions.revoke(session, link, form, now=now())
    flash(gettext("The link “%(name)s” opens nothing any more. What came by it is kept.", name=name))
    return redirect(url_for(".index", project_id=project_id, form_id=form_id), 303)
