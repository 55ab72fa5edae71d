r"""The pattern of a `regex()`, written so that Java, Python and PostgreSQL read it alike.

Why: the three differ in `\d` (which digits), `.` (which ends of line), `$`, and in what they know
beyond that; and a pattern that can be read in very many ways would hold up every record.
A phone asks for the whole text to fit, so `^` and `$` at the ends say nothing.

Source: `java.util.regex.Pattern`; Python `re`; PostgreSQL manual §9.7.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

LONGEST = 200
"""Characters of a pattern."""

MOST_TIMES = 255
"""The largest number in `{2,5}`, PostgreSQL's limit."""

MOST_OPEN = 3
"""Pieces of no fixed length that may follow each other without a sign between them that fits none of them."""

_FEW = 3
"""Times a group may be repeated whatever it holds."""

_SHORT = {"d": "0-9", "w": "A-Za-z0-9_", "s": r" \t\n\r\f\v"}
_WRITTEN = {"t": "\t", "n": "\n", "r": "\r"}
_SPECIAL = frozenset("\\^$.[]|()?*+{}")
_DOT = "[^\n\r\u0085\u2028\u2029]"
_TIMES = re.compile(r"\{(\d{1,3})(,(\d{1,3})?)?\}")


class PatternWrong(ValueError):
    """`found` at the place `at`, counted from 0, is beyond what all three read alike."""

    def __init__(self, found: str, at: int) -> None:
        super().__init__(found, at)
        self.found = found
        self.at = at


