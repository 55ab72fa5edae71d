"""All backups in one place: pieces once each, and for every backup a head, a list of pieces and a manifest.

pieces/ab/<id>-<sha256>     packed and sealed; the second half of the name proves the bytes
backups/<moment>.json       the head: written last, so whoever sees it sees a whole backup
backups/<moment>.needs      the ids of its pieces, 20 bytes each: what may go is known without any key
backups/<moment>.manifest   sealed
identity.age                the key itself under a passphrase, if one was chosen
turn.json                   who writes now
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from forms.backups.documents import Head, read_head
from forms.backups.pieces import ID_BYTES
from forms.backups.problems import BackupDocumentUnreadable
from forms.backups.sealing import Sealer
from storage.backups.index import Index, Stored, read_name
from storage.backups.places import Place
from storage.backups.problems import BackupPlaceBusy, BackupReadBackWrong

IDENTITY = "identity.age"
_TURN = "turn.json"
_BATCH_BYTES, _BATCH = 24 << 20, 64
_TURN_LASTS = timedelta(minutes=15)
_TURN_EVERY = timedelta(minutes=1)
_YOUNG = 24 * 3600.0
"""Seconds a piece stays that no backup needs: one that is being made may."""


def sha256(data: bytes) -> str:
    """The digest of bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


