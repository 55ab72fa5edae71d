"""What is written to the log, without what opens doors."""

from __future__ import annotations

import logging
import re
import traceback

_STEPS = r"(/(?:v1/+(?:key|test|sessions)|(?<!users/)reset)/+)"
_NO_TOKENS = r"(?!(?:current|restore)\b)"
_HIDDEN = (
    # In the steps of an address: of phones, drafts, sessions to be ended, links to set a password.
    (re.compile(rf"{_STEPS}{_NO_TOKENS}[^/\s?#\"']+"), r"\1…"),
    # Beside it: of links to fill a form.
    (re.compile(r"([?&;]st=)[^&\s#\"']+"), r"\1…"),
    # A program's key, wherever somebody put it.
    (re.compile(r"\bck_[A-Za-z0-9!$%]{16,}"), "ck_…"),
    # What a client proves itself with, should a header ever be written down.
    (re.compile(r"\b(Bearer|Basic|Digest)\s+\S{8,}[^\r\n]*"), r"\1 …"),
    (re.compile(r"(collector_session=|__csrf=|csrf_token=|session=)[^;&\s\"']+"), r"\1…"),
    (re.compile(r"(?i)\b(password|pin)([\"']?\s*[=:]\s*[\"']?)[^\s\"',&;}]+"), r"\1\2…"),
)
"""What opens a door, and what is left of it in a log."""


def redacted(text: str) -> str:
    """A line without what opens doors."""
    for pattern, left in _HIDDEN:
        text = pattern.sub(left, text)
    return text


class Redact(logging.Filter):
    """Takes tokens, keys and passwords out of every line: whoever reads a log must not get in by it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mend the record; nothing is dropped."""
        text = record.getMessage()
        mended = redacted(text)
        if mended != text:
            record.msg, record.args = mended, ()
        if record.exc_info and record.exc_info[0] is not None:
            # The words of an error may quote an address.
            record.exc_text = redacted("".join(traceback.format_exception(*record.exc_info)).rstrip())
        return True


def begin(level: int = logging.INFO) -> None:
    """Log to standard error, redacted."""
    handler = logging.StreamHandler()
    handler.addFilter(Redact())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def tell(log: logging.Logger, what: str, error: Exception) -> None:
    """Log a failure with its traceback; of a database's, not its words, which quote the row it refused."""
    # The command line begins logging before it knows whether it needs a database at all.
    from sqlalchemy.exc import DBAPIError

    if isinstance(error, DBAPIError):
        kind = f"{type(error.orig).__name__} {getattr(error.orig, 'sqlstate', None) or ''}".strip()
        log.error("%s: %s\n%s", what, kind, "".join(traceback.format_tb(error.__traceback__)))
    else:
        log.error("%s", what, exc_info=error)
