"""The shape of a PostgreSQL database, told by its own catalogue as statements that make it again.

Names stand with their schema in all of them, so that they mean the same wherever they are said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from forms.backups.documents import Shape
from storage.backups.problems import DatabaseShapeUnknown

_UNKNOWN = """
SELECT 'the foreign table or type ' || c.relname FROM pg_class c
 WHERE c.relnamespace = %(schema)s AND (c.relkind = 'f' OR c.relkind = 'c')
UNION ALL SELECT 'the type ' || t.typname FROM pg_type t
 WHERE t.typnamespace = %(schema)s AND t.typtype IN ('e', 'd', 'r')
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
UNION ALL SELECT 'row security of ' || c.relname FROM pg_class c
 WHERE c.relnamespace = %(schema)s AND c.relrowsecurity
UNION ALL SELECT 'the rule ' || r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
 WHERE c.relnamespace = %(schema)s AND r.rulename <> '_RETURN'
UNION ALL SELECT 'the child table ' || c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
 WHERE c.relnamespace = %(schema)s AND c.relkind = 'r' AND NOT c.relispartition
LIMIT 5
"""
_EXTENSIONS = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY extname"
_FUNCTIONS = """
SELECT pg_get_functiondef(p.oid) FROM pg_proc p
 WHERE p.pronamespace = %(schema)s AND p.prokind IN ('f', 'p')
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
 ORDER BY p.proname, p.oid
"""
_SEQUENCES = """
SELECT c.relname, format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache,
       s.seqcycle, d.deptype, o.relname, a.attname
  FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
  LEFT JOIN pg_depend d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
       AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
  LEFT JOIN pg_class o ON o.oid = d.refobjid
  LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
 WHERE c.relnamespace = %(schema)s ORDER BY c.relname
"""
_TABLES = """
SELECT c.oid, c.relname, c.relkind, c.relpersistence, array_to_string(c.reloptions, ', '),
       pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid), parent.relname
  FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
  LEFT JOIN pg_class parent ON parent.oid = i.inhparent
 WHERE c.relnamespace = %(schema)s AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""
_COLUMNS = """
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
       a.attgenerated,
       pg_get_expr(d.adbin, d.adrelid),
       CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END,
       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE c.relnamespace = %(schema)s AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum
"""
_CONSTRAINTS = """
SELECT o.relname, k.conname, pg_get_constraintdef(k.oid)
  FROM pg_constraint k JOIN pg_class o ON o.oid = k.conrelid
 WHERE k.connamespace = %(schema)s AND k.contype IN ('p', 'u', 'x', 'c', 'f') AND k.conparentid = 0
   AND k.conislocal ORDER BY position(k.contype IN 'puxcf'), o.relname, k.conname
"""
_INDEXES = """
SELECT CASE WHEN i.relkind = 'I' THEN replace(pg_get_indexdef(x.indexrelid), ' ON ONLY ', ' ON ')
            ELSE pg_get_indexdef(x.indexrelid) END FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
 WHERE i.relnamespace = %(schema)s AND x.indisvalid
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u',
   'x')) AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = x.indexrelid)
 ORDER BY i.relname
"""
_STATISTICS = """
SELECT pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s
 WHERE s.stxnamespace = %(schema)s ORDER BY s.stxname
"""
_TRIGGERS = """
SELECT pg_get_triggerdef(t.oid), c.relname, t.tgname, t.tgenabled
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE c.relnamespace = %(schema)s AND NOT t.tgisinternal AND t.tgparentid = 0 ORDER BY c.relname, t.tgname
"""
_VIEWS = """
SELECT c.relname, c.relkind, pg_get_viewdef(c.oid) FROM pg_class c
 WHERE c.relnamespace = %(schema)s AND c.relkind IN ('v', 'm') ORDER BY c.oid
"""
_STORAGE = {b"p": "PLAIN", b"e": "EXTERNAL", b"m": "MAIN", b"x": "EXTENDED"}
_IDENTITY = {b"a": "ALWAYS", b"d": "BY DEFAULT"}
_ENABLED = {b"D": "DISABLE", b"R": "ENABLE REPLICA", b"A": "ENABLE ALWAYS"}


@dataclass
class _Table:
    oid: int
    name: str
    kind: bytes
    persistence: bytes
    options: str | None
    partitioned_by: str | None
    bound: str | None
    parent: str | None
    columns: list[tuple[Any, ...]] = field(default_factory=list)


def _letter(said: object) -> bytes:
    """A `"char"` of the catalogue, whichever way the driver brings it."""
    return said if isinstance(said, bytes) else str(said or "").encode()


