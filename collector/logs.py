"""What is written to the log, without what opens doors."""

from __future__ import annotations

import logging
import re

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
