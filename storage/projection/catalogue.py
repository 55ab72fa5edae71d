"""Which tables a form's answers lie in, and how they grow with its versions."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from forms.rows import CELL_OF_TYPE, Cell, Column, Layout, TableLayout
from forms.schema import Node, Schema
from storage.models import FormColumn, FormTable
from storage.projection.tables import PIECE, AnswerTable, Question, answer_table, question_columns


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
    _limit_lock_waiting(session)
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
            columns = _columns(row, nodes, start=0)
            session.add_all(columns)
            _create(session, row, columns)
    session.flush()
    return widened


def _next_number(session: Session, form_id: int) -> int:
    """One more than any table of the form has: `d12_3`, or `d12_3g7` after a rebuild."""
    names = session.scalars(select(FormTable.name).where(FormTable.form_id == form_id))
    return max((int(name.split("_")[1].split("g")[0]) for name in names), default=-1) + 1


def _limit_lock_waiting(session: Session) -> None:
    if session.connection().dialect.name == "postgresql":
        # A table that is being read must not make everybody queue behind its change.
        session.execute(text("SET LOCAL lock_timeout = '4s'"))


def _create(session: Session, row: FormTable, columns: list[FormColumn]) -> None:
    table = answer_table(row.name, row.path, row.parent_path, [_question(one) for one in columns])
    for piece in table.pieces:
        piece.create(session.connection())


def _columns(row: FormTable, nodes: Iterable[Node], *, start: int) -> list[FormColumn]:
    return [
        FormColumn(
            table_id=row.id,
            path=node.path,
            name=f"q{number}",
            cell=cell_of(node).value,
            type=node.type,
            control=node.control,
            piece=number // PIECE,
            position=node.order,
        )
        for number, node in enumerate(nodes, start=start)
    ]


def _grow(session: Session, row: FormTable, columns: list[FormColumn], nodes: list[Node]) -> bool:
    known = {column.path: column for column in columns}
    start = max((int(column.name[1:]) for column in columns), default=-1) + 1
    added = _columns(row, [node for node in nodes if node.path not in known], start=start)
    session.add_all(added)
    for column in added:
        _add(session, row, columns, column)
    widened = False
    numbers = count(start + len(added))
    for node in nodes:
        column = known.get(node.path)
        if column is None:
            continue
        column.control, column.position = node.control, node.order
        if cell_of(node) is Cell.TEXT and column.cell != Cell.TEXT:
            _turn_into_text(session, row, column, next(numbers))
            widened = True
        column.type = node.type
    return widened


def _physical(row: FormTable, column: FormColumn) -> str:
    return row.name if column.piece == 0 else f"{row.name}p{column.piece}"


def _add(session: Session, row: FormTable, columns: list[FormColumn], column: FormColumn) -> None:
    if all(other.piece < column.piece for other in columns):
        _add_piece(session, row, column)
    else:
        operations = Operations(MigrationContext.configure(session.connection()))
        for physical in question_columns(_question(column)):
            operations.add_column(_physical(row, column), physical)
    columns.append(column)


def _add_piece(session: Session, row: FormTable, column: FormColumn) -> None:
    table = answer_table(row.name, row.path, row.parent_path, [_question(column)])
    fresh = table.pieces[column.piece]
    fresh.create(session.connection())
    keys = [one.name for one in fresh.primary_key]
    session.execute(fresh.insert().from_select(keys, select(*(table.table.c[name] for name in keys))))


def _turn_into_text(session: Session, row: FormTable, column: FormColumn, number: int) -> None:
    old = column.name
    column.name, column.cell = f"q{number}", Cell.TEXT.value
    operations = Operations(MigrationContext.configure(session.connection()))
    for physical in question_columns(_question(column)):
        operations.add_column(_physical(row, column), physical)
    table = _physical(row, column)
    session.execute(text(f'UPDATE "{table}" SET "{column.name}" = CAST("{old}" AS TEXT)'))  # noqa: S608 - our own names


def drop(session: Session, form_id: int, *, draft: bool) -> None:
    """Remove the tables of a form's draft (or of the form) and their catalogue."""
    for table in answer_tables(session, form_id, draft=draft).values():
        for piece in table.pieces:
            piece.drop(session.connection(), checkfirst=True)
    for row, columns in catalogue(session, form_id, draft=draft):
        for column in columns:
            session.delete(column)
        session.flush()
        session.delete(row)
    session.flush()
