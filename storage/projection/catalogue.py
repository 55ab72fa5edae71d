"""Which tables a form's answers lie in, and how they grow with its versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from sqlalchemy import Text, cast, select, text, update
from sqlalchemy.orm import Session

from forms.rows import CELL_OF_TYPE, Cell, Column, Layout, TableLayout
from forms.schema import Node, Schema
from storage.models import Form, FormColumn, FormTable
from storage.projection.tables import ROOM, AnswerTable, Question, answer_table, question_columns, weight


def cell_of(node: Node) -> Cell:
    """How a question is kept."""
    return CELL_OF_TYPE.get(node.type, Cell.TEXT)


def answer_tables(session: Session, form_id: int, *, draft: bool) -> dict[str, AnswerTable]:
    """Every table of a form by the path of its repeat, the root ("") first."""
    return {
        row.path: answer_table(row.name, row.path, row.parent_path, [_question(one) for one in columns])
        for row, columns in catalogue(session, form_id, draft=draft)
    }


def catalogue(session: Session, form_id: int, *, draft: bool) -> list[tuple[FormTable, list[FormColumn]]]:
    """The catalogue's own rows: each table of a form with its columns in the order of the form."""
    tables = session.scalars(
        select(FormTable).where(FormTable.form_id == form_id, FormTable.draft == draft).order_by(FormTable.id)
    ).all()
    columns: dict[int, list[FormColumn]] = {table.id: [] for table in tables}
    for column in session.scalars(
        select(FormColumn)
        .where(FormColumn.table_id.in_(columns))
        .order_by(FormColumn.position, FormColumn.id)
    ):
        columns[column.table_id].append(column)
    return [(table, columns[table.id]) for table in tables]


def _question(column: FormColumn) -> Question:
    return Question(
        column.path,
        column.name,
        Cell(column.cell),
        column.type,
        column.control,
        column.piece,
        column.position,
    )


def layout_for(schema: Schema, tables: dict[str, AnswerTable]) -> Layout:
    """What one version of a form writes: its own questions, kept as the catalogue says."""
    result = []
    for path in ["", *(repeat.path for repeat in schema.repeats)]:
        table = tables[path]
        columns = tuple(
            Column(node.path, table.questions[node.path].cell, table.questions[node.path].name, node.binary)
            for node in schema.questions
            if node.table == path
        )
        result.append(TableLayout(path, table.parent, columns))
    return Layout(tuple(result))


def extend(session: Session, form_id: int, schema: Schema, *, draft: bool) -> bool:
    """Make the tables and columns a version needs and has not got yet.

    A question that became text gets a new text column, filled with what its old column held.
    Returns True when that happened: only a rebuild brings back the text exactly as it was sent.
    """
    hold(session, form_id)
    known = {row.path: (row, columns) for row, columns in catalogue(session, form_id, draft=draft)}
    numbers = count(_next_number(session, form_id))
    parents: dict[str, str | None] = {"": None}
    parents.update((repeat.path, repeat.table) for repeat in schema.repeats)
    widened = False
    for path, parent in parents.items():
        nodes = [node for node in schema.questions if node.table == path]
        if path in known:
            widened |= _grow(session, *known[path], nodes)
        else:
            row = FormTable(
                form_id=form_id,
                draft=draft,
                path=path,
                parent_path=parent,
                name=f"d{form_id}_{next(numbers)}",
            )
            session.add(row)
            session.flush()
            columns = _columns(row, nodes, count(), _Room())
            session.add_all(columns)
            _create(session, row, columns)
    session.flush()
    return widened


def _next_number(session: Session, form_id: int) -> int:
    """One more than any table of the form has: `d12_3`, or `d12_3g7` after a rebuild."""
    names = session.scalars(select(FormTable.name).where(FormTable.form_id == form_id))
    return max((int(name.split("_")[1].split("g")[0]) for name in names), default=-1) + 1


def hold(session: Session, form_id: int) -> None:
    """Wait until nobody is writing answers to the form, and let nobody begin until the transaction ends.

    From then on the transaction waits four seconds at most for any other lock.
    """
    # An intake holds its form from its first look to its commit, or it would write to tables that are gone.
    session.execute(select(Form.id).where(Form.id == form_id).with_for_update())
    if session.connection().dialect.name == "postgresql":
        # A table that is being read must not make everybody queue behind its change.
        session.execute(text("SET LOCAL lock_timeout = '4s'"))


