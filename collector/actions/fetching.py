"""All records of a form at another server that speaks ODK Central's wire, into an archive of filled forms.

Every version of a record is fetched, the first one first, so that corrections follow what they correct.
Source of the addresses: https://docs.getodk.org/central-api-submission-management/
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException
from itertools import count
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

import orjson

from collector.actions.instances import RECEIVED
from collector.problems import ServerRefuses, ServerSilent
from forms.values import is_file_name

_PAGE = 250
_PATIENCE = 60
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Source:
    """A form at another server, and the account that may read it."""

    address: str
    email: str
    password: str
    project_id: int
    form_id: str

    @property
    def form(self) -> str:
        """The address of the form."""
        return f"{self.address}/v1/projects/{self.project_id}/forms/{quote(self.form_id, safe='')}"


def fetch_instances(source: Source, output: Path, progress: Callable[[int, int], None]) -> int:
    """Write the archive; returns how many records it holds. Raises ServerSilent, ServerRefuses.

    An interrupted fetch leaves no archive behind.
    """
    token = _token(source)
    part = output.with_name(f"{output.name}.part")
    number = 0
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, (one, total) in enumerate(_records(source, token), start=1):
                _write(archive, source, token, one["instanceId"])
                progress(number, total)
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
    return number


def _token(source: Source) -> str:
    if urlsplit(source.address).scheme not in {"http", "https"}:
        raise ServerSilent(address=source.address)
    body = orjson.dumps({"email": source.email, "password": source.password})
    headers = {"Content-Type": "application/json"}
    answer = _json(Request(f"{source.address}/v1/sessions", data=body, headers=headers))  # noqa: S310 - http(s), above
    return str(answer["token"])


def _records(source: Source, token: str) -> Iterator[tuple[Mapping[str, Any], int]]:
    for offset in count(0, _PAGE):
        page = _ask(f"{source.form}/submissions?limit={_PAGE}&offset={offset}", token)
        for one in page:
            yield one, offset + len(page)
        if len(page) < _PAGE:
            return


def _write(archive: zipfile.ZipFile, source: Source, token: str, instance_id: str) -> None:
    record = f"{source.form}/submissions/{quote(instance_id, safe='')}"
    versions = sorted(_ask(f"{record}/versions", token), key=lambda one: str(one["createdAt"]))
    for number, version in enumerate(versions):
        folder = f"instances/{quote(instance_id, safe='')}/{number}"
        at = f"{record}/versions/{quote(version['instanceId'], safe='')}"
        with closing(_open(Request(f"{at}.xml", headers=_bearer(token)))) as answer:  # noqa: S310
            archive.writestr(f"{folder}/submission.xml", answer.read())
        archive.writestr(f"{folder}/{RECEIVED}", str(version["createdAt"]))
        for file in _ask(f"{at}/attachments", token):
            if file.get("exists", True) and is_file_name(file["name"]):
                _copy(archive, f"{folder}/{file['name']}", f"{at}/attachments/{quote(file['name'])}", token)


def _copy(archive: zipfile.ZipFile, name: str, address: str, token: str) -> None:
    with (
        closing(_open(Request(address, headers=_bearer(token)))) as answer,  # noqa: S310
        archive.open(name, "w", force_zip64=True) as handle,
    ):
        while piece := answer.read(_PIECE):
            handle.write(piece)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _ask(address: str, token: str) -> Any:
    return _json(Request(address, headers=_bearer(token)))  # noqa: S310


def _json(request: Request) -> Any:
    with closing(_open(request)) as answer:
        try:
            return orjson.loads(answer.read())
        except orjson.JSONDecodeError as error:
            raise ServerSilent(address=request.full_url) from error


def _open(request: Request) -> Any:
    try:
        return urlopen(request, timeout=_PATIENCE)  # noqa: S310 - http(s) only, see _token
    except HTTPError as error:
        error.close()
        raise ServerRefuses(address=request.full_url, status=error.code) from error
    except (URLError, HTTPException, OSError) as error:
        raise ServerSilent(address=request.full_url) from error
