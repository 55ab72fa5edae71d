"""Text written with the fonts of before Unicode, read: TCVN3 (ABC, .VnTime) and VNI (VNI-Times).

Why: old registers are typed in these; opened today they read «Th«n B¶n Pho» or «Thoân Baûn Pho», and
loaded like that nobody would ever find the village again.
Source: TCVN 5712:1993 (VN3) and the VNI for Windows layout, byte by byte. Also mended: UTF-8 that a
program took for Windows' own signs («ThÃ´n»).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from forms.vietnamese import without_tone

TCVN3: Final = "TCVN3"
VNI: Final = "VNI"
MANGLED: Final = "UTF-8"

_TCVN3_FROM = "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ"
_TCVN3_TO = "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
_TCVN3 = str.maketrans(_TCVN3_FROM, _TCVN3_TO)

_TONES = {"ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_ROOF = {"â": "", "à": "\u0300", "á": "\u0301", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_BOWL = {"ê": "", "è": "\u0300", "é": "\u0301", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_ALONE = {"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}

_INITIAL = "(?:b|c|ch|d|đ|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|p|ph|qu|r|s|t|th|tr|v|x)?"
_NUCLEUS = (
    "(?:a|ă|â|e|ê|i|o|ô|ơ|u|ư|y|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iêu|iu|oa|oă|oai|oay|oao|oe|oeo|oi|ôi|ơi|oo|"
    "ua|uâ|uây|ue|uê|ui|uô|uôi|uơ|uy|uya|uyê|uyu|ưa|ưi|ươ|ươi|ươu|ưu|yê|yêu)"
)
_SYLLABLE = re.compile(f"{_INITIAL}(?P<nucleus>{_NUCLEUS})(?:c|ch|m|n|ng|nh|p|t)?")
_OFFGLIDE = re.compile("[iyuưo]?(?:[aâe][uoiy]|[êiươoôa]u|[oôơưu]i|[aâ]y)")
_PIECE = re.compile(r"[^\s\d.,;:()/\"'+–-]+")
_PLAIN = re.compile(r"[\x00-\x7f]*")


@dataclass(frozen=True, slots=True)
class Read:
    """A text as it was meant, and what it was written in: TCVN3, VNI, or UTF-8 read wrongly."""

    text: str
    written_in: str


def from_legacy(text: str, hint: str | None = None) -> Read | None:
    """What a text of an old font was meant to be; None where it is Unicode already, or no Vietnamese.

    `hint` is what the rest of the file is written in: it decides where a text alone could be several.
    """
    composed = unicodedata.normalize("NFC", text)
    if _PLAIN.fullmatch(composed) or _share(composed) == 1:
        return None
    tried = {TCVN3: decode_tcvn3(composed), VNI: decode_vni(composed), MANGLED: _unmangled(composed)}
    here = _share(composed)
    several = [(_share(read), name == hint, name, read) for name, read in tried.items() if read != composed]
    best = max(several, default=None)
    if best is None:
        return None
    # Names of the highlands are no Vietnamese words: there the rest of the file decides.
    told = best[1] and best[0] >= here and max(composed) < "\u0100"
    if told or (best[0] > here and best[0] >= 0.5):  # noqa: PLR2004 - more right than wrong
        return Read(best[3], best[2])
    return None


def written_in(texts: Iterable[str]) -> str | None:
    """What a whole list is written in, by most of its texts; None: Unicode."""
    votes: dict[str, int] = {}
    unicode = 0
    for text in texts:
        read = from_legacy(text)
        if read is not None:
            votes[read.written_in] = votes.get(read.written_in, 0) + 1
        elif not _PLAIN.fullmatch(text):
            unicode += 1
    best = max(votes, key=lambda name: votes[name], default=None)
    return best if best is not None and votes[best] > unicode / 4 else None


def decode_tcvn3(text: str) -> str:
    """Text of a .VnTime font, its signs taken for Latin-1, as Unicode."""
    return text.translate(_TCVN3)


def decode_vni(text: str) -> str:
    """Text of a VNI font, its signs taken for Windows' own, as Unicode."""
    made: list[str] = []
    for sign in text:
        small = sign.lower()
        last = made[-1].lower() if made else ""
        mark = _mark(last, small)
        if mark is None:
            alone = _ALONE.get(small, small)
            made.append(alone.upper() if sign != small else alone)
        else:
            made[-1] = unicodedata.normalize("NFC", made[-1] + mark)
    return "".join(made)


def is_syllable(word: str) -> bool:
    """Whether a word could be one Vietnamese syllable: its letters, one tone at most, in its place."""
    letters, tones = [], []
    for letter in word.lower():
        bare, tone = without_tone(letter)
        letters.append(bare)
        if tone:
            tones.append(len(letters) - 1)
    found = _SYLLABLE.fullmatch("".join(letters))
    if len(tones) > 1 or found is None:
        return False
    # No tone stands on the closing half of a diphthong: «caù» is no word.
    return not (tones and tones[0] == len(letters) - 1 and _OFFGLIDE.fullmatch(found["nucleus"]))


def _mark(last: str, sign: str) -> str | None:
    """The combining marks a VNI sign adds to the letter before it; None where it adds none."""
    bare = without_tone(last)[0] if last else ""
    if bare in {"a", "e", "o", "u", "y", "ơ", "ư", "i"} and sign in _TONES and bare == last:
        return _TONES[sign]
    if last in {"a", "e", "o"} and sign in _ROOF:
        return "\u0302" + _ROOF[sign]
    if last == "a" and sign in _BOWL:
        return "\u0306" + _BOWL[sign]
    return None


def _unmangled(text: str) -> str:
    try:
        # Five bytes are no sign of Windows; programs let them through as they are.
        sent = b"".join(sign.encode("latin-1" if sign < "\u00a0" else "cp1252") for sign in text)
        return unicodedata.normalize("NFC", sent.decode())
    except UnicodeError:
        return text


def _share(text: str) -> float:
    """How much of a text could be Vietnamese: the share of its words."""
    words = _PIECE.findall(text)
    return sum(map(is_syllable, words)) / len(words) if words else 1.0
