"""Time zones by name, as programs and the command line give them."""

from __future__ import annotations

from datetime import tzinfo
from zoneinfo import ZoneInfo

from collector.problems import ZoneUnknown
from forms.values import HOME

_HOME = "Asia/Ho_Chi_Minh"


def zone_named(name: str) -> tzinfo | None:
    """A zone by its name in the IANA list, None for no name. Raises ZoneUnknown."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        if name == _HOME:
            # A machine need not have the list; there has been no summer time here since 1975.
            return HOME
        raise ZoneUnknown(name=name[:60]) from error
