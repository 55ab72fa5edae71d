"""Why files cannot be stored just now, where that is known; where not it is StoreFailed."""

from __future__ import annotations

from storage.problems import StoreFailed


class StoreFull(StoreFailed):
    """There is no room left on the disk or in the bucket."""

    sentence = (
        "The server has no room left. Nothing was stored. Tell the office that it has to make room, and try "
        "again after that."
    )


class StoreAway(StoreFailed):
    """The bucket does not answer."""

    sentence = (
        "The server does not reach its store of photos and files just now. Nothing was stored. "
        "Try again in a few minutes."
    )
