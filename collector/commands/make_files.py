"""`collector make-files`: what the worker starts when somebody asked for files."""

from __future__ import annotations

import signal
import sys

import click

from collector.clock import moment


@click.command("make-files", hidden=True)
def make_files() -> None:
    """Make the files that wait, and end when no more come."""
    from collector.actions.apart import make_waiting
    from collector.actions.extracts import Making, Means
    from collector.cli import running, served_at
    from forms.datasets.spool import hold_little

    # What is being made is put back before it ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    hold_little()
    with running() as parts:
        means = Means(parts.blobs, parts.shelf, parts.vault)
        address = served_at(parts.settings).rstrip("/")
        making = Making(means, parts.settings.home, moment, parts.settings.pilot_province, address)
        made = make_waiting(making, moment)
        if made:
            parts.meters.count("collector_made_files", amount=made)