@dataclass
class _Room:
    """Where there is room for one more question: bytes taken by piece."""

    taken: dict[int, int] = field(default_factory=dict)

    def take(self, cell: Cell, piece: int | None = None) -> int:
        """Room in that piece, else in the last one, else in a new one; returns its number."""
        last = max(self.taken, default=0)
        wanted = last if piece is None else piece
        if self.taken.get(wanted, 0) + weight(cell) > ROOM:
            wanted = last if piece is not None and self.taken[last] + weight(cell) <= ROOM else last + 1
        self.taken[wanted] = self.taken.get(wanted, 0) + weight(cell)
        return wanted

    def free(self, cell: Cell, piece: int) -> None:
        """Give room back."""
        self.taken[piece] -= weight(cell)


def _create(session: Session, row: FormTable, columns: list[FormColumn]) -> None:
    table = answer_table(row.name, row.path, row.parent_path, [_question(one) for one in columns])
    for piece in table.pieces:
        piece.create(session.connection())


def _columns(row: FormTable, nodes: Iterable[Node], numbers: Iterator[int], room: _Room) -> list[FormColumn]:
    return [
        FormColumn(
            table_id=row.id,
            path=node.path,
            name=f"q{next(numbers)}",
            cell=cell_of(node).value,
            type=node.type,
            control=node.control,
            piece=room.take(cell_of(node)),
            position=node.order,
        )
        for node in nodes
    ]


def _grow(session: Session, row: FormTable, columns: list[FormColumn], nodes: list[Node]) -> bool:
    known = {column.path: column for column in columns}
    numbers = count(max((int(column.name[1:]) for column in columns), default=-1) + 1)
    room = _Room()
    for column in columns:
        room.taken[column.piece] = room.taken.get(column.piece, 0) + weight(Cell(column.cell))
    pieces = set(room.taken)
    fresh = _columns(row, [node for node in nodes if node.path not in known], numbers, room)
    session.add_all(fresh)
    widened = []
    for node in nodes:
        if node.path not in known:
            continue
        column = known[node.path]
        column.control, column.position = node.control, node.order
        if cell_of(node) is Cell.TEXT and column.cell != Cell.TEXT:
            old = _question(column)
            room.free(old.cell, old.piece)
            column.name, column.cell = f"q{next(numbers)}", Cell.TEXT.value
            column.piece = room.take(Cell.TEXT, column.piece)
            widened.append((old, _question(column)))
        column.type = node.type
    session.flush()
    _add(session, row, [*map(_question, fresh), *(new for _old, new in widened)], pieces)
    _fill(session, row, widened)
    return bool(widened)


def _add(session: Session, row: FormTable, questions: Sequence[Question], pieces: set[int]) -> None:
    """Make the columns of questions, in new pieces unless theirs is one of `pieces`."""
    connection = session.connection()
    table = answer_table(row.name, row.path, row.parent_path, questions)
    for number in {question.piece for question in questions} - pieces - {0}:
        piece = table.pieces[number]
        piece.create(connection)
        keys = [one.name for one in piece.primary_key]
        connection.execute(piece.insert().from_select(keys, select(*(table.table.c[name] for name in keys))))
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    operations = Operations(MigrationContext.configure(connection))
    for question in questions:
        if question.piece in pieces | {0}:
            for one in question_columns(question):
                operations.add_column(table.pieces[question.piece].name, one)


def _fill(session: Session, row: FormTable, widened: Sequence[tuple[Question, Question]]) -> None:
    """What the old columns held, as text in the new ones: one pass over each pair of pieces."""
    for between in {(old.piece, new.piece) for old, new in widened}:
        mine = [(old, new) for old, new in widened if (old.piece, new.piece) == between]
        both = [question for pair in mine for question in pair]
        table = answer_table(row.name, row.path, row.parent_path, both)
        source, target = table.pieces[between[0]], table.pieces[between[1]]
        if source is target:
            texts = {new.name: cast(source.c[old.name], Text) for old, new in mine}
            session.execute(update(target).values(texts))
            continue
        same = [source.c[key.name] == key for key in target.primary_key]
        held = {new.name: select(cast(source.c[old.name], Text)).where(*same) for old, new in mine}
        session.execute(update(target).values({name: one.scalar_subquery() for name, one in held.items()}))


def drop(session: Session, form_id: int, *, draft: bool) -> None:
    """Remove the tables of a form's draft (or of the form) and their catalogue."""
    hold(session, form_id)
    for table in answer_tables(session, form_id, draft=draft).values():
        for piece in table.pieces:
            piece.drop(session.connection(), checkfirst=True)
    for row, columns in catalogue(session, form_id, draft=draft):
        for column in columns:
            session.delete(column)
        session.flush()
        session.delete(row)
    session.flush()
