"""`collector serve`: the parent at a port, and the web processes it starts by the same command."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from collector.clock import moment
from collector.settings import Settings

if TYPE_CHECKING:
    from flask import Flask

    from collector.actions.demo import Account
    from collector.actions.start import Started
    from collector.parts import Parts

Result = TypeVar("Result")


@click.command()
@click.option("--demo", is_flag=True, help="Fill an empty server with a made-up survey.")
@click.option("--no-worker", is_flag=True, help="Only web processes; `collector worker` runs elsewhere.")
@click.option(
    "--listener", type=int, hidden=True, help="The socket of the parent: these are its web processes."
)
@click.option("--line", type=int, default=-1, hidden=True, help="Where the parent hears of them.")
@click.option("--again", is_flag=True, hidden=True, help="Others serve already.")
def serve(*, demo: bool, no_worker: bool, listener: int | None, line: int, again: bool) -> None:
    """Set up what is missing, then serve until stopped. SIGHUP changes to a new version meanwhile."""
    if listener is not None:
        _serve_shift((listener, line), demo=demo and not again, again=again)
        return
    from collector.parent import Orders, Parent, own_command, reserve
    from collector.settings import tell_manager

    settings = Settings.from_environment()
    reserved = reserve(settings)
    shift = own_command("serve", *(["--demo"] if demo else []))
    beside = None if no_worker else own_command("worker", "--with-parent")
    sys.exit(Parent(reserved, Orders(shift, beside, settings.workers, tell_manager())).run())


def _serve_shift(files: tuple[int, int], *, demo: bool, again: bool) -> None:
    """The web processes of one version, started by a parent that holds the port."""
    from collector.actions import start
    from collector.app import create_app
    from collector.parts import KEY
    from collector.serving import Server
    from collector.welcome import welcome
    from storage.relocating.resting import at_work

    settings = Settings.from_environment()
    start.prepare_home(settings)
    with at_work(settings.home, settings.database_url, settings.blobs_url):
        app = create_app(settings)
        made, accounts = _apart(lambda: _begun(app, settings, demo=demo))
        if not again:
            app.extensions[KEY].meters.begin()
        greet = (lambda: None) if again else (lambda: welcome(settings, made, accounts))
        Server(app, settings, files, greet).run()


def _begun(app: Flask, settings: Settings, *, demo: bool) -> tuple[Started, Sequence[Account]]:
    """Set up what is missing: what was made, and the accounts of the demo."""
    from collector.actions import start
    from collector.parts import parts
    from collector.welcome import public_address
    from storage.audits import acting

    with app.app_context(), acting(None, moment()):
        made = start.start(settings, parts().vault, parts().blobs, now=moment())
        (settings.home / "address").write_text(public_address(settings))
        return made, _fill(parts()) if demo else ()


def _apart(work: Callable[[], Result]) -> Result:
    """What some work comes to, done in a process of its own.

    What it loads and leaves in memory, half of what a server holds, is given back when it ends. Whatever it
    fails by it says itself.
    """
    said, says = os.pipe()
    child = os.fork()
    if not child:
        os.close(said)
        made = work()
        with os.fdopen(says, "wb") as out:
            pickle.dump(made, out)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
    os.close(says)
    with os.fdopen(said, "rb") as heard:
        told = heard.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status or not told:
        sys.exit(status if status > 0 else 1)
    result: Result = pickle.loads(told)  # noqa: S301 - our own child
    return result


def _fill(parts: Parts) -> Sequence[Account]:
    from collector.actions.demo import fill
    from collector.cli import progress

    return fill(parts, now=moment(), progress=progress("Demo"))
