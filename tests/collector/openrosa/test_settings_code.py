"""The code a phone scans: OR-97.

The contract below is ours, of the keys this server writes, as Collect's own settings schema types them
(getodk/collect, settings/src/main/resources/client-settings.schema.json, at 137f3259b18e): Collect takes
nothing from a code in which one value has another type, and drops an unknown word of an enumeration.
"""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import segno

from collector.actions.qr import collect_settings, png_code, svg_code, terminal_code

TOKEN = "aZ9!" * 8 + "$b0C" * 8
URL = f"https://khaosat.tinh-cao-bang.example.vn/v1/key/{TOKEN}/projects/1"
PROJECT = "Điều tra nhu cầu học tập và xóa mù chữ"

TEXT, YES_OR_NO = {"type": "string"}, {"type": "boolean"}


def one_of(*words: str) -> dict[str, Any]:
    """One of these words."""
    return {"type": "string", "enum": [*words]}


def only(required: tuple[str, ...] = (), **known: dict[str, Any]) -> dict[str, Any]:
    """An object of these keys and no others: Collect passes over a misspelt key in silence."""
    return {
        "type": "object",
        "properties": known,
        "required": [*required],
        "additionalProperties": False,
    }


CONTRACT = only(
    ("general", "admin", "project"),
    general=only(
        # Without the first two of these the phone does nothing by itself; absent keys are reset.
        ("form_update_mode", "autosend", "server_url"),
        server_url={"type": "string", "pattern": r"^https?://[^/]+/v1/key/[A-Za-z0-9!$]{64}/projects/\d+$"},
        username=TEXT,
        metadata_username=TEXT,
        form_update_mode=one_of("manual", "previously_downloaded", "match_exactly"),
        periodic_form_updates_check=one_of(
            "every_fifteen_minutes", "every_one_hour", "every_six_hours", "every_24_hours"
        ),
        automatic_update=YES_OR_NO,
        autosend=one_of("off", "wifi_only", "cellular_only", "wifi_and_cellular"),
        delete_send=YES_OR_NO,
        app_language=TEXT,
    ),
    admin=only(),
    project=only(
        ("name",), name=TEXT, icon=TEXT, color={"type": "string", "pattern": "^#([0-9a-f]{3}|[0-9a-f]{6})$"}
    ),
)


def read(text: str) -> dict[str, Any]:
    """What Collect reads: base64 without line ends, zlib, JSON in UTF-8."""
    assert re.fullmatch("[A-Za-z0-9+/]+={0,2}", text)
    told: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(text, validate=True)).decode("utf-8"))
    return told


def test_or_97_the_code_is_read_by_collect_and_says_all_it_needs() -> None:
    text = collect_settings(URL, PROJECT)
    assert text.startswith("eJ")
    assert len(text) <= 4000
    settings = read(text)
    jsonschema.validate(settings, CONTRACT)
    assert settings["general"]["server_url"] == URL
    assert settings["general"]["form_update_mode"] == "match_exactly"
    assert settings["general"]["autosend"] == "wifi_and_cellular"
    assert settings["project"]["name"] == PROJECT


@pytest.mark.parametrize("name", ["Khảo sát hộ 📝", "x" * 500, "\"'<&>\\", "", " "])
def test_or_97_any_project_name_fits(name: str) -> None:
    text = collect_settings(URL, name, username="lan")
    settings = read(text)
    jsonschema.validate(settings, CONTRACT)
    assert settings["project"]["name"] == name[:60]
    assert settings["general"]["username"] == "lan"
    assert len(text) <= 1000


def test_or_97_the_same_phone_gets_the_same_address_again() -> None:
    # Collect finds its project again by comparing this text.
    assert collect_settings(URL, PROJECT) == collect_settings(URL, PROJECT)
    first, second = read(collect_settings(URL, "A")), read(collect_settings(URL, "B"))
    assert first["general"] == second["general"]


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("general", "autosend", True),
        ("general", "autosend", "always"),
        ("general", "automatic_update", "true"),
        ("general", "form_update_mode", "match"),
        ("general", "autosendd", "off"),
        ("admin", "admin_pw", 1),
        ("project", "color", "green"),
    ],
)
def test_the_contract_tells_a_wrong_code(part: str, key: str, value: object) -> None:
    settings = read(collect_settings(URL, PROJECT))
    settings[part][key] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(settings, CONTRACT)


def modules(text: str) -> list[list[bool]]:
    """The dark and light squares of that text as Collect draws it, with the quiet zone around."""
    code = segno.make_qr(text, error="l", boost_error=False)
    return [[bool(square) for square in row] for row in code.matrix_iter(scale=1, border=4)]


def test_or_97_the_png_shows_that_text() -> None:
    text = collect_settings(URL, PROJECT)
    assert squares_of_png(png_code(text), scale=6) == modules(text)


def test_or_97_the_svg_shows_that_text() -> None:
    text = collect_settings(URL, PROJECT)
    assert squares_of_svg(svg_code(text)) == modules(text)


def test_or_97_the_terminal_shows_that_text() -> None:
    assert len(terminal_code(collect_settings(URL, PROJECT)).splitlines()) > 20


def squares_of_png(png: bytes, *, scale: int) -> list[list[bool]]:
    """The dark squares of a picture of one bit a dot."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    file, data = io.BytesIO(png[8:]), b""
    width = height = 0
    while head := file.read(8):
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        body = file.read(size)
        file.read(4)
        if kind == b"IHDR":
            width, height = (int.from_bytes(body[at : at + 4], "big") for at in (0, 4))
            assert body[8:10] == b"\x01\x00", "one bit a dot, shades of grey"
        if kind == b"IDAT":
            data += body
    rows = unfiltered(zlib.decompress(data), (width + 7) // 8)
    assert len(rows) == height
    middle = scale // 2
    return [
        [not row[x // 8] >> (7 - x % 8) & 1 for x in range(middle, width, scale)]
        for row in rows[middle::scale]
    ]


def unfiltered(data: bytes, width: int) -> list[bytes]:
    """Rows of `width` bytes, each written as it is (0) or as its difference from the row above (2)."""
    rows = [bytes(width)]
    for at in range(0, len(data), width + 1):
        kind, written = data[at], data[at + 1 : at + 1 + width]
        assert kind in {0, 2}
        above = rows[-1] if kind else bytes(width)
        rows.append(bytes((one + other) % 256 for one, other in zip(written, above, strict=True)))
    return rows[1:]


def squares_of_svg(svg: bytes) -> list[list[bool]]:
    """The dark squares of a picture drawn in strokes of one square's height."""
    root = ET.fromstring(svg)  # noqa: S314  # our own picture
    path = root.find(".//{http://www.w3.org/2000/svg}path")
    assert path is not None
    side = int(root.get("width", "0")) // 4
    dark = [[False] * side for _ in range(side)]
    x, y = 0, 0.0
    for kind, numbers in re.findall(r"([Mmh])([-\d. ]+)", path.get("d", "")):
        if kind == "h":
            for square in range(x, x + int(numbers)):
                dark[int(y)][square] = True
            x += int(numbers)
            continue
        across, down = map(float, re.findall(r"-?[\d.]+", numbers))
        x, y = (int(across), down) if kind == "M" else (x + int(across), y + down)
    return dark
