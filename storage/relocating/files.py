"""Files from one store to another, each read back by the digest that is its name."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final

from storage.blobs import BlobStore
from storage.relocating.problems import FilesDamaged, NotTheSame

Progress = Callable[[int, int], None]

_PIECE: Final = 1 << 20
_AT_ONCE: Final = 8
"""Files on their way at the same time: a bucket takes its time for each."""
_NAMED: Final = 3


def copy_files(source: BlobStore, target: BlobStore, progress: Progress) -> int:
    """Copy what the target has not got yet; returns how many. `progress(done, all)` counts files.

    May be stopped and begun again, and run while the server takes in more. Raises FilesDamaged when a file
    of the source is not what its name says; all others are copied.
    """
    there = {bytes.fromhex(name) for name, _at in target.names()}
    missing = sorted({name for name, _at in source.names()} - {one.hex() for one in there})

    def one(name: str) -> bool:
        return _copied(source, target, name)

    _all_of(missing, one, progress)
    return len(missing)


def _copied(source: BlobStore, target: BlobStore, name: str) -> bool:
    try:
        reading = source.open(name)
    except KeyError:
        # The sweeper of a server that still runs took it.
        return True
    staged = target.stage()
    try:
        with reading:
            while piece := reading.read(_PIECE):
                staged.write(piece)
        if staged.sha256 != name:
            return False
        target.keep([staged])
    finally:
        staged.discard()
    return True


def read_back(store: BlobStore, names: Collection[str], sample: int | None, progress: Progress) -> int:
    """See that files are in a store and are what their names say: all, or a sample; returns how many.

    Raises NotTheSame when some are not there at all, FilesDamaged.
    """
    there = {name for name, _at in store.names()}
    lost = sorted(set(names) - there)
    if lost:
        raise NotTheSame(named=f"{len(lost)} files are not there, beginning with {', '.join(lost[:_NAMED])}")
    chosen = sorted(names)
    if sample is not None and sample < len(chosen):
        chosen = random.sample(chosen, sample)

    def one(name: str) -> bool:
        found = hashlib.sha256()
        with store.open(name) as reading:
            while piece := reading.read(_PIECE):
                found.update(piece)
        return found.hexdigest() == name

    _all_of(chosen, one, progress)
    return len(chosen)


def _all_of(names: Collection[str], do: Callable[[str], bool], progress: Progress) -> None:
    """Do something to every file, some at a time. Raises FilesDamaged where it says that one is wrong."""
    wrong: list[str] = []
    for done, (name, well) in enumerate(_done(names, do), start=1):
        if not well:
            wrong.append(name)
        progress(done, len(names))
    if wrong:
        raise FilesDamaged(count=len(wrong), named=", ".join(sorted(wrong)[:_NAMED]))


def _done(names: Iterable[str], do: Callable[[str], bool]) -> Iterator[tuple[str, bool]]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running: dict[Future[bool], str] = {}
        for name in names:
            running[pool.submit(do, name)] = name
            if len(running) >= _AT_ONCE * 2:
                yield from _ended(running)
        while running:
            yield from _ended(running)


def _ended(running: dict[Future[bool], str]) -> Iterator[tuple[str, bool]]:
    ended, _others = wait(running, return_when=FIRST_COMPLETED)
    for one in ended:
        yield running.pop(one), one.result()
