"""Texts for the office's chat: who has not sent yet, in messages short enough to be read and sent on.

Why: the offices write to each other in Zalo, where a long list is cut off; nothing personal stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

LONGEST: Final = 500
"""Signs of one message."""

_COMMA = ", "


def fitted(head: str, names: Sequence[str], rest: Callable[[int], str], limit: int = LONGEST) -> str:
    """One message: the head, as many names as there is room for, and what `rest` says of how many more."""
    if not names:
        return head
    whole = f"{head} {_COMMA.join(names)}."
    if len(whole) <= limit:
        return whole
    for count in range(len(names) - 1, 0, -1):
        text = f"{head} {_COMMA.join(names[:count])} {rest(len(names) - count)}."
        if len(text) <= limit:
            return text
    return f"{head} {rest(len(names))}."


def messages(head: str, lines: Sequence[str], limit: int = LONGEST) -> list[str]:
    """Messages of lines under one head, numbered where there are several; no line is torn apart.

    A line that is longer than a message is parted at its commas.
    """
    room = limit - len(head) - len("\n(99/99)\n")
    parts: list[list[str]] = [[]]
    for line in (piece for one in lines for piece in _pieces(one, room)):
        if parts[-1] and len("\n".join([*parts[-1], line])) > room:
            parts.append([])
        parts[-1].append(line)
    if len(parts) == 1:
        return ["\n".join([head, *parts[0]])] if parts[0] else []
    return ["\n".join([f"{head} ({at}/{len(parts)})", *part]) for at, part in enumerate(parts, start=1)]


def _pieces(line: str, room: int) -> list[str]:
    if len(line) <= room:
        return [line]
    found = [""]
    for word in line.split(_COMMA):
        longer = f"{found[-1]}{_COMMA}{word}" if found[-1] else word
        if len(longer) <= room or not found[-1]:
            found[-1] = longer
        else:
            found.append(word)
    return found
