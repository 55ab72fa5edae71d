"""A server behind a proxy that has another name, scheme and prefix: OR-36."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from collector.app import create_app
from collector.settings import Settings
from storage.database import release_connections
from tests.collector.openrosa.sheets import answer, with_files
from tests.office import Office
from tests.phone import Phone, in_process

OPENROSA = {"X-OpenRosa-Version": "1.0"}


@contextmanager
def behind(office: Office, proxies: int) -> Iterator[Flask]:
    """The same server, told how many proxies it stands behind."""
    settings = Settings.from_environment({
        **office.environment,
        "COLLECTOR_PROXY_COUNT": str(proxies),
    })
    app = create_app(settings)
    yield app
    with app.app_context():
        release_connections()


FORWARDED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "khaosat.example.vn",
    "X-Forwarded-Prefix": "/odk",
}


def urls(*responses: TestResponse) -> list[str]:
    """Every address these documents name."""
    return [url for response in responses for url in re.findall(r"<\w+Url>(.*?)</\w+Url>", response.text)]


def test_or_36_every_address_has_the_host_scheme_and_prefix_the_phone_uses(office: Office) -> None:
    office.publish(with_files("f01", "xa.csv"), filename="f01.xml", media={"xa.csv": b"name\n"})
    given = office.phone()
    with behind(office, 1) as app:
        client = app.test_client()
        listed = client.get(f"{given.path}/formList", headers=FORWARDED)
        manifest = client.get(f"{given.path}/forms/f01/manifest", headers=FORWARDED)
    at = f"https://khaosat.example.vn/odk{given.path}/forms/f01"
    assert urls(listed, manifest) == [f"{at}.xml", f"{at}/manifest", f"{at}/attachments/xa.csv"]


def test_or_36_the_root_and_the_session_door_stand_behind_the_proxy_too(office: Office) -> None:
    office.publish(with_files("f01", "xa.csv"), filename="f01.xml", media={"xa.csv": b"name\n"})
    token = office.session_token()
    with behind(office, 1) as app:
        headers = FORWARDED | OPENROSA | {"Authorization": f"Bearer {token}"}
        listed = app.test_client().get("/v1/projects/1/formList", headers=headers)
        at = "https://khaosat.example.vn/odk/v1/projects/1/forms/f01"
        assert urls(listed) == [f"{at}.xml", f"{at}/manifest"]
        # The phone signs the address with its prefix, which the proxy takes off.
        front = Prefixed(app)
        phone = Phone(
            "http://khaosat.example.vn/odk",
            username="admin",
            password=office.collect_password(),
            session=in_process(front),
        )
        assert phone.sync()["f01"].media == {"xa.csv": b"name\n"}
        assert phone.send(answer()).status == 201


class Prefixed:
    """A reverse proxy that serves the application under /odk."""

    def __init__(self, app: Flask) -> None:
        self._application = app.wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Take the prefix off and say so."""
        for name in ("PATH_INFO", "RAW_URI", "REQUEST_URI"):
            assert environ[name].startswith("/odk")
            environ[name] = environ[name].removeprefix("/odk")
        environ |= {
            "HTTP_X_FORWARDED_PREFIX": "/odk",
            "HTTP_X_FORWARDED_PROTO": "http",
            "HTTP_X_FORWARDED_HOST": environ["HTTP_HOST"],
            "HTTP_X_FORWARDED_FOR": "203.0.113.7",
        }
        return self._application(environ, start_response)


def test_or_36_without_a_proxy_nobody_may_pretend_one(office: Office) -> None:
    office.publish(with_files("f01", "xa.csv"), filename="f01.xml", media={"xa.csv": b"name\n"})
    given = office.phone()
    listed = office.client().get(f"{given.path}/formList", headers=FORWARDED)
    assert urls(listed)[0] == f"http://localhost{given.path}/forms/f01.xml"
    assert office.client().get("/formList", headers=FORWARDED).headers.getlist("WWW-Authenticate")[1:] == []


@pytest.mark.parametrize("host", ["192.168.1.20:8200", "survey.example", "[2001:db8::1]:8200", 'evil"<>'])
def test_or_36_the_list_holds_whatever_host_it_was_asked_at(office: Office, host: str) -> None:
    office.publish(with_files("f01", "xa.csv"), filename="f01.xml", media={"xa.csv": b"name\n"})
    response = office.client().get(f"{office.phone().path}/formList", headers={"Host": host})
    assert response.status_code == 200
    assert urls(response)
    assert all('"' not in url and "<" not in url for url in urls(response))
