"""The parts of a running server that are made once, and where a request finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

if TYPE_CHECKING:
    from collector.accounts.authentication import Authentication
    from collector.accounts.devices import Devices
    from collector.accounts.provider import Provider
    from collector.accounts.secrets import Vault
    from collector.actions.delivery import Deliveries
    from collector.actions.receive import Intake
    from collector.actions.second_step import Gate
    from collector.metering.meters import Meters
    from collector.openrosa.digest import Digest
    from collector.openrosa.rendered import FormLists
    from collector.settings import Settings
    from collector.turns import Turns
    from collector.visits import Visit
    from storage.blobs import BlobStore
    from storage.projection.shelf import Shelf
    from storage.pulse import Kept, Pulse

KEY = "collector"


@dataclass(frozen=True)
class Parts:
    """What `make_core` put together."""

    settings: Settings
    blobs: BlobStore
    shelf: Shelf
    vault: Vault
    authentication: Authentication
    gate: Gate
    devices: Devices
    provider: Provider | None
    digest: Digest
    form_lists: FormLists
    deliveries: Deliveries
    intake: Intake
    pulse: Pulse
    phones: Kept[Visit]
    long_lists: Kept[int]
    meters: Meters
    turns: Turns


def parts() -> Parts:
    """The parts of the application that answers now."""
    return parts_of(current_app)


def parts_of(app: Flask) -> Parts:
    """The parts of this application."""
    return cast("Parts", app.extensions[KEY])
