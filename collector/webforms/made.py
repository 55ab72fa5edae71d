"""Forms as the browser's engine wants them, at hand for the shelf that names them and the page that asks.

Why: every evening thousands of shelves name the same few forms, and what is kept of one is large.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

import orjson

from collector.actions import web_forms
from forms.webform import Lack

_ROOM = 64
_LEVEL = 6
_lock = threading.Lock()
_kept: OrderedDict[tuple[int, str, str], Told] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Told:
    """A form version made for a browser: `body` is JSON, gzipped, named by `digest`.

    `pages`: one question at a time; `shown` is False where the engine cannot show it at all.
    """

    digest: str
    body: bytes
    languages: tuple[tuple[str, str], ...]
    pages: bool
    shown: bool
    lacks: tuple[Lack, ...]

    @property
    def hard(self) -> bool:
        """Whether the form has to be filled with the app."""
        return not self.shown or any(lack.hard for lack in self.lacks)


def told(version_id: int, md5: str, *, now: datetime) -> Told:
    """A version, by its number and the digest of its XForm; outside of any transaction.

    Raises WebFormsNotBuilt.
    """
    key = (version_id, md5, web_forms.sheets().made_with)
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    made = _told(web_forms.of_version(version_id, now))
    with _lock:
        _kept[key] = made
        while len(_kept) > _ROOM:
            _kept.popitem(last=False)
    return made


def _told(made: web_forms.Made) -> Told:
    web = made.web
    plain = orjson.dumps({
        "form": web.form if web else "",
        "model": web.model if web else "",
        "languages": [{"label": label, "tag": tag} for label, tag in web.languages] if web else [],
        "pages": bool(web and web.pages),
    })
    return Told(
        hashlib.sha256(plain).hexdigest()[:32],
        gzip.compress(plain, _LEVEL, mtime=0),
        web.languages if web else (),
        bool(web and web.pages),
        web is not None,
        made.told,
    )
