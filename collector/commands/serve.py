"""`collector serve`: the parent at a port, and the web processes it starts by the same command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from collector.clock import moment
from collector.settings import Settings

if TYPE_CHECKING:
    from collector.actions.demo import Account
    from collector.parts import Parts


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
    from collector.parts import parts
    from collector.serving import Server
    from collector.welcome import public_address, welcome
    from storage.audits import acting

    settings = Settings.from_environment()
    start.prepare_home(settings)
    app = create_app(settings)
    with app.app_context(), acting(None, moment()):
        made = start.start(settings, parts().vault, parts().blobs, now=moment())
        (settings.home / "address").write_text(public_address(settings))
        accounts = _fill(parts()) if demo else ()
        if not again:
            parts().meters.begin()
    greet = (lambda: None) if again else (lambda: welcome(settings, made, accounts))
    Server(app, settings, files, greet).run()


def _fill(parts: Parts) -> Sequence[Account]:
    from collector.actions.demo import fill
    from collector.cli import progress

    return fill(parts, now=moment(), progress=progress("Demo"))
