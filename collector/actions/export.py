"""⑨ All answers to a form as Central hands them out: CSV files, the files sent with them, the phones' logs.

Source: https://docs.getodk.org/central-api-submission-management/#exporting-form-submissions-to-csv
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from io import BytesIO
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from sqlalchemy.orm import Session

from collector.actions.archive import ZipStream
from collector.actions.reading import spoken
from forms.compare import merged
from forms.exports.csv_text import BOM, CsvFile, CsvOptions, Labels, audit_csv, csv_files, safe_name
from forms.exports.wide import WideFile
from forms.schema import Node, Schema
from forms.xform import read_schema
from storage.blobs import BlobStore
from storage.models import Form
from storage.projection.catalogue import answer_tables
from storage.queries import forms, sent_files
from storage.queries.answers import (
    Pages,
    Selection,
    Tables,
    codes_in_use,
    everything,
    layout_of,
    most_rows,
)
from storage.queries.odata_filter import RecordFilter, submissions_filter

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]

_CELL = 64
"""Bytes a cell hardly exceeds on average: it decides only whether an entry may grow past 2 GB."""

_LARGEST_LOG = 16 * 1024 * 1024
_LOG = 16 * 1024
"""Bytes of an audit log, for the same question."""

PACKED = (".3gp", ".aac", ".amr", ".gif", ".jpeg", ".jpg", ".m4a", ".mp3", ".mp4", ".ogg", ".png", ".webp")
"""What cannot be made smaller."""

_CHUNK = 128 * 1024


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Central's switches, with its defaults, and ours, which change nothing unless they are used.

    `attachments`: media and audit logs too. `split_select_multiples`: a column 0/1 for each code in use.
    `group_paths`: group names in the header. `deleted_fields`: questions of earlier versions too. `only`:
    the text of an OData `$filter`.

    Ours: `labels` "true" writes labels for names and codes, "both" beside them, in `language` (else the
    form's first one); `wide`: one line for each record, repeats beside it; `bom`: so that Excel reads
    UTF-8; `zone`: the one moments are written in; `harmless`: no text is taken for a formula; `chosen`:
    only these records, instead of `only`.
    """

    attachments: bool = True
    split_select_multiples: bool = False
    group_paths: bool = True
    deleted_fields: bool = False
    only: str = ""
    labels: str = ""
    language: str = ""
    wide: bool = False
    bom: bool = False
    zone: tzinfo | None = None
    harmless: bool = False
    chosen: RecordFilter | None = None


@dataclass(frozen=True)
class Export:
    """What is about to be written, decided in one look at the form; see `prepare`."""

    form_id: str
    selection: Selection
    nodes: tuple[Node, ...]
    csv: CsvOptions
    options: ExportOptions
    wide: WideFile | None = None

    @property
    def name(self) -> str:
        """The name of the archive; Central leaves `.csv` out when media are in it."""
        return safe_name(self.form_id) + (".zip" if self.options.attachments else ".csv.zip")

    @property
    def root_name(self) -> str:
        """The name of the root file alone."""
        return f"{safe_name(self.form_id)}.csv"

    def files(self, tables: Tables) -> tuple[CsvFile, ...]:
        """The CSV files for the tables as they are now, the root first."""
        return csv_files(self.form_id, self.nodes, layout_of(tables), self.csv)

    def root(self, tables: Tables) -> Sequence[CsvFile]:
        """Only the root."""
        return self.files(tables)[:1]


def prepare(
    session: Session, form: Form, options: ExportOptions, *, now: datetime, draft: bool = False
) -> Export:
    """Decide what an export holds; `session` is a snapshot, `now` what a filter may compare with.

    Raises FormNotFound, NoDraft, TooManyColumns, and what `submissions_filter` raises.
    """
    version = forms.draft_version(session, form) if draft else forms.current_version(session, form)
    schema = read_schema(forms.version_xml(session, version.id))
    schemas: tuple[Schema, ...] = (schema,)
    if not draft and (options.deleted_fields or options.labels):
        schemas = tuple(read_schema(one.xml) for one in forms.published_versions(session, form.id))
    nodes = merged(schemas) if options.deleted_fields and not draft else schema.nodes
    only = options.chosen or submissions_filter(session, form, options.only, now=now, draft=draft)
    selection = everything(session, form.id, draft=draft, only=only)
    csv = CsvOptions(
        codes_in_use(session, selection, nodes) if options.split_select_multiples else {},
        options.group_paths,
        labels=_labels(schemas, nodes, options) if options.labels else None,
        zone=options.zone,
        bom=options.bom,
        harmless=options.harmless,
    )
    export = Export(form.xml_form_id, selection, nodes, csv, options)
    return replace(export, wide=_wide(session, export)) if options.wide else export


def _labels(schemas: Sequence[Schema], nodes: Sequence[Node], options: ExportOptions) -> Labels:
    """What questions and codes are called, in the words of the latest version that has them."""

    def told(labels: Mapping[str, str], schema: Schema) -> str:
        return " ".join(spoken(labels, schema.languages, options.language).split())

    codes: dict[str, dict[str, str]] = {}
    for schema in schemas:
        for node in schema.questions:
            for choice in schema.choices.get(node.choices, ()):
                label = told(choice.labels, schema)
                codes.setdefault(node.path, {})[choice.name] = label or choice.name
    heads = {node.path: told(node.labels, schemas[-1]) for node in nodes if node.is_question}
    return Labels(heads, codes, both=options.labels == "both")


