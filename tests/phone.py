"""A phone with ODK Collect, as a server meets it: every header, byte and rule that Collect keeps on the wire.

    phone = Phone("http://127.0.0.1:8000/v1/key/TOKEN/projects/1")
    forms = phone.sync()
    phone.send(filled.xml, filled.attachments(), title=forms["f01"].title)

    Phone("http://server/v1/key/TOKEN/projects/1", session=in_process(app))    # the same, without a port

Why: a server is right when the app installed on three thousand phones thinks so; whatever that app would
refuse, crash on or silently spoil raises PhoneComplains here.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_plus, urlsplit

import requests

from tests.phone_documents import (
    FormItem,
    MediaFile,
    PhoneComplains,
    read_form_list,
    read_identity,
    read_manifest,
    read_message,
)
from tests.phone_entities import Entities
from tests.phone_transport import Cache, CollectAuth, as_on_a_phone, in_process
from tests.phone_upload import Payload, Upload, instance_name, uploads

__all__ = [
    "FormItem",
    "Installed",
    "MediaFile",
    "Phone",
    "PhoneComplains",
    "SendFailed",
    "Sent",
    "in_process",
]

USER_AGENT = (
    "org.odk.collect.android/v2026.2.3 Dalvik/2.1.0 (Linux; U; Android 12; SM-A035F Build/SP1A.210812.016)"
)
DEVICE_ID = "collect:kT3vB9xQ2mLw7RzA"
DEFAULT_LIMIT = 10_000_000
TIMEOUTS = (30, 60)
"""Seconds to connect, seconds between two bytes."""
SENT = (201, 202)


class SendFailed(PhoneComplains):
    """A submission stays on the phone as "failed"; the sentence is what the volunteer reads."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A submission acknowledged: the last post's status and message, and how many posts it took."""

    status: int
    message: str
    posts: int


