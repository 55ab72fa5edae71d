"""A sample of `make fuzz MINUTES=…`: what readers found hard, and inputs that chance makes of it."""

from __future__ import annotations

import random

import pytest

from tests.office import Office
from tests.proofs.parsers import READERS, Reader, changed, door_of, kept, read_quietly


def reads_or_refuses(name: str, reader: Reader, made: int) -> None:
    """Read all that is kept, and so many inputs more."""
    seeds = kept(name)
    dice = random.Random(7)  # noqa: S311 - the same every time
    for data in (*seeds, *(changed(dice, seeds) for _ in range(made))):
        read_quietly(reader, data)


@pytest.mark.parametrize("name", [name for name in READERS if name != "multipart"])
def test_a_reader_answers_or_refuses_whatever_it_is_given(name: str) -> None:
    reads_or_refuses(name, READERS[name](), 20)


def test_the_door_of_phones_answers_whatever_comes(kept_office: Office) -> None:
    reads_or_refuses("multipart", door_of(kept_office), 10)
