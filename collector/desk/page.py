"""What every page shares: where it stands, who reads it, how moments and sizes are written on it.

Pages of project 1 have short addresses; those of another project stand under `/projects/<number>`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_babel import format_date, format_decimal, format_timedelta, get_locale, gettext
from flask_wtf.csrf import CSRFError

from collector.accounts.guard import identity, identity_or_nobody
from collector.asked import number
from collector.clock import moment
from collector.desk import translating
from collector.desk.assets import addresses as joined_files
from collector.desk.language import LANGUAGES
from collector.desk.menu import menu_of
from collector.desk.naming import list_title, property_title
from collector.packing import packed
from collector.parts import parts
from collector.wording import fill
from forms.values import HOME
from storage.cuts import within
from storage.database import db
from storage.models import Form
from storage.queries import forms

FIRST_PROJECT = 1

NUMBER = "int(max=2147483647)"
"""What an address may call a project, a phone or a version: no more than a database column holds."""

LARGEST_NUMBER = 2**63 - 1

LARGEST_PAGE = 256 * 1024
"""Bytes a page may send without files."""

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of a workbook or a file of a form, sent from a page."""

WITH_FILES = frozenset({
    "desk.drafts.take",
    "desk.drafts.take_files",
    "desk.surveys.take_files",
    "desk.volunteers.look",
    "desk.village_files.look",
    "desk.outlines.look",
    "desk.list_files.look",
    "desk.report_templates.take",
    "desk.registers.look",
    "desk.moving.look",
    "desk.round_trip.look",
})

_AT_HOME = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "[::1]"})  # noqa: S104 - an address to recognise

View = TypeVar("View", bound=Callable[..., Any])


def scoped(blueprint: Blueprint, rule: str, *, methods: Sequence[str] = ("GET",)) -> Callable[[View], View]:
    """Route a view of one project at `rule` for the first project, under `/projects/<number>` for others."""

    def mark(view: View) -> View:
        short = {"project_id": FIRST_PROJECT}
        blueprint.add_url_rule(rule, view_func=view, methods=methods, defaults=short)
        blueprint.add_url_rule(f"/projects/<{NUMBER}:project_id>{rule}", view_func=view, methods=methods)
        return view

    return mark


def furnish(desk: Blueprint) -> None:
    """Give all pages what they share."""
    desk.before_app_request(_bound)
    desk.before_request(_refuse_nul)
    # The last one named is the first to run.
    desk.after_request(packed)
    desk.after_request(_keep_private)
    desk.register_error_handler(CSRFError, _stale)
    desk.context_processor(_common)
    desk.app_context_processor(_everywhere)
    desk.record_once(_prepare_assets)
    desk.record_once(lambda state: translating.install(state.app.jinja_env))
    for name, filter_ in FILTERS.items():
        desk.add_app_template_filter(filter_, name)


def _bound() -> None:
    endpoint = request.endpoint or ""
    if endpoint.startswith("desk."):
        request.max_content_length = LARGEST_FILE if endpoint in WITH_FILES else LARGEST_PAGE


def _refuse_nul() -> None:
    # Nobody types it, and no column of PostgreSQL holds it.
    said = [part for pair in request.values.items(multi=True) for part in pair]
    said += [file.filename or "" for file in request.files.values()]
    if any("\0" in text for text in said):
        abort(400)


def _keep_private(response: Response) -> Response:
    # An office shares its computers: nothing may be read there after somebody has signed out.
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def _stale(_error: CSRFError) -> tuple[str, int]:
    sentence = gettext(
        "This page had been open for too long. Go back, load it again and repeat what you did."
    )
    return render_template("error.html", status=400, sentence=sentence, number=number()), 400


def _common() -> dict[str, Any]:
    reader = identity_or_nobody()
    project_id = (request.view_args or {}).get("project_id", FIRST_PROJECT)
    return {
        "me": reader,
        "project_id": project_id,
        "languages": LANGUAGES,
        "menu": None if reader.actor_id is None else menu_of(reader, project_id),
    }


def _everywhere() -> dict[str, Any]:
    """What an error page needs too, so nothing that could fail."""
    return {"language": language()}