@dataclass(frozen=True, slots=True)
class Installed:
    """A form on the phone: its list entry, its XForm and its media by file name."""

    item: FormItem
    xml: bytes
    media: Mapping[str, bytes] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name shown."""
        return self.item.name


class Phone:
    """A phone set up for one project: `server_url` from its QR, and credentials where it has no token.

    `session` may be one of `in_process(app)`; `device_id` is what the phone calls itself. `forms` is what
    is installed, by form id, as the last `sync()` left it, `entities` what it knows of entity lists.
    """

    def __init__(
        self,
        server_url: str,
        *,
        username: str = "",
        password: str = "",
        session: requests.Session | None = None,
        device_id: str = DEVICE_ID,
    ) -> None:
        self.server_url = server_url
        self.device_id = device_id
        self.forms: dict[str, Installed] = {}
        self.entities = Entities()
        self._host = (urlsplit(server_url).hostname or "").lower()
        self._session = as_on_a_phone(session or requests.Session())
        # Without credentials Collect still answers a challenge, with an empty name and password.
        self._auth = CollectAuth(username, password)
        self._cache = Cache()
        self._submission_url = self._addressed(server_url.removesuffix("/") + "/submission")

    # What is on offer -------------------------------------------------------------------------------

    def form_list(self) -> list[FormItem]:
        """The forms this phone may install. Raises PhoneComplains."""
        return read_form_list(self._document(self.server_url.rstrip("/") + "/formList"))

    def download(self, form: FormItem) -> bytes:
        """The XForm. Raises PhoneComplains, also where it is not what the list says."""
        data = self._get(form.download_url).content
        found = hashlib.md5(data, usedforsecurity=False).hexdigest()
        if found != form.hash:
            raise PhoneComplains(f"{form.form_id}: the list says md5 {form.hash}, the form's is {found}.")
        if read_identity(data) != (form.form_id, form.version):
            raise PhoneComplains(
                f"{form.form_id} {form.version!r}: the form itself says {read_identity(data)}."
            )
        return data

    def manifest(self, form: FormItem) -> list[MediaFile]:
        """The media of a form, none where it has no manifest. Raises PhoneComplains."""
        return read_manifest(self._document(form.manifest_url)) if form.manifest_url else []

    def media(self, file: MediaFile) -> bytes:
        """A media file. Raises PhoneComplains; the hash of an entity list names a state, not these bytes."""
        data = self._get(file.download_url).content
        found = hashlib.md5(data, usedforsecurity=False).hexdigest()
        if not file.type and found != file.hash:
            raise PhoneComplains(
                f"{file.filename}: the manifest says md5 {file.hash}, the file's is {found}."
            )
        return data

    def sync(self) -> dict[str, Installed]:
        """Match exactly: install what is new or changed, drop what is gone.

        Raises PhoneComplains and changes nothing: trouble must never empty a phone.
        """
        self.forms = {item.form_id: self._installed(item) for item in self.form_list()}
        return self.forms

    def _installed(self, item: FormItem) -> Installed:
        known = self.forms.get(item.form_id)
        files = self.manifest(item)
        # Collect keeps no entity list on disk, so such a form always looks changed and is fetched anew.
        lists = any(file.type for file in files)
        kept = known is not None and known.item.hash == item.hash and not lists
        xml = known.xml if known is not None and kept else self.download(item)
        media = {file.filename: self._media(file, known) for file in files}
        return Installed(item=item, xml=xml, media=media, hashes={f.filename: f.hash for f in files})

    def _media(self, file: MediaFile, known: Installed | None) -> bytes:
        name = file.filename.removesuffix(".csv")
        # The file of an entity list is taken in and thrown away; one list serves all forms of the project.
        before = (
            self.entities.hashes.get(name)
            if file.type
            else (known.hashes if known else {}).get(file.filename)
        )
        data = b"" if before == file.hash else self.media(file)
        if file.type:
            if before != file.hash:
                self.entities.take(name, data, file.hash)
            self._clean_up(name, file)
        elif before == file.hash and known is not None:
            data = known.media[file.filename]
        return data

    def _clean_up(self, name: str, file: MediaFile) -> None:
        offline = self.entities.offline(name)
        if file.integrity_url and offline:
            asked = quote(",".join(offline), safe="")
            self.entities.drop(name, self._document(f"{file.integrity_url}?id={asked}"))

    # Sending ----------------------------------------------------------------------------------------

    def head_submission(self) -> int:
        """Bytes the server takes in one post. Raises SendFailed for every answer that stops Collect."""
        response = self._request("HEAD", self._submission_url)
        if response.status_code == requests.codes.unauthorized:
            raise SendFailed("Invalid username or password for server", status=401)
        if response.status_code != requests.codes.no_content:
            if requests.codes.ok <= response.status_code < requests.codes.multiple_choices:
                sentence = f"Is this an OpenRosa submission endpoint? HEAD answered {response.status_code}"
                raise SendFailed(sentence, status=response.status_code)
            return DEFAULT_LIMIT
        self._follow(response.headers.get("Location"))
        limit = response.headers.get("X-OpenRosa-Accept-Content-Length", "")
        return int(limit) if re.fullmatch(r"[+-]?\d+", limit) else DEFAULT_LIMIT

    def _follow(self, location: str | None) -> None:
        if location is None:
            return
        moved = urlsplit(unquote_plus(location))
        if (moved.hostname or "").lower() != (urlsplit(self._submission_url).hostname or "").lower():
            raise SendFailed(f"Unexpected redirection attempt to a different host: {location}", status=204)
        query = moved.query or urlsplit(self._submission_url).query
        self._submission_url = moved._replace(query=query).geturl()

    def send(
        self,
        xml: bytes,
        files: Mapping[str, Payload] | None = None,
        *,
        title: str = "form",
        limit: int | None = None,
    ) -> Sent:
        """HEAD, then post after post until all files are there. Raises SendFailed at the first refusal.

        `files` are bytes or paths, by name, in the order they are sent; `limit` overrides what HEAD answers.
        """
        offered = self.head_submission()
        name = instance_name(title, time.localtime())
        posts = uploads(xml, files or {}, xml_name=name, limit=offered if limit is None else limit)
        for _, upload in posts[:-1]:
            self.post(upload)
        status, message = self.post(posts[-1][1])
        return Sent(status=status, message=message, posts=len(posts))

    def post(self, upload: Upload) -> tuple[int, str]:
        """One post: (status, message). Raises SendFailed for what Collect does not take as success."""
        headers = {"Content-Type": upload.content_type}
        response = self._request("POST", self._submission_url, headers=headers, data=upload)
        message = read_message(response.content)
        if response.status_code in SENT:
            if message is None:
                raise SendFailed("Taken, but the answer is no OpenRosaResponse", status=response.status_code)
            return response.status_code, message
        raise SendFailed(_shown(response, message), status=response.status_code)

    # The wire ---------------------------------------------------------------------------------------

    def _document(self, url: str) -> bytes:
        response = self._get(url)
        kind = response.headers.get("Content-Type")
        if kind is not None and "text/xml" not in kind.lower():
            raise PhoneComplains(f"ContentType: {kind} returned from {url} is not text/xml.", status=200)
        if "X-OpenRosa-Version" not in response.headers:
            raise PhoneComplains(f"{url} has no X-OpenRosa-Version: not an OpenRosa server.", status=200)
        return response.content

    def _get(self, url: str) -> requests.Response:
        addressed = self._addressed(url)
        kept = self._cache.fresh(addressed)
        if kept is not None:
            return kept
        asked = self._request("GET", addressed, headers=self._cache.questions(addressed))
        response = self._cache.settled(addressed, asked)
        if response.status_code != requests.codes.ok:
            raise PhoneComplains(f"{response.status_code} at {url}", status=response.status_code)
        return response

    def _addressed(self, url: str) -> str:
        # java.net.URI takes letters of any script, but none of these, and wants % followed by hex.
        if re.search(r'[\s<>"{}|\\^`\[\]\x00-\x1f]|%(?![0-9A-Fa-f]{2})', url) or not urlsplit(url).hostname:
            raise PhoneComplains(f"{url} is not a URL Java can read.")
        return f"{url}{'&' if '?' in url else '?'}deviceID={quote(self.device_id, safe='')}"

    def _request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, data: Upload | None = None
    ) -> requests.Response:
        own = (urlsplit(url).hostname or "").lower() == self._host
        return self._session.request(
            method,
            url,
            data=data,
            headers={
                "X-OpenRosa-Version": "1.0",
                "User-Agent": USER_AGENT,
                # Collect writes a 12-hour clock without am or pm: wrong every afternoon.
                "Date": time.strftime("%a, %d %b %Y %I:%M:%S GMT", time.gmtime()),
                **(headers or {}),
            },
            auth=self._auth if own else _anonymous,
            allow_redirects=True,
            timeout=TIMEOUTS,
        )


def _anonymous(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _shown(response: requests.Response, message: str | None) -> str:
    if response.status_code == requests.codes.ok:
        return "Error: Network login failure? Again?"
    if response.status_code == requests.codes.unauthorized:
        return f"Error: Unauthorized (401) at {response.url}"
    if message is not None:
        return f"Error: {message}"
    if response.status_code == requests.codes.bad_request:
        return "Failed to upload. Please make sure the form is configured to accept submissions on the server"
    return f"Error: {response.reason or ''} ({response.status_code}) at {response.url}"
