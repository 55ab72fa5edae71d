"""Texts as pages and programs send them, made fit for databases: NUL, which PostgreSQL refuses, is no letter.

Addresses are mended in `collector.paths`; what phones send is read by its own door.
"""

from __future__ import annotations

from typing import IO, Any

from flask import Request, abort
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

_NOT_A_LETTER = "\N{REPLACEMENT CHARACTER}"
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), _NOT_A_LETTER)
_NO_LETTERS = {0: _NOT_A_LETTER, **_SURROGATES}


class _Fields(FormDataParser):
    """Reads the fields and files of a page."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Fields and files, with every text whole."""
        rest, fields, files = super().parse(stream, mimetype, content_length, options)
        for sent in files.values():
            sent.filename = _whole(sent.filename)
        several = [(_whole(name), _whole(text)) for name, text in fields.items(multi=True)]
        return rest, self.cls(several), files


class WholeTexts(Request):
    """A request whose fields, and whose JSON, hold only what a database takes."""

    form_data_parser_class = _Fields

    def get_json(self, *how: Any, **more: Any) -> Any:
        """The JSON of the body, with every text whole. Ends the request with 400 where it is too deep."""
        try:
            return _whole(super().get_json(*how, **more))
        except RecursionError:
            abort(400)


def _whole(said: Any) -> Any:
    if isinstance(said, str):
        return said.translate(_NO_LETTERS) if not said.isprintable() else said
    if isinstance(said, list):
        return [_whole(one) for one in said]
    if isinstance(said, dict):
        return {_whole(name): _whole(one) for name, one in said.items()}
    return said
