"""Languages of a form: the name its author gave each, and the tag a browser knows it by.

Why: the engine sorts, writes dates and reads aloud by the tag, and a form says "English (en)", "en" or
"English".
Source: https://xlsform.org/en/#multiple-language-support
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from babel import Locale, UnknownLocaleError
from lxml import etree

_WITH_TAG = re.compile(r"^([^(]+)\((.*)\)\s*$")
_RIGHT_TO_LEFT = re.compile(
    "[\u0591-\u05fe\u0601-\u06fe\u0701-\u074e\u0781-\u07be\u07c1-\u07fe\u2d31-\u2d7e]"
)
_OPTIONS = "/root/form/select[@id='form-languages']/option"


@dataclass(frozen=True, slots=True)
class Language:
    """One language: as the form writes it, how people are shown it, its tag, and `rtl` or `ltr`."""

    written: str
    label: str
    tag: str
    direction: str


def tag_languages(root: etree._Element) -> tuple[Language, ...]:
    """Give every language of a made form its tag, in place; the languages in the form's order."""
    options = root.xpath(_OPTIONS)
    languages = tuple(
        language_of(str(option.text or ""), _sample(root, str(option.text or ""))) for option in options
    )
    for option, language in zip(options, languages, strict=True):
        option.set("data-dir", language.direction)
        option.set("value", language.tag)
        option.text = language.label
    tags = {language.written: language.tag for language in languages}
    form = root.find("form")
    for element in form.iter() if form is not None else ():
        written = element.get("lang")
        if written in tags:
            element.set("lang", tags[str(written)])
    for chosen in root.xpath("/root/form/*[@data-default-lang]")[:1]:
        written = str(chosen.get("data-default-lang"))
        chosen.set("data-default-lang", tags.get(written, written))
    return languages


def language_of(written: str, sample: str = "") -> Language:
    """The language an author means by `written`; `sample` is a text in it."""
    direction = "rtl" if _RIGHT_TO_LEFT.search(sample) else "ltr"
    both = _WITH_TAG.match(written)
    if both:
        return Language(written, both[1].strip(), both[2].strip(), direction)
    own = _own_name(written.partition("-")[0].strip().lower())
    if own:
        return Language(written, own, written.strip(), direction)
    return Language(
        written, written.strip(), _tags().get(written.strip().casefold(), written.strip()), direction
    )


def _sample(root: etree._Element, language: str) -> str:
    """A text of the form in a language, preferably a hint."""
    said = "@lang=$language and normalize-space() and not(./text() = '-')"
    for path in (f"/root/form//span[contains(@class, 'or-hint') and {said}]", f"/root/form//span[{said}]"):
        found = root.xpath(f"({path})[1]", language=language)
        if found:
            return "".join(map(str, found[0].itertext())).strip()
    return ""


@cache
def _tags() -> dict[str, str]:
    """Names of languages, in English and in Vietnamese, to their tags."""
    return {
        name.casefold(): str(tag).replace("_", "-")
        for locale in (Locale("vi"), Locale("en"))
        for tag, name in locale.languages.items()
    }


@cache
def _own_name(tag: str) -> str:
    """What speakers of a language call it, or its English name; "" for what is no tag of a language."""
    if tag not in Locale("en").languages:
        return ""
    try:
        own = Locale.parse(tag).get_language_name()
    except (UnknownLocaleError, ValueError):
        own = None
    name = own or str(Locale("en").languages[tag])
    return name[:1].upper() + name[1:]