class Repository:
    """The backups of a place, for reading."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def heads(self) -> dict[str, Head]:
        """Every backup that can be read, by name."""
        found = {}
        for one in self.place.names("backups"):
            name, _, kind = one.name.rpartition("/")[2].rpartition(".")
            if kind == "json":
                try:
                    found[name] = read_head(name, self.place.get(one.name))
                except BackupDocumentUnreadable:
                    # One damaged head must not hide the others; pruning stops at it (see `needs`).
                    continue
        return found

    def manifest(self, head: Head) -> bytes:
        """The sealed manifest of a backup. Raises BackupDocumentUnreadable."""
        return self._document(head.name, "manifest", head.manifest)

    def needs(self, head: Head) -> Iterator[bytes]:
        """The ids of its pieces. Raises BackupDocumentUnreadable."""
        data = self._document(head.name, "needs", head.needs)
        return (data[at : at + ID_BYTES] for at in range(0, len(data), ID_BYTES))

    def _document(self, name: str, kind: str, digest: str) -> bytes:
        try:
            data = self.place.get(f"backups/{name}.{kind}")
        except KeyError as error:
            raise BackupDocumentUnreadable(name=name, reason=f"its {kind} is missing") from error
        if sha256(data) != digest:
            raise BackupDocumentUnreadable(name=name, reason=f"its {kind} is damaged")
        return data

    def index(self) -> Index:
        """What pieces there are."""
        index = Index()
        listed = ((read_name(one.name, one.size), one.written) for one in self.place.names("pieces"))
        index.fill((piece, written) for piece, written in listed if piece is not None)
        return index

    def identity(self) -> bytes | None:
        """The key under a passphrase, if there is one."""
        try:
            return self.place.get(IDENTITY)
        except KeyError:
            return None


@dataclass
class Written:
    """How much went to the place."""

    pieces: int = 0
    bytes: int = 0


@dataclass(slots=True)
class _Turn:
    who: str
    clock: Callable[[], datetime]
    until: datetime | None = None


@dataclass
class _Batch:
    sealed: dict[str, bytes] = field(default_factory=dict)
    pieces: list[Stored] = field(default_factory=list)
    bytes: int = 0


class Writing(Repository):
    """The backups of a place, while one is added: take it with `with`, so that two do not write at once.

    `who` tells this server from others; `clock` gives the time.
    """

    def __init__(self, place: Place, sealer: Sealer, who: str, clock: Callable[[], datetime]) -> None:
        super().__init__(place)
        self._sealer = sealer
        self._turn = _Turn(who, clock)
        self._batch = _Batch()
        self._index: Index | None = None
        self.written = Written()

    def __enter__(self) -> Self:
        """Take the turn and see what is there. Raises BackupPlaceBusy."""
        self._take_turn()
        try:
            self.place.tidy()
            self._index = self.index()
        except BaseException:
            self.place.delete([_TURN])
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        """Let the turn go; what was not flushed is dropped."""
        if self._index is not None:
            self._index.close()
        self.place.delete([_TURN])

    @property
    def known(self) -> Index:
        """The pieces there are."""
        if self._index is None:  # pragma: no cover - `with` has set it
            raise RuntimeError
        return self._index

    def _take_turn(self) -> None:
        now = self._turn.clock()
        try:
            held = json.loads(self.place.get(_TURN))
            since = datetime.fromisoformat(held["at"])
            if held["who"] != self._turn.who and now - since < _TURN_LASTS:
                raise BackupPlaceBusy(where=self.place.where, since=f"{since:%Y-%m-%d %H:%M} UTC")
        except (KeyError, ValueError, TypeError):
            # Nobody's, or one that was cut off as it was written.
            pass
        self._keep_turn(now)

    def _keep_turn(self, now: datetime) -> None:
        if self._turn.until is None or now >= self._turn.until:
            said = {"who": self._turn.who, "at": now.isoformat()}
            self.place.put({_TURN: json.dumps(said).encode()})
            self._turn.until = now + _TURN_EVERY

    def keep(self, number: bytes, make: Callable[[], bytes]) -> Stored:
        """A piece under its id: `make` gives its bytes where it is not there yet."""
        found = self.known.find(number)
        if found is not None:
            return found
        sealed = self._sealer.seal(make())
        piece = Stored(number, hashlib.sha256(sealed).digest(), len(sealed))
        self._batch.sealed[piece.name] = sealed
        self._batch.pieces.append(piece)
        self._batch.bytes += piece.size
        # Known at once, so that the same rows twice in one backup are one piece.
        self.known.fill([(piece, self._turn.clock().timestamp())])
        if self._batch.bytes >= _BATCH_BYTES or len(self._batch.pieces) >= _BATCH:
            self.flush()
        return piece

    def flush(self) -> None:
        """Write what waits, and read it back. Raises BackupReadBackWrong."""
        batch, self._batch = self._batch, _Batch()
        if not batch.pieces:
            return
        self._keep_turn(self._turn.clock())
        self.place.put(batch.sealed)
        for piece in batch.pieces:
            self._read_back(piece)
        self.written.pieces += len(batch.pieces)
        self.written.bytes += batch.bytes

    def _read_back(self, piece: Stored) -> None:
        try:
            whole = hashlib.sha256(self.place.get(piece.name)).digest() == piece.sha256
        except KeyError:
            whole = False
        if not whole:
            self.place.delete([piece.name])
            raise BackupReadBackWrong(where=self.place.where, piece=piece.name)

    def seal_document(self, data: bytes) -> bytes:
        """A manifest, packed and sealed."""
        return self._sealer.seal(data)

    def finish(self, head: Head, needs: bytes, manifest: bytes) -> None:
        """Make it a backup: everything else is there, the head comes last."""
        self.flush()
        self.place.put({f"backups/{head.name}.needs": needs, f"backups/{head.name}.manifest": manifest})
        self.place.put({f"backups/{head.name}.json": head.written()})
        # Whoever reads it must be able to.
        list(self.needs(head))
        self.manifest(head)

    def prune(self, stay: Iterable[str]) -> Written:
        """Let all backups go but these, then the pieces that none of these needs; says what went.

        Raises BackupDocumentUnreadable before anything goes, where it is not known what one of them needs.
        """
        heads, staying = self.heads(), set(stay)
        gone = set(heads) - staying
        for head in heads.values():
            if head.name in staying:
                self.known.need(self.needs(head))
        self._need_unread(gone | staying)
        for name in sorted(gone):
            # The head first: without it the rest is not taken for a backup.
            self.place.delete([f"backups/{name}.{kind}" for kind in ("json", "needs", "manifest")])
        taken = Written()
        before = self._turn.clock().timestamp() - _YOUNG
        for piece in list(self.known.unneeded(before)):
            self.place.delete([piece.name])
            self.known.forget(piece.id)
            taken.pieces += 1
            taken.bytes += piece.size
        return taken

    def _need_unread(self, known: set[str]) -> None:
        """What backups whose head cannot be read may need stays; what never got a head goes."""
        kinds: dict[str, dict[str, float]] = {}
        for one in self.place.names("backups"):
            name, _, kind = one.name.rpartition("/")[2].rpartition(".")
            kinds.setdefault(name, {})[kind] = one.written
        for name, found in kinds.items():
            if name in known:
                continue
            if "json" not in found and max(found.values()) < self._turn.clock().timestamp() - _YOUNG:
                self.place.delete([f"backups/{name}.{kind}" for kind in found])
            elif "needs" in found:
                data = self.place.get(f"backups/{name}.needs")
                self.known.need(data[at : at + ID_BYTES] for at in range(0, len(data), ID_BYTES))

    def set_aside(self, piece: Stored) -> None:
        """A damaged piece, out of the way: the next backup writes it anew as far as it still is here."""
        self.place.put({f"broken/{piece.name.rpartition('/')[2]}": self.place.get(piece.name)})
        self.place.delete([piece.name])
        self.known.forget(piece.id)
