"""Versions of an entity, told for whoever settles a conflict."""

from __future__ import annotations

from forms.entity_history import Difference, Version, differences, tell


def version(number: int, base: int | None, conflict: str | None = None, **said: str) -> Version:
    """A version that says what it received, beside what was always there."""
    return Version(number, base, conflict, {"label": "A", "x": "0", "y": "0", **said}, said)


HISTORY = [
    version(1, None, x="1"),
    version(2, 1, x="2"),
    version(3, 1, "soft", y="3"),
    version(5, 1, "hard", x="5"),
    version(6, 5, x="6"),
]


def test_what_comes_after_the_last_good_version_and_what_it_rests_on_is_relevant() -> None:
    told = tell(HISTORY, 0)
    assert [one.last_good for one in told] == [False, True, False, False, False]
    assert [one.relevant for one in told] == [True, True, True, True, True]
    assert [one.resolved for one in told] == [False] * 5
    assert told[2].base_diff == ("y",)
    assert told[3].server_diff == ("x",)
    assert told[0].base_diff == told[0].server_diff == ()


def test_a_settled_conflict_is_told_and_counts_no_more() -> None:
    told = tell(HISTORY, 3)
    assert [one.resolved for one in told] == [False, False, True, False, False]
    assert [one.last_good for one in told] == [False, False, True, False, False]
    assert [one.relevant for one in told] == [True, False, True, True, True]


def test_without_a_conflict_the_last_version_is_good_and_none_is_relevant() -> None:
    told = tell(HISTORY, 6)
    assert [one.last_good for one in told] == [False] * 4 + [True]
    assert not any(one.relevant for one in told)


def test_a_change_that_rests_on_the_servers_own_result_rests_on_what_was_written_before_it() -> None:
    told = tell([version(1, None, x="1"), version(3, 2, x="1", y="4")], 0)
    assert told[1].base_diff == ("y",)


def test_the_differences_of_each_state_name_the_label_first() -> None:
    states = [{"x": "1", "label": "A"}, {"x": "2", "y": "", "label": "B"}, {"x": "2", "y": "", "label": "B"}]
    assert differences(states) == [
        [Difference("label", "A", "B"), Difference("x", "1", "2"), Difference("y", None, "")],
        [],
    ]
    assert differences(states[:1]) == []
