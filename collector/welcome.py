"""What an operator is told when the server starts, and the address phones are given.

Knows: that a phone cannot reach an address of which only this machine knows what it means.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from collector.actions.demo import Account
from collector.actions.qr import collect_settings, terminal_code
from collector.actions.start import Started
from collector.settings import Settings

FIRST = "first-sign-in.txt"
"""The file in the data folder that holds what a first start tells, where nobody sits at a terminal."""

_PHONE = "ODK Collect, first phone: scan its code, or enter this as the server's URL:"
_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, not listened at
_HERE_ONLY = frozenset({"localhost", "127.0.0.1", "::1"})
_ELSEWHERE = ("192.0.2.1", 9)
"""An address nobody has (RFC 5737): asked for the way there, the machine says which address it would use."""


def public_address(settings: Settings) -> str:
    """Where phones and people reach the server: COLLECTOR_PUBLIC_URL, or what the machine knows of itself."""
    return settings.public_url or f"http://{_host(settings.host)}:{settings.port}"


def _host(host: str) -> str:
    name = _own_address() if host in _EVERYWHERE else host
    return f"[{name}]" if ":" in name else name


def _own_address() -> str:
    try:
        # Connecting a UDP socket sends nothing.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
            way.connect(_ELSEWHERE)
            return str(way.getsockname()[0])
    except OSError:
        return "127.0.0.1"


def collect_url(address: str, project_id: int, token: str) -> str:
    """What ODK Collect is set up with."""
    return f"{address}/v1/key/{token}/projects/{project_id}"


def show_phone(url: str, name: str) -> None:
    """Print a Collect URL on a line of its own, and on a terminal the code to scan."""
    click.echo(url)
    if sys.stdout.isatty():
        click.echo(terminal_code(collect_settings(url, name)))


def welcome(settings: Settings, made: Started, accounts: Sequence[Account] = ()) -> None:
    """Tell where the server is and how to come in; on a first start with password and first phone.

    Passwords and tokens are told at a terminal only. A service's output is kept in a log: there a file in the
    data folder holds them, which the server's own account alone can read.
    """
    address = public_address(settings)
    click.echo(f"Collector serves at {address}")
    if settings.public_url:
        click.echo(f"It listens at {settings.host}, port {settings.port}.")
    passwords = list(_passwords(made, accounts))
    phone = collect_url(address, made.project_id, made.phone_token) if made.phone_token else None
    if not passwords and phone is None:
        click.echo("Sign in as before. A forgotten password: collector user password admin")
    elif sys.stdout.isatty():
        _tell(passwords, phone)
    else:
        kept = _keep(settings.home, [*passwords, *([_PHONE, phone] if phone else [])])
        click.echo(f"How to sign in for the first time: {kept} (read it, then delete it)")
    if settings.host in _HERE_ONLY and settings.public_url is None:
        click.echo("Only this machine reaches it. For phones on the same network: HOST=0.0.0.0 make serve")
    click.echo("Stop it with Ctrl-C.")


def _passwords(made: Started, accounts: Sequence[Account]) -> Iterator[str]:
    if made.admin_password:
        yield f"Sign in as admin with the password {made.admin_password} (shown only now; change it)."
    elif made.phone_token:
        yield "Sign in as admin with the password in COLLECTOR_ADMIN_PASSWORD."
    for one in accounts:
        yield f"Sign in as {one.username} with the password {one.password} ({one.role})."


def _tell(passwords: Sequence[str], phone: str | None) -> None:
    for one in passwords:
        click.echo(one)
    if phone:
        click.echo(_PHONE)
        show_phone(phone, "Collector")


def _keep(home: Path, lines: Sequence[str]) -> Path:
    """A file with these lines for nobody else."""
    path = home / FIRST
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n")
    return path
