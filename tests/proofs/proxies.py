"""A real Caddy and a real nginx in front of the server, with the files of `deploy/`.

`python -m tests.proofs.proxies`; the programs are those of PATH, or named by WITH_CADDY=… and WITH_NGINX=….
What is looked at: a form of 99 MB, its file back whole and in part, an export, whose address the server sees,
what of a caller's own headers it believes, https of cookies and HSTS, /metrics, a server under a path, and
that Caddy lets a request wait while the server is away. Of the files of `deploy/` only names, ports and
folders change.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

import requests
import urllib3

from tests import live
from tests.asked import answered
from tests.office import ADMIN, ADMIN_PASSWORD, Office

DEPLOY = Path(__file__).parents[2] / "deploy"
FORM = """
| survey |
| | type | name | label |
| | file | film | Film |
| settings |
| | form_id | version |
| | films | 1 |
"""
LARGE = 99_000_000
_PATIENCE = 60.0
LIES = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Host": "elsewhere.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Prefix": "/elsewhere",
    "X-Forwarded-Port": "1",
    "Forwarded": "for=203.0.113.9;host=elsewhere.example",
}


class Proxy:
    """One of them, in front of a server at `behind`; https at `address`, under `path`."""

    def __init__(self, folder: Path, name: str, behind: int, path: str = "") -> None:
        self.name, self._folder, self._behind, self._path = name, folder, behind, path
        self.port, self._plain = live_port(), live_port()
        self.address = f"https://localhost:{self.port}{path}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Until the block ends."""
        command, environment = self._caddy() if self.name == "caddy" else self._nginx()
        with (self._folder / f"{self.name}.log").open("wb") as log:
            process = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
        try:
            self._wait(process)
            yield
        finally:
            process.terminate()
            process.wait(_PATIENCE)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + _PATIENCE
        while process.poll() is None and time.monotonic() < until:
            try:
                requests.get(f"{self.address}/healthz", timeout=(5, 1), verify=False)  # noqa: S501 - its own authority
            except requests.ConnectionError:
                time.sleep(0.1)
            except requests.ReadTimeout:
                # It is there, and waits for the server behind it.
                return
            else:
                return
        raise RuntimeError((self._folder / f"{self.name}.log").read_text()[-2000:])

    def _caddy(self) -> tuple[list[str], dict[str, str]]:
        text = (DEPLOY / "Caddyfile").read_text()
        own = f"{{\n\tadmin off\n\tskip_install_trust\n\thttp_port {self._plain}\n\thttps_port {self.port}\n"
        text = text.replace("{\n\temail", own + "\temail", 1)
        if self._path:
            begins = "\t# Figures of the machine"
            text = text.replace(begins, f"\thandle_path {self._path}/* {{\n{begins}", 1)
            text = text.replace("header_up -X-Forwarded-Prefix", f"header_up X-Forwarded-Prefix {self._path}")
            text = f"{text.rstrip()[:-1]}\t}}\n}}\n"
        file = self._folder / "Caddyfile"
        file.write_text(text)
        settings = {
            "COLLECTOR_SITE": f"localhost:{self.port}",
            "COLLECTOR_PORT": str(self._behind),
            "XDG_DATA_HOME": str(self._folder / "caddy"),
            "XDG_CONFIG_HOME": str(self._folder / "caddy"),
        }
        return [program("caddy"), "run", "--config", str(file), "--adapter", "caddyfile"], settings

    def _nginx(self) -> tuple[list[str], dict[str, str]]:
        text = (DEPLOY / "nginx.conf").read_text()
        for old, new in (
            (r"127\.0\.0\.1:8000", f"127.0.0.1:{self._behind}"),
            (r"listen \[::\].*", ""),
            (r"listen 80;", f"listen {self._plain};"),
            (r"listen 443 ", f"listen {self.port} "),
            (r"khaosat\.example\.vn", "localhost"),
            (r"\$host;", "$http_host;"),
            (r"/etc/ssl/collector|/var/log/nginx", str(self._folder)),
        ):
            text, found = re.subn(old, new, text)
            assert found, old
        if self._path:
            text = text.replace("location / {", f"location {self._path}/ {{")
            text = text.replace("proxy_pass http://collector;", "proxy_pass http://collector/;")
            text = text.replace("location /metrics", f"location {self._path}/metrics")
            text = text.replace('X-Forwarded-Prefix ""', f"X-Forwarded-Prefix {self._path}")
        certificate(self._folder)
        folders = "".join(
            f"{one}_temp_path {self._folder}/{one};"
            for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        file = self._folder / "nginx-whole.conf"
        file.write_text(
            f"pid {self._folder}/pid;daemon off;events {{}}http {{access_log off;{folders}\n{text}\n}}"
        )
        return [program("nginx"), "-p", str(self._folder), "-c", str(file), "-e", "stderr"], {}


def program(name: str) -> str:
    """Where one of them is. Raises SystemExit with what to do."""
    found = (
        os.environ.get(f"WITH_{name.upper()}") or shutil.which(name) or shutil.which(name, path="/usr/sbin")
    )
    if found is None:
        sys.exit(f"{name} is missing: sudo apt-get install -y {name}, or WITH_{name.upper()}=… names it")
    return found


def certificate(folder: Path) -> None:
    """A certificate of nobody's, as nginx wants one."""
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run([*made, *files], check=True, capture_output=True)


def live_port() -> int:
    """A port nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Visitor:
    """Whoever comes by the proxy, with headers that lie."""

    def __init__(self, proxy: Proxy, phone: str) -> None:
        self.proxy = proxy
        self.faults: list[str] = []
        self._base = proxy.address
        self._key = f"{proxy.address}{phone}"
        self._session = requests.Session()
        # Else what the machine trusts goes before it.
        self._session.trust_env = False
        self._session.verify = False
        self._session.headers.update(LIES)

    def look(self) -> None:
        """All there is to look at."""
        for one in (self.addresses, self.secrets, self.large, self.parts, self.export, self.callers):
            begun = time.monotonic()
            one()
            print(f"  {self.proxy.name}: {one.__name__} {time.monotonic() - begun:.1f} s", flush=True)

    def _expect(self, what: str, *, holds: bool) -> None:
        if not holds:
            self.faults.append(f"{self.proxy.name} {self.proxy.address}: {what}")
            print(f"  FAULT {self.faults[-1]}", flush=True)

    def addresses(self) -> None:
        """What phones are told to fetch lies where they came by."""
        listed = self._session.get(f"{self._key}/formList", headers={"X-OpenRosa-Version": "1.0"}).text
        found = re.findall(r"<(?:downloadUrl|manifestUrl)>([^<]+)<", listed)
        self._expect(f"no form in {listed[:300]}", holds=bool(found))
        for one in found:
            self._expect(f"a phone is sent to {one}", holds=one.startswith(f"{self._key}/"))
            got = self._session.get(one, headers={"X-OpenRosa-Version": "1.0"}).status_code
            self._expect(f"{one} answers {got}", holds=got == 200)

    def secrets(self) -> None:
        """Cookies for https alone, browsers told to stay there, figures of the machine for nobody."""
        page = self._session.get(f"{self._base}/signin")
        cookies = page.headers.get("Set-Cookie", "")
        self._expect(f"cookies {cookies!r}", holds="Secure" in cookies and "HttpOnly" in cookies)
        self._expect("no HSTS", holds="max-age" in page.headers.get("Strict-Transport-Security", ""))
        for path in ("/metrics", "/metrics/"):
            got = self._session.get(f"{self._base}{path}").status_code
            self._expect(f"{path} answers {got}", holds=got == 404)

    def large(self) -> None:
        """A form with a film of 99 MB."""
        film = os.urandom(1_000_000) * (LARGE // 1_000_000)
        self._film = film
        self._id = f"uuid:{self.proxy.name}{self.proxy.port}"
        xml = answered("films", "1", "<film>film.mp4</film>", instance_id=self._id)
        files = {
            "xml_submission_file": ("s.xml", xml, "text/xml"),
            "film.mp4": ("film.mp4", film, "video/mp4"),
        }
        got = self._session.post(f"{self._key}/submission", files=files, timeout=300)
        self._expect(
            f"a large form is answered {got.status_code}: {got.text[:200]}", holds=got.status_code == 201
        )

    def parts(self) -> None:
        """The film back, whole and in part."""
        signed = self._session.post(
            f"{self._base}/v1/sessions", json={"email": ADMIN, "password": ADMIN_PASSWORD}
        )
        self._bearer = {"Authorization": f"Bearer {signed.json()['token']}"}
        where = f"{self._base}/v1/projects/1/forms/films/submissions/{self._id}/attachments/film.mp4"
        whole = self._session.get(where, headers=self._bearer, timeout=300)
        same = hashlib.sha256(whole.content).digest() == hashlib.sha256(self._film).digest()
        self._expect(f"the film comes back otherwise ({whole.status_code})", holds=same)
        part = self._session.get(where, headers={**self._bearer, "Range": "bytes=1000-2999"})
        exact = (part.status_code, part.content) == (206, self._film[1000:3000])
        self._expect(f"a part is answered {part.status_code}, {len(part.content)} bytes", holds=exact)

    def export(self) -> None:
        """An archive that is made while it is sent."""
        where = f"{self._base}/v1/projects/1/forms/films/submissions.csv.zip"
        with self._session.get(where, headers=self._bearer, stream=True, timeout=300) as got:
            size = sum(len(piece) for piece in got.iter_content(1 << 16))
        self._expect(f"the export is answered {got.status_code}, {size} bytes", holds=size > LARGE // 2)

    def callers(self) -> None:
        """Whoever tries passwords cannot say that he is somebody else each time."""
        answers = []
        for number in range(12):
            lie = {"X-Forwarded-For": f"198.51.100.{number}"}
            said = {"email": f"nobody-{self.proxy.port}", "password": "wrong password"}
            answers.append(
                self._session.post(f"{self._base}/v1/sessions", json=said, headers=lie).status_code
            )
        self._expect(
            f"wrong passwords are answered {answers}", holds=answers[0] == 401 and answers[-1] == 429
        )


def waits(proxy: Proxy, office: Office, port: int) -> list[str]:
    """What goes wrong for who comes while the server behind a Caddy is away."""
    answers: list[int | str] = []

    def ask() -> None:
        try:
            # Caddy 2.6 asks again only where there is no body to send again.
            got = requests.get(f"{proxy.address}/signin", timeout=60, verify=False)  # noqa: S501 - the same
            answers.append(got.status_code)
        except requests.RequestException as error:
            answers.append(repr(error))

    asking = Thread(target=ask)
    asking.start()
    time.sleep(1)
    with live.serving(office, proxies=1, port=port):
        asking.join()
    return [] if answers == [200] else [f"who came while the server was away was answered {answers}"]


def main() -> None:
    """Look, and exit with 1 when anything is not as it should be."""
    urllib3.disable_warnings()
    for name in ("caddy", "nginx"):
        program(name)
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        folder = Path(place)
        office = Office(folder / "home", f"sqlite:///{folder / 'home' / 'collector.db'}")
        stack.callback(office.close)
        office.publish(FORM)
        phone, port = office.phone().path, live_port()
        caddy = Proxy(folder, "caddy", port)
        with live.serving(office, proxies=1, port=port):
            for path in ("", "/khaosat"):
                for name in ("caddy", "nginx"):
                    proxy = caddy if (name, path) == ("caddy", "") else Proxy(folder, name, port, path)
                    with proxy.running():
                        visitor = Visitor(proxy, phone)
                        visitor.look()
                        faults += visitor.faults
        with caddy.running():
            late = waits(caddy, office, port)
            print(f"  caddy: who came while the server was away: {late or 'answered'}", flush=True)
            faults += late
    print(f"caddy and nginx, at the root and under a path: {len(faults)} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
