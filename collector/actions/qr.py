"""The settings code a phone scans, as ODK Collect reads it (openrosa.md §2).

Knows: segno.
"""

from __future__ import annotations

import base64
import io
import json
import zlib

import segno

_SHEET_MASK = 2


def collect_settings(server_url: str, project_name: str, *, username: str = "", holder: str = "") -> str:
    """The text of the code: base64 of zlib of JSON; importing it resets what it leaves out.

    `username` is who a Collect with a password signs in as; `holder` is what forms are told of the person
    (their `username` question), by which a recheck is kept from its own enumerator.
    """
    general: dict[str, str | bool] = {
        "server_url": server_url,
        "form_update_mode": "match_exactly",
        "automatic_update": True,
        "autosend": "wifi_and_cellular",
        "app_language": "vi",
    }
    if username:
        general["username"] = username
    if holder:
        general["metadata_username"] = holder[:100]
    settings = {
        "general": general,
        "admin": {},
        "project": {"name": project_name[:60], "icon": "📝", "color": "#0b6e4f"},
    }
    plain = json.dumps(settings, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(plain)).decode()


def _code(text: str, mask: int | None = None) -> segno.QRCode:
    # Level L as Collect makes them: fewer modules, so that an old camera still reads a printed sheet.
    return segno.make_qr(text, error="l", boost_error=False, mask=mask)


def svg_code(text: str) -> bytes:
    """The code as an SVG picture."""
    out = io.BytesIO()
    _code(text).save(out, kind="svg", scale=4, border=4, xmldecl=False, title="QR")
    return out.getvalue()


def png_code(text: str) -> bytes:
    """The code as a PNG picture."""
    out = io.BytesIO()
    _code(text).save(out, kind="png", scale=6, border=4)
    return out.getvalue()


def code_in_page(text: str) -> str:
    """The code as a drawing inside a page, for sheets of a thousand; its size is the page's matter.

    Trying all eight masks for the prettiest takes four fifths of the time; any of them can be read.
    """
    return _code(text, _SHEET_MASK).svg_inline(
        scale=1, border=4, omitsize=True, svgclass=None, lineclass=None
    )


def terminal_code(text: str) -> str:
    """The code for a terminal."""
    out = io.StringIO()
    _code(text).terminal(out=out, compact=True)
    return out.getvalue()
