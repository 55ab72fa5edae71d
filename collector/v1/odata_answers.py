"""How the OData door answers: rows while they are read, documents, and refusals in its two formats.

Source: OData JSON Format 4.0; central-api.md §2b.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
from flask import Blueprint, Response, stream_with_context
from lxml import etree
from werkzeug.exceptions import HTTPException

from collector.reading_log import counted
from collector.v1.odata_asking import VERSION
from forms.odata.rows import Row
from forms.problems import Problem

JSON_TYPE = "application/json; odata.metadata=minimal; charset=utf-8"
_XML_TYPE = "application/xml; charset=utf-8"


def xml(document: str) -> Response:
    """A schema document."""
    return Response(document, content_type=_XML_TYPE)


def answered(document: Any) -> Response:
    """A document of OData's JSON."""
    return Response(orjson.dumps(document), content_type=JSON_TYPE)


def streamed(
    pages: Callable[[], Iterator[list[Row]]],
    *,
    context: str,
    count: Callable[[], int] | None,
    following: Callable[[], str | None],
    empty: bool,
    blanks: bool = True,
) -> Response:
    """Rows while they are read: `value` first, then what is known only at the end.

    `following` gives the address of the next page, or None; `empty`: only the count is wanted. Without
    `blanks` an empty text is null.
    """
    total = count() if count is not None else None
    rows = iter(()) if empty else counted(pages())
    # The first page now, so that what is wrong is still an answer of its own.
    first: Sequence[Row] = next(rows, [])

    def pieces() -> Iterator[bytes]:
        yield b'{"value":[' + _written(first, blanks=blanks)
        begun = bool(first)
        for page in rows:
            if page:
                yield (b"," if begun else b"") + _written(page, blanks=blanks)
                begun = True
        tail: dict[str, Any] = {"@odata.context": context}
        link = None if empty else following()
        if link is not None:
            tail["@odata.nextLink"] = link
        if total is not None:
            tail["@odata.count"] = total
        yield b"]," + orjson.dumps(tail)[1:]

    return Response(stream_with_context(pieces()), content_type=JSON_TYPE)


def _written(rows: Sequence[Row], *, blanks: bool) -> bytes:
    written = orjson.dumps(rows)[1:-1]
    # In a text every quote has a backslash before it, so this is nothing but a name and an empty text.
    return written if blanks else written.replace(b':""', b":null")


_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML can hold (https://www.w3.org/TR/xml/#charsets) and an address can."""


def install(blueprint: Blueprint, *, in_xml: bool = False) -> Blueprint:
    """Give every answer of a blueprint the version of OData; refusals in XML where all else is."""
    blueprint.after_request(_say_version)
    if in_xml:
        blueprint.register_error_handler(Problem, _refused)
        blueprint.register_error_handler(HTTPException, _failed)
    return blueprint


def _say_version(response: Response) -> Response:
    response.headers["OData-Version"] = VERSION
    response.vary.add("Accept")
    return response


def _refused(problem: Problem) -> Response:
    # Every refusal is in the table there, which knows this door too.
    from collector.errors import STATUS, say

    code = STATUS[type(problem)]
    details = orjson.dumps(problem.details, default=str).decode()
    return _error(code.status, code.central, say(problem), details)


def _failed(error: HTTPException) -> Response:
    status = error.code or 500
    return _error(status, float(f"{status}.1"), error.description or error.name, "{}")


def _error(status: int, code: float, message: str, details: str) -> Response:
    root = etree.Element("error", code=str(code))
    etree.SubElement(root, "message").text = _NOT_XML.sub("\ufffd", message)
    etree.SubElement(root, "details").text = _NOT_XML.sub("\ufffd", details)
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Response(body, status, content_type="text/xml; charset=utf-8")
