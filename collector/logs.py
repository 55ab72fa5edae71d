"""What is written to the log, without what opens doors."""

from __future__ import annotations

import logging
import re
import traceback

_TOKEN = re.compile(r"(/v1/+(?:key|test)/+)[^/\s?]+")


class Redact(logging.Filter):
    """Takes phone tokens out of every line: whoever reads a log must not be able to send as a phone."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mend the record; nothing is dropped."""
        text = record.getMessage()
        if "/v1/" in text:
            record.msg, record.args = _TOKEN.sub(r"\1…", text), ()
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
