"""The chain over what was done: whatever is changed in it, the first place that no longer holds is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from forms.seals import SEALED, START, Break, Link, first_break, link, notes_digest

NOW = datetime(2026, 1, 31, 2, 3, 4, 567000, tzinfo=UTC)
TEXTS = st.text(max_size=12)
AUDITS = st.fixed_dictionaries({
    "action": TEXTS,
    "actor_id": st.none() | st.integers(1, 9),
    "details": st.none() | st.dictionaries(TEXTS, st.none() | TEXTS | st.integers(), max_size=3),
    "notes": st.none() | TEXTS.filter(bool),
    "place_code": st.none() | TEXTS,
    "logged_at": st.integers(0, 10**9).map(lambda ms: NOW + timedelta(milliseconds=ms)),
})


def chained(several: list[dict[str, Any]]) -> list[Link]:
    """The chain over some audits, as the server writes it."""
    links: list[Link] = []
    before = START
    for number, one in enumerate(several, start=1):
        words = one["notes"]
        whole = dict.fromkeys(SEALED) | one | {"id": number * 3, "notes_salt": "s" if words else None}
        whole["notes_digest"] = notes_digest("s", words) if words else None
        before = link(before, whole)
        links.append(Link(number, number * 3, before, whole))
    return links


@given(st.lists(AUDITS, max_size=8))
def test_the_chain_holds_whatever_was_done_and_wherever_it_is_picked_up(
    several: list[dict[str, Any]],
) -> None:
    links = chained(several)
    assert first_break(None, links) is None
    for at, one in enumerate(links, start=1):
        assert first_break(one, links[at:]) is None


@given(st.lists(AUDITS, min_size=1, max_size=8), st.data())
def test_a_change_is_found_where_it_was_made(several: list[dict[str, Any]], data: st.DataObject) -> None:
    links = chained(several)
    at = data.draw(st.integers(0, len(links) - 1))
    name = data.draw(st.sampled_from(SEALED))
    audit = dict(links[at].audit or {})
    audit[name] = NOW - timedelta(days=1) if name == "logged_at" else f"{audit[name]}!"
    links[at] = replace(links[at], audit=audit)
    assert first_break(None, links) == Break(at + 1, links[at].audit_id, "changed")


@given(st.lists(AUDITS, min_size=2, max_size=8), st.data())
def test_what_was_taken_out_is_found(several: list[dict[str, Any]], data: st.DataObject) -> None:
    links = chained(several)
    at = data.draw(st.integers(0, len(links) - 2))
    gone = [*links[:at], replace(links[at], audit=None), *links[at + 1 :]]
    assert first_break(None, gone) == Break(at + 1, links[at].audit_id, "gone")
    cut = [*links[:at], *links[at + 1 :]]
    assert first_break(None, cut) == Break(at + 1, links[at + 1].audit_id, "gap")


def test_notes_may_go_but_not_become_others() -> None:
    [one] = chained([{"action": "a", "notes": "words", "logged_at": NOW}])
    audit = dict(one.audit or {})
    assert first_break(None, [replace(one, audit=audit | {"notes": None, "notes_salt": None})]) is None
    told = first_break(None, [replace(one, audit=audit | {"notes": "others"})])
    assert told == Break(1, 3, "notes")


def test_moments_are_the_same_in_every_zone_and_keys_in_every_order() -> None:
    [one] = chained([{"action": "a", "details": {"a": 1, "b": 2}, "notes": None, "logged_at": NOW}])
    elsewhere = dict(one.audit or {}) | {
        "logged_at": NOW.astimezone().replace(microsecond=567999),
        "details": {"b": 2, "a": 1},
    }
    assert first_break(None, [replace(one, audit=elsewhere)]) is None
