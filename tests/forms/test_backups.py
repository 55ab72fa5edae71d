"""Backups as far as they are computed: pieces, keys, which are kept, when the next is due."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta

import pytest

from forms.backups.documents import FORMAT, Head, read_head
from forms.backups.keeping import Keep, due, kept, newest_until
from forms.backups.pieces import LEAST, MOST, Namer, Tally, cut, file_pieces
from forms.backups.problems import (
    BackupDocumentUnreadable,
    BackupKeyUnreadable,
    BackupKeyWrong,
    RecipientUnusable,
)
from forms.backups.sealing import Opener, Sealer, identities_in, is_sealed, new_key, read_recipient
from forms.values import HOME

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=HOME)


@pytest.fixture(scope="module")
def rows() -> list[bytes]:
    """A table of 6 MB."""
    dice = random.Random(1)  # noqa: S311 - rows, not secrets
    return [
        b'[%d,"%s"]\n' % (number, dice.randbytes(dice.randrange(20, 300)).hex().encode())
        for number in range(20_000)
    ]


def pieces(rows: list[bytes]) -> list[bytes]:
    return [one.data for one in cut(rows, Tally())]


def test_a_table_is_cut_into_pieces_that_join_to_it(rows: list[bytes]) -> None:
    found = list(cut(rows, Tally()))
    assert b"".join(one.data for one in found) == b"".join(rows)
    assert sum(one.rows for one in found) == len(rows)
    assert len(found) > 2
    assert all(LEAST <= len(one.data) < MOST + 1000 for one in found[:-1])


@pytest.mark.parametrize("where", ["begin", "middle", "end"])
def test_one_row_more_changes_the_piece_it_is_in(rows: list[bytes], where: str) -> None:
    at = {"begin": 3, "middle": len(rows) // 2, "end": len(rows)}[where]
    before, after = pieces(rows), pieces([*rows[:at], b'["one more"]\n', *rows[at:]])
    assert len(set(after) - set(before)) <= 2


def test_a_row_longer_than_any_piece_is_one() -> None:
    long = b"x" * (MOST + 5) + b"\n"
    assert pieces([b"a\n", long, b"b\n"]) == [b"a\n" + long, b"b\n"]


def test_a_tally_knows_rows_in_any_order_and_tells_others_apart(rows: list[bytes]) -> None:
    one, other, twice = Tally(), Tally(), Tally()
    for row in rows[:50]:
        one.add(row)
    for row in reversed(rows[:50]):
        other.add(row)
    for row in [*rows[:49], rows[0]]:
        twice.add(row)
    assert (one.rows, one.digest) == (other.rows, other.digest)
    assert (one.rows, one.digest) != (twice.rows, twice.digest)


def test_names_of_pieces_say_nothing_without_the_key() -> None:
    mine, other = Namer(b"k" * 32), Namer(b"o" * 32)
    assert mine.of_file("ab" * 32, 0) == mine.of_file("ab" * 32, 0)
    assert len({mine.of_file("ab" * 32, 0), mine.of_file("ab" * 32, 1), other.of_file("ab" * 32, 0)}) == 3
    assert mine.of_rows(b"a") != mine.of_rows(b"b")
    assert [file_pieces(size) for size in (0, 1, 8 << 20, (8 << 20) + 1)] == [1, 1, 1, 2]


def test_what_is_sealed_opens_with_its_key_only() -> None:
    identity, recipient = new_key()
    data = "Giàng A Páo".encode() * 100
    sealed = Sealer(recipient).seal(data)
    assert is_sealed(sealed)
    assert data[:20] not in sealed
    assert Opener([identity]).open(sealed) == data
    for opener in (Opener([new_key()[0]]), Opener()):
        with pytest.raises(BackupKeyWrong):
            opener.open(sealed)
    for damaged in (sealed[:-1], sealed[:-3] + b"abc", b"no archive"):
        with pytest.raises(ValueError, match=r".+"):
            Opener([identity]).open(damaged)


def test_what_is_plain_is_packed_and_needs_no_key() -> None:
    packed = Sealer(None).seal(b"a" * 10_000)
    assert not is_sealed(packed)
    assert len(packed) < 100
    assert Opener().open(packed) == b"a" * 10_000


def test_keys_are_read_as_they_are_typed() -> None:
    identity, recipient = new_key()
    assert identities_in(f"# paper\n\n  {identity.lower()}  \n") == [identity.lower()]
    read_recipient(f" {recipient}\n")
    for wrong in ("", "# nothing\n", identity[:-1]):
        with pytest.raises(BackupKeyUnreadable):
            identities_in(wrong)
    with pytest.raises(RecipientUnusable):
        read_recipient(identity)


def daily(number: int) -> dict[str, datetime]:
    return {f"b{day:03}": NOW - timedelta(days=day) for day in range(number)}


def test_the_newest_of_days_weeks_and_months_stay() -> None:
    stay = kept(daily(400), Keep(7, 4, 12))
    days = sorted((NOW - daily(400)[name]).days for name in stay)
    assert days[:7] == list(range(7))
    # Monday the 23rd: Sundays 1, 8 and 15 days back, the last days of months, 11 of them.
    assert days[7:9] == [8, 15]
    assert [daily(400)[f"b{day:03}"].strftime("%m-%d") for day in days[9:12]] == ["10-31", "09-30", "08-31"]
    assert len(stay) == 7 + 2 + 11


def test_the_newest_stays_whatever_is_asked_and_two_of_a_day_are_one() -> None:
    several = daily(3) | {"again": NOW + timedelta(hours=1)}
    assert kept(several, Keep(0, 0, 0)) == {"again"}
    assert kept(several, Keep(2, 0, 0)) == {"again", "b001"}
    assert kept({}, Keep()) == set()


def test_a_backup_is_chosen_by_its_moment() -> None:
    assert newest_until(daily(5), None) == "b000"
    assert newest_until(daily(5), NOW - timedelta(days=2, hours=1)) == "b003"
    assert newest_until(daily(5), NOW - timedelta(days=9)) is None


@pytest.mark.parametrize(
    ("now", "began", "failed", "wanted"),
    [
        ("02:29", None, None, True),
        ("02:31", "2026-11-22T02:30", None, True),
        ("02:29", "2026-11-22T02:30", None, False),
        # The machine was off at night.
        ("08:00", "2026-11-22T02:30", None, True),
        ("08:00", "2026-11-23T07:55", None, False),
        ("08:00", "2026-11-23T02:30", "2026-11-23T07:20", False),
        ("08:30", "2026-11-23T02:30", "2026-11-23T07:20", True),
    ],
)
def test_a_backup_is_due_once_a_day(now: str, began: str | None, failed: str | None, wanted: bool) -> None:  # noqa: FBT001
    moments = [
        None if one is None else datetime.fromisoformat(one).replace(tzinfo=HOME) for one in (began, failed)
    ]
    here = datetime.fromisoformat(f"2026-11-23T{now}").replace(tzinfo=HOME)
    tried = [] if moments[0] is None else [moments[0]]
    assert due(time(2, 30), tried, here.astimezone(UTC), failed=moments[1]) is wanted


def test_a_head_that_is_damaged_or_of_later_is_said_so() -> None:
    head = Head("20261123T023000Z", NOW, "sqlite", "0011", True, "a", "b", 1, 2, 3, 4, 5, 6)
    assert read_head(head.name, head.written()) == head
    for wrong in (
        b"",
        b"[]",
        b'{"format": 1}',
        head.written().replace(b'"format": %d' % FORMAT, b'"format": 9'),
    ):
        with pytest.raises(BackupDocumentUnreadable):
            read_head(head.name, wrong)
