"""What a request to an OData address asks for: format, options, the rest of the address.

Source: OData Protocol 4.0 §§8, 11.2; central-api.md §2a.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import orjson
from flask import abort, request

from collector.v1.incoming import number
from forms.odata.problems import (
    ExpandUnsupported,
    FeatureUnsupported,
    FormatUnacceptable,
    SelectWithExpand,
    SkiptokenUnreadable,
)

VERSION = "4.0"
JSON, XML = "json", "xml"
_FORMATS = {JSON: ("application/json", "json"), XML: ("application/xml", "atom")}
_OPTIONS = frozenset({
    "count",
    "expand",
    "filter",
    "format",
    "orderby",
    "select",
    "skip",
    "skiptoken",
    "top",
    "wkt",
})
_TOKEN = "01"  # noqa: S105 - the version of the scheme, not a secret
_STEP = re.compile(r"(?P<name>[^(]+)(?:\('(?P<key>.*)'\))?", re.DOTALL)
_LEFT_AS_IT_IS = "%/:@!$&'()*+,;=~"
_SLASH = "\x1f"
"""How a slash that was sent as %2F travels through routing, see `collector.paths`."""


def check(answer: str, *, more: Iterable[str] = ()) -> None:
    """Refuse a request for another format, an older version, or with an option nobody knows here.

    `answer` is the format of what would come. Raises FormatUnacceptable, FeatureUnsupported.
    """
    _check_format(answer)
    try:
        if float(request.headers.get("OData-MaxVersion", VERSION)) < float(VERSION):
            abort(404)
    except ValueError:
        pass
    known = {f"${name}" for name in (*_OPTIONS, *more)}
    for name in request.args:
        # The token of a public link may travel with any address.
        if name not in known and name != "st":
            raise FeatureUnsupported(feature=name)


def _check_format(answer: str) -> None:
    other = XML if answer == JSON else JSON
    said = request.args.get("$format", "").strip().lower()
    if said:
        wrong = said.split(";")[0] in _named(other)
    else:
        accepted = {
            kind.split(";")[0].strip().lower() for kind, quality in request.accept_mimetypes if quality
        }
        fits = accepted & {*_named(answer), "application/*", "*/*"}
        wrong = not fits and bool(accepted & set(_named(other)))
    if wrong:
        got = said or request.headers.get("Accept", "")
        raise FormatUnacceptable(allowed=", ".join(_FORMATS[answer]), got=got[:200])


def _named(kind: str) -> tuple[str, ...]:
    return (
        (*_FORMATS[kind], "text/json")
        if kind == JSON
        else (*_FORMATS[kind], "xml", "text/xml", "application/atom+xml")
    )


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a table. `after` is what the skiptoken names; without `top` everything is meant."""

    top: int | None
    skip: int
    after: str | None
    count: bool
    wkt: bool
    expanded: bool
    select: str
    filter: str
    order: str


def options(token_name: str) -> Options:
    """The options of this request; `token_name` is what a skiptoken calls the row it names.

    Raises ExpandUnsupported, SelectWithExpand, FeatureUnsupported, SkiptokenUnreadable, NumberExpected.
    """
    expand, select, order = (request.args.get(name, "") for name in ("$expand", "$select", "$orderby"))
    if expand and expand != "*":
        raise ExpandUnsupported(text=expand)
    if expand and select:
        raise SelectWithExpand
    after = _anchor(token_name)
    if after is not None and order:
        raise FeatureUnsupported(feature="$orderby with $skiptoken")
    return Options(
        top=number("$top"),
        skip=0 if after is not None else number("$skip") or 0,
        after=after,
        count=_switched("$count"),
        wkt=_switched("$wkt"),
        expanded=bool(expand),
        select=select,
        filter=request.args.get("$filter", ""),
        order=order,
    )


def _switched(name: str) -> bool:
    return request.args.get(name, "").lower() == "true"


def _anchor(name: str) -> str | None:
    said = request.args.get("$skiptoken", "")
    if not said:
        return None
    try:
        token = orjson.loads(base64.b64decode(said.removeprefix(_TOKEN), validate=True))
        anchor = token[name]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise SkiptokenUnreadable from error
    # No id holds the sign that PostgreSQL refuses.
    if not said.startswith(_TOKEN) or not isinstance(anchor, str) or "\0" in anchor:
        raise SkiptokenUnreadable
    return anchor


def token(name: str, key: str) -> str:
    """The skiptoken that names a row."""
    return _TOKEN + base64.b64encode(orjson.dumps({name: key})).decode()


def service_address(steps: int) -> str:
    """The address of the service, as the client wrote it: this one's without its last `steps`."""
    path = _path()
    return f"{_host()}{path.rsplit('/', steps)[0] if steps else path}"


def next_address(**changed: str) -> str:
    """The same address with other options; `$skip` and `$skiptoken` only if they are among them."""
    left_out = {"$skip", "$skiptoken"}
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in left_out]
    return (
        f"{_host()}{_path()}?{urlencode([*kept, *((f'${name}', value) for name, value in changed.items())])}"
    )


def _host() -> str:
    return request.host_url.rstrip("/")


def _path() -> str:
    raw = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path)
    path = raw.split("?", 1)[0]
    if "://" in path:
        path = "/" + path.split("://", 1)[1].partition("/")[2]
    # What the client encoded stays as it is; what it should have encoded is bytes here.
    return quote(path.rstrip("/").encode("latin-1", "replace"), safe=_LEFT_AS_IT_IS)


@dataclass(frozen=True, slots=True)
class Below:
    """What follows a record in an address: a table by its names, the row around, or the only row."""

    names: tuple[str, ...]
    inside: str | None
    row: str | None


def below(path: str) -> Below:
    """The table under a record: `group/repeat('key')/inner`."""
    names: list[str] = []
    keys: list[str | None] = []
    for step in filter(None, path.split("/")):
        read = _STEP.fullmatch(step.replace(_SLASH, "/")) or abort(404)
        names.append(read["name"])
        keys.append(None if read["key"] is None else read["key"].replace("''", "'"))
    around = [key for key in keys[:-1] if key is not None]
    return Below(tuple(names), around[-1] if around else None, keys[-1] if keys else None)
