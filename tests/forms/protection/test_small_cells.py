"""Counts that stand for too few, and the one beside them that would give them away."""

from __future__ import annotations

import random

from forms.protection.small_cells import Counted, Figure, hidden, hidden_figures


def counted(**counts: int) -> list[Counted]:
    """Parts of one known sum."""
    return [Counted(key, (count,), ("all",)) for key, count in counts.items()]


def test_a_small_count_takes_the_next_smallest_with_it() -> None:
    assert hidden(counted(men=3, women=40)) == {"men", "women"}
    assert hidden(counted(kinh=100, mong=4, thai=20, dao=30)) == {"mong", "thai"}


def test_nothing_small_hides_nothing_and_nobody_is_no_person() -> None:
    assert hidden(counted(men=5, women=40)) == frozenset()
    assert hidden(counted(men=0, women=40)) == frozenset()


def test_what_is_hidden_together_stands_for_five_or_more() -> None:
    assert hidden(counted(a=1, b=2, c=90, d=91)) == {"a", "b", "c"}


def test_a_zero_goes_only_where_nothing_else_can() -> None:
    assert hidden(counted(a=2, b=0, c=0)) == {"a", "b", "c"}
    assert hidden(counted(a=2, b=0, c=9)) == {"a", "c"}


def test_a_share_has_enough_on_both_sides() -> None:
    figures = [
        Figure("lit", "2026", "A", "P", "m_sex=1", 97, 100),
        Figure("lit", "2026", "A", "P", "m_sex=2", 50, 100),
        Figure("lit", "2026", "A", "P", "", 147, 200),
        Figure("lit", "2026", "A", "P", "@border=1", 2, 3),
    ]

    assert hidden_figures(figures) == {("lit", "2026", "A", "m_sex=1"), ("lit", "2026", "A", "m_sex=2")}
    assert hidden_figures(figures, lambda _code: False) == frozenset()


def test_a_commune_is_not_found_by_taking_the_others_from_the_province() -> None:
    figures = [
        Figure("illit", "2026", place, "P", f"m_sex={sex}", count, None)
        for place, counts in {"A": (3, 50), "B": (30, 40), "C": (20, 60)}.items()
        for sex, count in zip("12", counts, strict=True)
    ]

    away = hidden_figures(figures)
    assert ("illit", "2026", "A", "m_sex=1") in away
    for sex in "12":
        assert len({key for key in away if key[3] == f"m_sex={sex}"}) in {0, 2, 3}  # type: ignore[index]


def test_the_order_of_the_cells_does_not_matter() -> None:
    dice = random.Random(4)  # noqa: S311 - counts, no secrets
    cells = [
        Counted((n, s), (dice.randint(0, 40),), (("n", n), ("s", s))) for n in range(8) for s in range(4)
    ]
    first = hidden(cells)
    dice.shuffle(cells)

    assert hidden(cells) == first
    counts = {cell.key: cell.least for cell in cells}
    for name in {name for cell in cells for name in cell.sums}:
        parts = [cell.key for cell in cells if name in cell.sums]
        gone = [key for key in parts if key in first]
        assert (
            not gone or (len(gone) > 1 and sum(counts[key] for key in gone) >= 5) or len(gone) == len(parts)
        )
