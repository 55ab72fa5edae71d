"""③ What a phone is handed beside a form: stored files, place lists and entity lists, cut to its places.

Why: a phone compares the hash of a stored file with the bytes it has, so a place list is made to know its
hash; the hash of an entity list names a state and costs the same however long the list is. `provinces.csv`
and `communes.csv` are made from the places and kept while these stay as they are; every other `<list>.csv`
that nobody filled by hand is the entity list of that name.
"""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import md5
from tempfile import SpooledTemporaryFile
from typing import IO, TypeVar

from sqlalchemy.orm import Session

from collector.actions.place_files import commune_list, province_list
from forms import entity_csv
from forms.places import UNLISTED_ENDING
from storage.entities.following import PLACE_FILES, VILLAGES
from storage.entities.problems import EntityListNotFound
from storage.problems import AttachmentNotFound
from storage.queries import entity_lists
from storage.queries.attachments import Slot, slots
from storage.queries.entity_lists import Listing
from storage.queries.reach import EVERYWHERE, Reach, places_stamp, reach_of

_ROOM = 512
_IN_MEMORY = 1 << 20
_LEVEL = 6

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom it is: a project's phone, and the places it works in (none: everywhere).

    `owner` is its actor, where lists of what one made oneself are cut to that; None sees them whole.
    """

    project_id: int
    place_codes: tuple[str, ...] = ()
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """A file of a manifest. `md5` is what phones compare; `sha256` names a stored file's bytes.

    `listing` is the entity list it comes from, `made` the bytes of a list made from the places.
    """

    name: str
    md5: str
    sha256: str | None = None
    listing: Listing | None = None
    made: bytes | None = None

    @property
    def type(self) -> str:
        """How the manifest calls it: "" is a plain file."""
        return self.listing.type if self.listing else ""


class Deliveries:
    """Hands out files. What is made from the places is kept until they change, here and nowhere else.

    `pilot` is the province whose places a phone without places of its own is shown.
    """

    def __init__(self, pilot: str) -> None:
        self._pilot = pilot
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, object] = OrderedDict()

    def files(self, session: Session, asker: Asker, version_id: int) -> list[Handed]:
        """The files of a form version that have content, by name."""
        asked = slots(session, version_id)
        open_ = [slot for slot in asked if slot.sha256 is None and slot.linked]
        lists = self._lists(session, asker, open_)
        hashes: dict[str, str] = {}
        for reach, several in self._by_reach(session, asker, list(lists.values())):
            hashes |= entity_lists.list_hashes(session, several, reach)
        found = [self._handed(session, asker, slot, lists, hashes) for slot in asked]
        return [one for one in found if one is not None]

    def file(self, session: Session, asker: Asker, version_id: int, name: str) -> Handed:
        """One of them. Raises AttachmentNotFound."""
        for slot in slots(session, version_id):
            if slot.name == name:
                lists = self._lists(session, asker, [slot] if slot.sha256 is None and slot.linked else [])
                hashes = {
                    one.name: entity_lists.list_hash(session, one, self.reach(session, asker, one))
                    for one in lists.values()
                }
                found = self._handed(session, asker, slot, lists, hashes)
                if found is not None:
                    return found
        raise AttachmentNotFound(name=name)

    def _handed(
        self,
        session: Session,
        asker: Asker,
        slot: Slot,
        lists: dict[str, Listing],
        hashes: dict[str, str],
    ) -> Handed | None:
        if slot.sha256 is not None:
            return Handed(slot.name, slot.md5 or "", sha256=slot.sha256)
        if slot.name in PLACE_FILES and slot.linked:
            return self._place_file(session, asker, slot.name)
        listing = lists.get(slot.name)
        return Handed(slot.name, hashes[listing.name], listing=listing) if listing else None

    def _lists(self, session: Session, asker: Asker, open_: Sequence[Slot]) -> dict[str, Listing]:
        """The entity lists those slots ask for, by file name."""
        names = [
            slot.name.removesuffix(".csv")
            for slot in open_
            if slot.name.endswith(".csv") and slot.name not in PLACE_FILES
        ]
        found = entity_lists.listings(session, asker.project_id, names) if names else {}
        return {f"{name}.csv": listing for name, listing in found.items()}

    def _by_reach(
        self, session: Session, asker: Asker, several: list[Listing]
    ) -> Iterator[tuple[Reach, list[Listing]]]:
        followed = [one for one in several if one.name == VILLAGES]
        others = [one for one in several if one.name != VILLAGES]
        for part in (followed, others):
            if part:
                yield self.reach(session, asker, part[0]), part

    # Places -----------------------------------------------------------------------------------------

    def reach(self, session: Session, asker: Asker, listing: Listing | None = None) -> Reach:
        """What a list is cut to for a phone; a list of places never shows more than one province.

        Of villages a phone sees «not on the list yet» of its commune too.
        """
        found = self._reach(session, asker, listing)
        return found if asker.owner is None else replace(found, owner=asker.owner)

    def _reach(self, session: Session, asker: Asker, listing: Listing | None) -> Reach:
        of_places = listing is None or listing.name == VILLAGES
        codes = asker.place_codes or ((self._pilot,) if of_places else ())
        if not codes:
            return EVERYWHERE
        stamp = places_stamp(session)
        found = self._once((stamp, codes), lambda: reach_of(session, codes))
        if listing is None or not of_places or not found.above:
            return found
        unlisted = (f"{code}{UNLISTED_ENDING}" for code in found.above)
        wider = (*codes, *unlisted)
        return self._once((stamp, wider), lambda: reach_of(session, wider))

    def _place_file(self, session: Session, asker: Asker, name: str) -> Handed:
        reach = self.reach(session, asker)
        write = province_list if name == PLACE_FILES[0] else commune_list

        def make() -> Handed:
            data = write(session, reach)
            return Handed(name, md5(data, usedforsecurity=False).hexdigest(), made=data)

        return self._once((places_stamp(session), reach.codes, name), make)

    def _once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]  # type: ignore[return-value]  # by its key it is what `make` gave
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _ROOM:
                self._kept.popitem(last=False)
        return made

    # Entity lists -----------------------------------------------------------------------------------

    def listing(self, session: Session, asker: Asker, name: str) -> Listing:
        """An entity list of the phone's project. Raises EntityListNotFound."""
        found = entity_lists.listings(session, asker.project_id, [name]).get(name)
        if found is None:
            raise EntityListNotFound(list=name)
        return found

    def gone(self, session: Session, asker: Asker, name: str, uuids: Sequence[str]) -> dict[str, bool]:
        """Of these members, in the order asked, whether the phone has to drop them.

        Who was never here is left out: a phone may know it before the server does.
        """
        listing = self.listing(session, asker, name)
        reach = self.reach(session, asker, listing)
        known = entity_lists.known_states(session, listing, reach, [one.lower() for one in uuids])
        return {uuid: known[uuid.lower()] for uuid in uuids if uuid.lower() in known}


def list_csv(listing: Listing, reach: Reach) -> Iterator[bytes]:
    """The file of an entity list, in pieces."""
    yield entity_csv.header(listing.properties)
    for page in entity_lists.members(listing, reach):
        yield entity_csv.lines(page, listing.properties)


def spooled(pieces: Iterator[bytes], *, packed: bool) -> IO[bytes]:
    """The pieces in a file that is read from its start, gzipped if `packed`.

    Written out whole before a phone gets the first byte: a list that was cut short would be taken for the
    whole one, and its missing members be deleted on the phone (openrosa.md §0.13, §7.4.6).
    """
    held: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the response closes it
    try:
        if packed:
            with gzip.GzipFile(fileobj=held, mode="wb", compresslevel=_LEVEL, mtime=0) as out:
                out.writelines(pieces)
        else:
            held.writelines(pieces)
        held.seek(0)
    except BaseException:
        held.close()
        raise
    return held
