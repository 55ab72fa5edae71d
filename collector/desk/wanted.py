"""What a page's form asks of an extract or a release, and the words for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from flask import request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from collector.actions.releases import Wanted
from collector.desk.page import language

USES: Final[Mapping[str, tuple[tuple[str, ...], str, str]]] = {
    "officer": (("xlsx",), "tables", "labels"),
    "analysis": (("csv", "parquet", "sav", "dta"), "tables", "codes"),
    "wide": (("xlsx",), "wide", "labels"),
    "map": (("geojson",), "tables", "labels"),
}
"""What files are for: formats, shape and words, unless somebody says otherwise."""

FORMAT_NAMES: Final[Mapping[str, str]] = {
    "xlsx": "Excel",
    "csv": "CSV",
    "parquet": "Parquet",
    "sav": "SPSS",
    "dta": "Stata",
    "geojson": "GeoJSON",
}

FILE_NAMES: Final[Mapping[str, Callable[[], str]]] = {
    "photos": lambda: gettext("Photos and recordings"),
}

REPORT_NAMES: Final[Mapping[str, Callable[[], str]]] = {
    "docx": lambda: "Word",
    "pdf": lambda: "PDF",
    "zip": lambda: gettext("All places, Word and PDF in one zip"),
}

PROTECTION_NAMES: Final[Mapping[str, Callable[[], str]]] = {
    "deidentified": lambda: gettext("Without the people in it"),
    "pseudonyms": lambda: gettext("Made-up codes instead of names"),
    "none": lambda: gettext("With names and all answers"),
}

REVIEW_NAMES: Final[Mapping[str, Callable[[], str]]] = {
    "received": lambda: gettext("not judged yet"),
    "hasIssues": lambda: gettext("has issues"),
    "edited": lambda: gettext("edited"),
    "approved": lambda: gettext("approved"),
    "rejected": lambda: gettext("rejected"),
}


def wanted_from(said: MultiDict[str, str], places: tuple[str, ...], forms: tuple[str, ...]) -> Wanted:
    """What a form says; `places` are its codes, found already."""
    formats, shape, words = USES.get(said.get("use", "officer"), USES["officer"])
    chosen = tuple(one for one in said.getlist("format") if one in FORMAT_NAMES)
    if chosen and (not said.get("use") or said.get("use") == "analysis"):
        formats = chosen
    return Wanted(
        name=said.get("name", ""),
        forms=forms,
        figures=said.get("figures") == "1",
        note=said.get("note", "")[:5000],
        period=said.get("period", ""),
        formats=formats,
        shape=said.get("shape") or shape,
        words=said.get("words") or words,
        protection=said.get("protection", "deidentified"),
        language=language(),
        places=places,
        start=_day(said.get("from", "")),
        end=_day(said.get("to", "")),
        states=tuple(one for one in said.getlist("state") if one in REVIEW_NAMES),
        purpose=said.get("purpose", "")[:2000],
        approve=said.get("approve") == "1",
        photos=said.get("photos") == "1",
    )


def _day(text: str) -> str:
    """A day as it was typed, "" for what is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def said_names() -> dict[str, Mapping[str, str]]:
    """The words of the choices, for templates."""
    return {
        "format_names": FORMAT_NAMES,
        "file_names": {**FORMAT_NAMES, **{code: name() for code, name in FILE_NAMES.items()}},
        "report_names": {code: name() for code, name in REPORT_NAMES.items()},
        "protection_names": {code: name() for code, name in PROTECTION_NAMES.items()},
        "review_names": {code: name() for code, name in REVIEW_NAMES.items()},
    }


def typed_purpose() -> str:
    """What for somebody takes a file away, as he said it."""
    return (request.values.get("purpose") or "").strip()[:2000]
