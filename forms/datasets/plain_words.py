"""⑨ A label of a form as plain words: without the marks that make it bold, without the answers shown in it.

Why: a heading of Excel, a label of SPSS and a codebook show letters only, and have no record at hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from forms.webform.markdown import tagged

_HOLE = "…"
_ANSWER = re.compile(r"\$\{[^{}]*\}")
_ITEM = re.compile(r"<li>")
_BREAK = re.compile(r"</?(?:br|p|li|ul|ol|h[1-6]|div)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|center|code|del|div|em|font|h[1-6]|hr|i|img|ins|li|mark|ol|p|s|small|span|strike|"
    r"strong|sub|sup|table|tbody|td|th|tr|tt|u|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """The words of a label on one line; an answer shown inside it stands there as `…`.

    Marks are those the phone understands (Markdown, and tags in angle brackets); a sign like `<` that begins
    no tag stays.
    """
    shown = _ANSWER.sub(_HOLE, text)
    bulleted = _ITEM.sub(" • ", tagged(shown))
    words = unescape(_TAG.sub("", _BREAK.sub(" ", bulleted)))
    return _SPACES.sub(" ", _TAG.sub("", _BREAK.sub(" ", words))).strip()


def plain_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels by language as plain words; what is nothing but marks is left out."""
    return {language: words for language, text in labels.items() if (words := plain(text))}
