"""What is written to the log, without what opens doors and without what people answered."""

from __future__ import annotations

import errno
import json
import logging
import re
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime

from collector.asked import asked

_STEPS = r"(/(?:v1/+(?:key|test|sessions)|w/+key|(?<!users/)reset)/+)"
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
    # Where somebody sits, as gunicorn says it of a request it cannot read.
    (re.compile(r"\bip=\S+"), "ip=…"),
)
"""What opens a door, and what is left of it in a log."""

_HARMLESS = (AttributeError, ImportError, NameError, MemoryError, RecursionError)
"""Errors whose words name pieces of the program; those of all others may quote what somebody answered."""
_OF_DATABASES = frozenset({"OperationalError", "InterfaceError"})
"""Errors of a database that does not answer; those about a row quote it."""
_MOST = 300

FORMATS = ("text", "json")


def redacted(text: str) -> str:
    """A line without what opens doors."""
    for pattern, left in _HIDDEN:
        text = pattern.sub(left, text)
    return text


def told(error: BaseException) -> str:
    """What kind of error it is, with its words only where they cannot be an answer of somebody."""
    kind, words = type(error).__name__, ""
    if isinstance(error, OSError) and error.errno:
        words = errno.errorcode.get(error.errno, str(error.errno))
    elif isinstance(error, _HARMLESS):
        words = str(error)
    else:
        found = getattr(error, "orig", None) or error
        state = getattr(found, "sqlstate", None)
        kind = type(found).__name__
        if kind in _OF_DATABASES:
            words = next(iter(str(found).strip().splitlines()), "")
        words = f"{state or ''} {words}".strip()
    return redacted(f"{kind}: {words}"[:_MOST] if words else kind)


def _trace(error: BaseException | None) -> Iterator[str]:
    """Where it happened, the cause first."""
    if error is None:
        return
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    yield from _trace(cause)
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip("\n")
    yield told(error)


class Redact(logging.Filter):
    """Takes tokens, keys, passwords and the words of errors out of every line.

    Whoever reads a log must not get in by it, nor learn what somebody answered.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Mend the record; nothing is dropped."""
        text = record.getMessage()
        mended = redacted(text)
        if mended != text:
            record.msg, record.args = mended, ()
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = "\n".join(line for line in _trace(record.exc_info[1]) if line)
        return True


class Lines(logging.Formatter):
    """A line for people, ending in the number of the request it belongs to."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - its name in logging
        """The line without the trace that may follow it."""
        found = asked()
        line = super().formatMessage(record)
        return f"{line} [{found.number}]" if found else line


class Objects(logging.Formatter):
    """A JSON object a line, for programs that gather logs."""

    def format(self, record: logging.LogRecord) -> str:
        """The object; what is not known is not in it."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        found = asked()
        if found is not None:
            said |= {"request": found.number, "door": found.door, "endpoint": found.endpoint}
            said |= {"status": found.status or None, "account": found.account}
            if found.milliseconds is not None:
                said["ms"] = round(found.milliseconds, 1)
        if record.exc_info:
            said["trace"] = record.exc_text or ""
        return json.dumps(
            {name: value for name, value in said.items() if value is not None}, ensure_ascii=False
        )


def formatter(form: str) -> logging.Formatter:
    """How lines are written: one of FORMATS."""
    return Objects() if form == "json" else Lines()


def begin(level: int = logging.INFO, form: str = "text") -> None:
    """Log to standard error, redacted."""
    handler = logging.StreamHandler()
    handler.addFilter(Redact())
    handler.setFormatter(formatter(form))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def tell(log: logging.Logger, what: str, error: Exception) -> None:
    """Log a failure: what kind it is and where, not its words, which may quote somebody's answers."""
    log.error("%s: %s", what, told(error), exc_info=error)