def _wide(session: Session, export: Export) -> WideFile:
    tables = answer_tables(session, export.selection.form_id, draft=export.selection.draft)
    parents = {path: table.parent or "" for path, table in tables.items()}
    counts = most_rows(session, export.selection)
    return WideFile(export.files(tables), parents, counts, bom=export.options.bom)


def root_csv(export: Export) -> Iterator[bytes]:
    """The root file alone, in pieces; with every repeat beside it in the wide layout."""
    if export.wide is not None:
        yield from _wide_lines(export, export.wide, lambda _done, _all: None)
        return
    for number, [(file, rows)] in enumerate(Pages(export.selection, export.root)):
        if number == 0:
            yield file.head
        yield from file.body(rows)


def archive(
    export: Export, blobs: BlobStore, folder: Path, progress: Progress = lambda _done, _all: None
) -> Iterator[bytes]:
    """The archive, in pieces; `progress(done, all)` counts records.

    The lines of repeats wait in nameless files in `folder` until those of the root are through: root
    and repeats are read together, so that they fit, and an archive takes one file after the other.
    """
    stream = ZipStream()
    with ExitStack() as stack:
        spools = Spools(stack, folder)
        columns = len(export.wide.header) if export.wide else len(export.nodes)
        lines = (
            _wide_lines(export, export.wide, progress)
            if export.wide
            else _root_lines(export, spools, progress)
        )
        guess = export.selection.count * columns * _CELL
        yield from stream.entry(export.root_name, lines, size=guess)
        for name, spool in spools.kept.items():
            yield from stream.entry(name, chunks_of(spool), size=spool.tell())
    if export.options.attachments:
        yield from _media(stream, export, blobs)
        yield from _audits(stream, export, blobs)
    yield stream.end()


def write(pieces: Iterable[bytes], output: Path) -> None:
    """Write an export to a file, which is whole or not there."""
    half = output.with_name(f"{output.name}.part")
    try:
        with half.open("wb") as file:
            file.writelines(pieces)
        half.replace(output)
    finally:
        half.unlink(missing_ok=True)


class Spools:
    """Files without a name, gone when the export ends, however it ends."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self.kept: dict[str, BinaryIO] = {}

    def add(self, file: CsvFile, pieces: Iterable[bytes]) -> None:
        """Append to what is kept for a file; its header comes first."""
        spool = self.kept.get(file.name)
        if spool is None:
            spool = self._stack.enter_context(TemporaryFile(dir=self._folder))  # noqa: SIM115 - the stack is one
            self.kept[file.name] = spool
            spool.write(file.head)
        spool.writelines(pieces)


def _root_lines(export: Export, spools: Spools, progress: Progress) -> Iterator[bytes]:
    done = 0
    for number, [(root, rows), *repeats] in enumerate(Pages(export.selection, export.files)):
        if number == 0:
            yield root.head
        yield from root.body(rows)
        for file, lines in repeats:
            spools.add(file, file.body(lines))
        done += len(rows)
        progress(min(done, export.selection.count), export.selection.count)


def _wide_lines(export: Export, wide: WideFile, progress: Progress) -> Iterator[bytes]:
    yield wide.head
    done = 0
    for page in Pages(export.selection, export.files):
        yield from wide.body(page)
        done += len(page[0][1])
        progress(min(done, export.selection.count), export.selection.count)


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """A file from its beginning, piece by piece."""
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk


def _media(stream: ZipStream, export: Export, blobs: BlobStore) -> Iterator[bytes]:
    for sent in sent_files.media(export.selection):
        name = f"media/{safe_name(sent.name)}"
        with opened(blobs, sent.sha256) as handle:
            packed = name.lower().endswith(PACKED)
            yield from stream.entry(name, chunks_of(handle), size=sent.size, packed=packed)


def _audits(stream: ZipStream, export: Export, blobs: BlobStore) -> Iterator[bytes]:
    def logs() -> Iterator[tuple[str, bytes]]:
        for sent in sent_files.audits(export.selection):
            with opened(blobs, sent.sha256) as handle:
                data = handle.read(_LARGEST_LOG + 1)
            if len(data) <= _LARGEST_LOG:
                yield sent.instance_id, data
            else:
                # One phone must not be able to fill the memory of every export; the file stays readable.
                log.warning("the log of %s is left out of the export: it is too large", sent.instance_id)

    lines = audit_csv(logs())
    first = next(lines, None)
    if first is not None:
        name = safe_name(f"{export.form_id} - audit.csv")
        before = [BOM] if export.options.bom else []
        yield from stream.entry(name, chain(before, [first], lines), size=export.selection.count * _LOG)


def opened(blobs: BlobStore, sha256: str) -> BinaryIO:
    """A stored file; an empty one, and a line in the log, where its bytes are gone."""
    try:
        return blobs.open(sha256)
    except KeyError:
        log.exception("a file of a submission is lost: %s", sha256)
        return BytesIO()