class Catalogue:
    """What the catalogue says of the schema the server's tables are in."""

    def __init__(self, line: psycopg.Connection[Any]) -> None:
        self._line = line
        row = self._one("SELECT current_schema(), current_schema()::regnamespace::oid")
        if row is None or row[0] is None:
            raise DatabaseShapeUnknown(what="no schema to make tables in")
        self.schema: str = row[0]
        self._of = {"schema": row[1]}
        # From here on names are told with their schema.
        line.execute("SET LOCAL search_path = ''")
        self.held = self._tables()

    def _one(self, sentence: str) -> tuple[Any, ...] | None:
        return self._line.execute(sentence).fetchone()

    def _all(self, sentence: str) -> list[tuple[Any, ...]]:
        return self._line.execute(sentence, self._of).fetchall()

    def _tables(self) -> list[_Table]:
        found = [
            _Table(row[0], row[1], _letter(row[2]), _letter(row[3]), *row[4:]) for row in self._all(_TABLES)
        ]
        by_oid = {one.oid: one for one in found}
        for oid, *column in self._all(_COLUMNS):
            by_oid[oid].columns.append(tuple(column))
        return found

    def quoted(self, *names: str) -> str:
        """A name with its schema, or a column of one, as statements write it."""
        return sql.Identifier(self.schema, *names).as_string(self._line)

    def _column(self, name: str) -> str:
        return sql.Identifier(name).as_string(self._line)

    def shape(self) -> Shape:
        """Everything but the rows. Raises DatabaseShapeUnknown for what these statements cannot make."""
        unknown = [row[0] for row in self._all(_UNKNOWN)]
        if unknown:
            raise DatabaseShapeUnknown(what=", ".join(unknown))
        sequences = self._all(_SEQUENCES)
        identities = {(row[9], row[10]): row for row in sequences if _letter(row[8]) == b"i"}
        free = [row for row in sequences if _letter(row[8]) != b"i"]
        before = [
            f"CREATE SCHEMA IF NOT EXISTS {self._column(self.schema)}",
            *(f"CREATE EXTENSION IF NOT EXISTS {self._column(row[0])}" for row in self._all(_EXTENSIONS)),
            *(row[0] for row in self._all(_FUNCTIONS)),
            *(f"CREATE SEQUENCE {self.quoted(row[0])} AS {row[1]} {_counting(row)}" for row in free),
            *(self._table(one, identities) for one in self.held),
            *(line for one in self.held for line in self._storage(one)),
            *(self._owned(row) for row in free if row[9] is not None),
        ]
        return Shape(before, list(self._after()), [self._counter(row[0]) for row in sequences])

    def _table(self, one: _Table, identities: dict[tuple[str, str], tuple[Any, ...]]) -> str:
        lines = [self._told(one.name, column, identities) for column in one.columns]
        kept = "UNLOGGED " if one.persistence == b"u" else ""
        ways = f" PARTITION BY {one.partitioned_by}" if one.partitioned_by else ""
        options = f" WITH ({one.options})" if one.options else ""
        return (
            f"CREATE {kept}TABLE {self.quoted(one.name)} (\n  " + ",\n  ".join(lines) + f"\n){ways}{options}"
        )

    def _told(
        self, table: str, column: tuple[Any, ...], identities: dict[tuple[str, str], tuple[Any, ...]]
    ) -> str:
        name, kind, needed, identity, generated, default, collation, _storage = column
        said = f"{self._column(name)} {kind}"
        if collation:
            said += f" COLLATE {collation}"
        if _letter(generated).strip(b"\0 "):
            said += f" GENERATED ALWAYS AS ({default}) STORED"
        elif (way := _IDENTITY.get(_letter(identity))) is not None and (table, name) in identities:
            # A partition has its parent's, from the moment it is attached.
            row = identities[table, name]
            said += f" GENERATED {way} AS IDENTITY (SEQUENCE NAME {self.quoted(row[0])} {_counting(row)})"
        elif default is not None:
            said += f" DEFAULT {default}"
        return f"{said} NOT NULL" if needed else said

    def _storage(self, one: _Table) -> Iterator[str]:
        for column in one.columns:
            way = _STORAGE.get(_letter(column[7]))
            if way is not None:
                name = self._column(column[0])
                yield f"ALTER TABLE {self.quoted(one.name)} ALTER COLUMN {name} SET STORAGE {way}"

    def _owned(self, row: tuple[Any, ...]) -> str:
        return f"ALTER SEQUENCE {self.quoted(row[0])} OWNED BY {self.quoted(row[9], row[10])}"

    def _counter(self, name: str) -> str:
        found = self._one(f"SELECT last_value, is_called FROM {self.quoted(name)}")  # noqa: S608 - quoted
        last, called = found or (1, False)
        text = sql.Literal(self.quoted(name)).as_string(self._line)
        return f"SELECT pg_catalog.setval({text}::regclass, {last}, {str(called).lower()})"

    def _after(self) -> Iterator[str]:
        for one in self.held:
            if one.bound is not None and one.parent is not None:
                child, parent = self.quoted(one.name), self.quoted(one.parent)
                yield f"ALTER TABLE {parent} ATTACH PARTITION {child} {one.bound}"
        for table, name, told in self._all(_CONSTRAINTS):
            yield f"ALTER TABLE {self.quoted(table)} ADD CONSTRAINT {self._column(name)} {told}"
        for several in (_INDEXES, _STATISTICS):
            yield from (row[0] for row in self._all(several))
        for name, kind, told in self._all(_VIEWS):
            what = "MATERIALIZED VIEW" if _letter(kind) == b"m" else "VIEW"
            yield f"CREATE {what} {self.quoted(name)} AS {told}"
        for told, table, name, enabled in self._all(_TRIGGERS):
            yield told
            way = _ENABLED.get(_letter(enabled))
            if way is not None:
                yield f"ALTER TABLE {self.quoted(table)} {way} TRIGGER {self._column(name)}"

    def tables(self) -> Sequence[tuple[str, list[str]]]:
        """Every table that holds rows itself, with the columns that are written."""
        return [
            (one.name, [column[0] for column in one.columns if not _letter(column[4]).strip(b"\0 ")])
            for one in self.held
            if one.kind == b"r"
        ]


def _counting(row: tuple[Any, ...]) -> str:
    _name, _kind, step, least, most, start, ahead, cycles, *_more = row
    return (
        f"INCREMENT BY {step} MINVALUE {least} MAXVALUE {most} START WITH {start} CACHE {ahead}"
        f"{' CYCLE' if cycles else ''}"
    )