class PatternSlow(ValueError):
    """The group that ends at `at` is repeated, and what it holds can be read in many ways."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def translated(pattern: str) -> str:
    """The same pattern for a search in a text, in words all three know. Raises PatternWrong, PatternSlow."""
    if len(pattern) > LONGEST:
        raise PatternWrong(pattern[LONGEST], LONGEST)
    reader = _Reader(pattern)
    written = reader.alternatives(outermost=True)
    if reader.at < len(pattern):
        raise PatternWrong(pattern[reader.at], reader.at)
    if reader.groups[0].longest_run > 2 * MOST_OPEN:
        raise PatternSlow(len(pattern) - 1)
    return rf"\A(?:{written})\Z"


@dataclass
class _Group:
    """What was read of a group: its signs, twice if repeated, and whether it is known how often."""

    signs: list[tuple[str, bool]] = field(default_factory=list)
    branches: int = 1

    @property
    def plain(self) -> bool:
        return self.branches == 1 and all(fixed for _sign, fixed in self.signs)

    @property
    def begins_alone(self) -> bool:
        """True if it begins with a character that fits nowhere else in it: its rounds are told apart."""
        if self.branches > 1 or not self.signs or not self.signs[0][1] or self.signs[0][0].startswith("["):
            return False
        first = _bare(self.signs[0][0])
        return not any(re.fullmatch(sign, first) for sign, _fixed in self.signs[1:])

    @property
    def longest_run(self) -> int:
        """Signs, each twice, of pieces of no fixed length with nothing between them to tell them apart."""
        longest, run = 0, list[str]()
        for sign, fixed in self.signs:
            if sign == "|":
                run = []
            elif not fixed:
                run.append(sign)
            elif not sign.startswith("[") and not any(re.fullmatch(one, _bare(sign)) for one in run):
                run = []
            longest = max(longest, len(run))
        return longest


@dataclass
class _Reader:
    pattern: str
    at: int = 0
    groups: list[_Group] = field(default_factory=lambda: [_Group()])

    def peek(self, length: int = 1) -> str:
        return self.pattern[self.at : self.at + length]

    def wrong(self) -> PatternWrong:
        return PatternWrong(self.peek() or self.pattern[-1:], max(min(self.at, len(self.pattern) - 1), 0))

    def alternatives(self, *, outermost: bool = False) -> str:
        """Everything up to a closing bracket or the end."""
        written = [self.branch(outermost=outermost)]
        while self.peek() == "|":
            self.at += 1
            self.groups[-1].branches += 1
            if outermost:
                self.groups[-1].signs.append(("|", True))
            written.append(self.branch(outermost=outermost))
        return "|".join(written)

    def branch(self, *, outermost: bool) -> str:
        if outermost and self.peek() == "^":
            self.at += 1
        written = ""
        while self.peek() and self.peek() not in "|)":
            if outermost and self.peek() == "$" and (self.peek(2) in {"$", "$|"}):
                self.at += 1
                break
            written += self.piece()
        if not written:
            raise self.wrong()
        return written

    def piece(self) -> str:
        """A sign or a group, and how often."""
        group = None
        if self.peek() == "(":
            sign, group = self.group()
        else:
            sign = self.sign()
        times = self.times()
        once = times == ""
        fixed = once or re.fullmatch(r"\{\d+\}", times) is not None
        if group is None:
            self.groups[-1].signs += [(sign, fixed)] * (1 if once else 2)
        else:
            self.keep(group, once=once, fixed=fixed)
        many = not once and times != "?" and not re.fullmatch(rf"\{{[0-{_FEW}](,[0-{_FEW}])?\}}", times)
        if group is not None and many and not group.plain and not group.begins_alone:
            raise PatternSlow(self.at - 1)
        return sign + times

    def keep(self, group: _Group, *, once: bool, fixed: bool) -> None:
        """What a group holds is held by the group around it too."""
        around = self.groups[-1].signs
        if group.plain and fixed:
            around += group.signs
        elif group.plain:
            around += [(f"(?:{'|'.join(sign for sign, _fixed in group.signs)})", False)] * 2
        elif group.begins_alone:
            # Each round is told from what surrounds it, but the group may be missing.
            around += [("", False), *group.signs]
        else:
            around += [(sign, False) for sign, _fixed in group.signs] * (1 if once else 2)

    def group(self) -> tuple[str, _Group]:
        self.at += 1
        if self.peek() == "?":
            if self.peek(2) != "?:":
                raise self.wrong()
            self.at += 2
        self.groups.append(_Group())
        written = self.alternatives()
        if self.peek() != ")":
            raise self.wrong()
        self.at += 1
        return f"(?:{written})", self.groups.pop()

    def sign(self) -> str:
        """One character, or one of several."""
        found = self.peek()
        self.at += 1
        if found == "\\":
            return self.escaped()
        if found == "[":
            return self.list()
        if found == ".":
            return _DOT
        if found in _SPECIAL:
            self.at -= 1
            raise self.wrong()
        return found

    def escaped(self) -> str:
        found = self.peek()
        self.at += 1
        if found.lower() in _SHORT and found:
            return f"[{'^' if found.isupper() else ''}{_SHORT[found.lower()]}]"
        return _plain(self.character(found))

    def character(self, found: str) -> str:
        """The character that stands behind a backslash."""
        if found in _WRITTEN and found:
            return _WRITTEN[found]
        if not found or found.isalnum() or not found.isascii():
            self.at -= 1
            raise self.wrong()
        return found

    def list(self) -> str:
        """`[a-z0-9_]` from behind its first bracket."""
        turned = self.peek() == "^"
        self.at += turned
        written = ""
        while self.peek() != "]":
            written += self.listed(first=not written)
        if not written:
            raise self.wrong()
        self.at += 1
        return f"[{'^' if turned else ''}{written}]"

    def listed(self, *, first: bool) -> str:
        if self.peek() == "\\" and self.pattern[self.at + 1 : self.at + 2] in {"d", "w", "s"}:
            self.at += 2
            return _SHORT[self.pattern[self.at - 1]]
        if self.peek() == "-" and not first and self.peek(2) != "-]":
            raise self.wrong()
        start = self.one()
        if self.peek() != "-" or self.peek(2) == "-]" or start == "-":
            return _in_list(start)
        self.at += 1
        end = self.one()
        if end < start:
            self.at -= 1
            raise self.wrong()
        return f"{_in_list(start)}-{_in_list(end)}"

    def one(self) -> str:
        """A character of a list."""
        found = self.peek()
        if not found or found == "[" or self.peek(2) == "&&":
            raise self.wrong()
        self.at += 1
        if found == "\\":
            escaped = self.peek()
            self.at += 1
            return self.character(escaped)
        return found

    def times(self) -> str:
        """How often: `*`, `+`, `?`, `{2}`, `{2,}`, `{2,5}`, or once."""
        found = self.peek()
        if found and found in "*+?":
            self.at += 1
        elif found == "{":
            counted = _TIMES.match(self.pattern, self.at)
            if counted is None:
                raise self.wrong()
            fewest, most = int(counted[1]), int(counted[3] or counted[1])
            if not fewest <= most <= MOST_TIMES:
                raise self.wrong()
            found = counted[0]
            self.at = counted.end()
        else:
            return ""
        # How eagerly a piece takes makes no difference when the whole text has to fit.
        if self.peek() == "?":
            self.at += 1
        if self.peek() and self.peek() in "*+?{":
            raise self.wrong()
        return found


def _bare(sign: str) -> str:
    return sign[-1]


def _plain(character: str) -> str:
    return f"\\{character}" if character in _SPECIAL else character


def _in_list(character: str) -> str:
    return f"\\{character}" if character in "\\]^-[" else character
