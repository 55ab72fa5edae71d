"""What a phone keeps of entity lists, by Collect's rules: whose version wins, who stays, who is dropped.

Source: Collect's LocalEntityUseCases; the list hash names a state, and a member of the same version that was
not changed on the phone is left as it was, whatever the file says.
"""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from tests.phone_documents import PhoneComplains

NEEDED = ("name", "label", "__version")


@dataclass(frozen=True, slots=True)
class Kept:
    """A member as the phone has it. `offline`: made here and not yet seen in a list of the server."""

    version: int
    label: str
    values: Mapping[str, str]
    offline: bool = False
    trunk: int | None = None
    branch: str = ""

    @property
    def is_dirty(self) -> bool:
        """Changed here since the server told of it."""
        return self.trunk is None or self.version > self.trunk


@dataclass
class Entities:
    """The entity lists of one project on one phone: members by list and id, and the hash of each list."""

    lists: dict[str, dict[str, Kept]] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)

    def create(self, name: str, label: str, **values: str) -> str:
        """A member made by a form that was finished offline; returns its id. The list must be known."""
        made = str(uuid.uuid4())
        self.lists[name][made] = Kept(1, label, values, offline=True, branch=str(uuid.uuid4()))
        return made

    def update(self, name: str, member: str, **values: str) -> dict[str, str]:
        """Change a member offline; returns the attributes the submission says (openrosa.md §7.2)."""
        known = self.lists[name][member]
        said = {
            "baseVersion": str(known.version),
            "trunkVersion": str(known.trunk or ""),
            "branchId": known.branch,
        }
        changed = replace(known, version=known.version + 1, values={**known.values, **values})
        self.lists[name][member] = changed
        return said

    def take(self, name: str, data: bytes, list_hash: str) -> None:
        """The server's file of a list, when its hash is new. Raises PhoneComplains where Collect gives up."""
        local = self.lists.setdefault(name, {})
        missing = dict(local)
        for uuid_, label, version, values in _records(name, data):
            known = missing.pop(uuid_, None)
            fresh = Kept(version, label, values, trunk=version, branch=str(uuid.uuid4()))
            if known is None or known.version < version or (known.version == version and known.is_dirty):
                local[uuid_] = fresh
            elif known.version > version and known.offline:
                local[uuid_] = replace(known, offline=False)
        for uuid_, known in missing.items():
            if not known.offline:
                del local[uuid_]
        self.hashes[name] = list_hash

    def offline(self, name: str) -> list[str]:
        """The members the server may not know yet: what the phone asks after."""
        return [uuid_ for uuid_, one in self.lists.get(name, {}).items() if one.offline]

    def drop(self, name: str, document: bytes) -> None:
        """Forget the members the integrity document calls deleted."""
        for uuid_, deleted in read_integrity(document).items():
            if deleted:
                self.lists[name].pop(uuid_, None)


def _records(name: str, data: bytes) -> Sequence[tuple[str, str, int, dict[str, str]]]:
    # A `;` anywhere in the first line makes it the separator.
    text = data.decode("utf-8-sig")
    separator = ";" if ";" in text.partition("\n")[0] else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    header = rows[0] if rows else []
    if not set(NEEDED) <= set(header) or len({one.lower() for one in header}) != len(header):
        raise PhoneComplains(f"{name}: the header {header} makes Collect drop the list without a word.")
    found = []
    for row in rows[1:]:
        if len(row) != len(header):
            raise PhoneComplains(f"{name}: a row has {len(row)} columns, the header {len(header)}.")
        cells = dict(zip(header, row, strict=True))
        if not cells["__version"].isdecimal():
            raise PhoneComplains(f"{name}: the version {cells['__version']!r} crashes Collect.")
        values = {column: text for column, text in cells.items() if not column.startswith("__")}
        id_, label = values.pop("name"), values.pop("label")
        if not id_ or not label:
            raise PhoneComplains(f"{name}: a row without a name or a label.")
        found.append((id_, label, int(cells["__version"]), values))
    return found


def read_integrity(document: bytes) -> dict[str, bool]:
    """Id to whether it is deleted. Raises PhoneComplains for what Collect cannot read."""
    root = etree.fromstring(document)
    entities = root.find("entities")
    if root.tag != "data" or entities is None:
        raise PhoneComplains("The integrity document is not <data><entities>…")
    found: dict[str, bool] = {}
    for entity in entities:
        deleted = entity.findtext("deleted")
        if entity.tag != "entity" or deleted not in {"true", "false"}:
            raise PhoneComplains(f"An integrity entry Collect cannot read: {etree.tostring(entity)!r}")
        found[entity.get("id", "")] = deleted == "true"
    return found