def _prepare_assets(state: BlueprintSetupState) -> None:
    """Name static files by what is in them, so that browsers may keep them for a year."""
    app = state.app
    folder = Path(app.static_folder or "")
    addresses = {
        path.name: f"{app.static_url_path}/{path.name}?v={sha256(path.read_bytes()).hexdigest()[:12]}"
        for path in folder.iterdir()
    }
    addresses |= joined_files()
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = timedelta(days=365)
    naming = {"list_title": list_title, "property_title": property_title}
    app.jinja_env.globals.update(asset=addresses.__getitem__, told=fill, **naming)


def now() -> datetime:
    """The moment of the request."""
    return moment()


def start_of_today() -> datetime:
    """Midnight in Viet Nam, before now."""
    return moment().astimezone(HOME).replace(hour=0, minute=0, second=0, microsecond=0)


def may(verb: str, project_id: int) -> bool:
    """Whether the reader may do that in the project."""
    return identity().may(verb, project_id)


def may_everywhere(verb: str, project_id: int) -> bool:
    """Whether the reader may do that in the project, and wherever on the map."""
    return may(verb, project_id) and identity().scope((verb,), project_id).whole


@contextmanager
def seeing(verb: str, project_id: int) -> Iterator[None]:
    """Look at the places where the reader may do that, and at no others."""
    with within(identity().scope((verb,), project_id)):
        yield


def form_of(project_id: int, form_id: str) -> Form:
    """A form of a project. Raises FormNotFound."""
    return forms.get_form(db.session(), project_id, form_id)


def language() -> str:
    """The language of the page."""
    return str(get_locale() or "vi")


def phone_address() -> str:
    """The address phones reach this server at, without a slash at its end."""
    return parts().settings.public_url or request.host_url.rstrip("/")


def is_out_of_reach(address: str) -> bool:
    """Whether no phone can reach that address, because it means the machine itself."""
    return (urlsplit(address).netloc.rpartition(":")[0] or urlsplit(address).netloc) in _AT_HOME


def whole_number(text: str) -> int:
    """A number somebody typed that a column can hold. Raises ValueError for any other."""
    number = int(text)
    if abs(number) > LARGEST_NUMBER:
        raise ValueError(text)
    return number


def asked_number(name: str) -> int | None:
    """A number in the query of the address, None where there is no usable one."""
    number = request.args.get(name, type=whole_number)
    return number if number is not None and number >= 0 else None


def local_target(address: str) -> str:
    """Where to go after signing in: a path of this server, or the first page if it is anything else."""
    if not address.startswith("/") or address.startswith("//") or not address.isprintable():
        return "/"
    return "/" if "\\" in address else address


# How things are written ---------------------------------------------------------------------------


def written_moment(value: datetime) -> str:
    """A moment in Viet Nam's time: of today only the hour, else the day too."""
    if value >= start_of_today():
        return str(gettext("today %(time)s", time=f"{value.astimezone(HOME):%H:%M}"))
    return written_full_moment(value)


def written_full_moment(value: datetime) -> str:
    """A moment in Viet Nam's time, the day included."""
    # The same in every language, and a list has fifty of them twice.
    return f"{value.astimezone(HOME):%d/%m/%Y %H:%M}"


def written_ago(value: datetime) -> str:
    """How long ago a moment was, in words: for what is noted once an hour nothing finer than that."""
    since = moment() - value
    if since < timedelta(hours=1):
        return str(gettext("in the last hour"))
    return str(format_timedelta(-since, granularity="hour", threshold=1.2, add_direction=True))


def written_day(value: date) -> str:
    """A day."""
    return str(format_date(value, "dd/MM/yyyy", rebase=False))


def written_time(value: time) -> str:
    """A time of day."""
    return value.strftime("%H:%M")


def written_number(value: float) -> str:
    """A number as the reader's language groups it."""
    return str(format_decimal(value))


def written_size(value: int) -> str:
    """Bytes, roughly."""
    for unit in ("B", "KB", "MB"):
        if value < 1000:  # noqa: PLR2004 - where people change the unit
            return f"{format_decimal(round(value, 1 if value < 10 else 0))} {unit}"  # noqa: PLR2004
        value = value / 1000  # type: ignore[assignment]
    return f"{format_decimal(round(value, 1))} GB"


def machine_moment(value: datetime) -> str:
    """A moment for programs that read the page."""
    return value.astimezone(HOME).isoformat(timespec="seconds")


FILTERS: dict[str, Callable[..., str]] = {
    "moment": written_moment,
    "full_moment": written_full_moment,
    "ago": written_ago,
    "day": written_day,
    "clock": written_time,
    "number": written_number,
    "size": written_size,
    "machine": machine_moment,
}
