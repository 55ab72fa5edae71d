"""What an installation is made of says what the server wants: containers, services, proxies.

No container engine and no service manager runs here; the proxies run in `make proxy-proof`.
"""

from __future__ import annotations

import configparser
import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml  # type: ignore[import-untyped]
from jsonschema import Draft202012Validator

from collector import parcels
from collector.cli import main
from collector.parent import STOPS_WITHIN

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("collector", "web", "worker")
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
SETTINGS = set(re.findall(r'"(COLLECTOR_[A-Z0-9_]+)"', (ROOT / "collector/settings.py").read_text()))
OF_DEPLOYMENT = {"COLLECTOR_SITE", "COLLECTOR_MAIL", "COLLECTOR_AT", "COLLECTOR_PORT", "COLLECTOR_IMAGE"}
"""Names the proxy and compose.yaml know, not the server."""
OF_DEPLOYMENT |= {"COLLECTOR_BUCKET"}
BELIEVED = ("For", "Proto", "Host", "Prefix")
"""What the server takes from X-Forwarded-… once it knows of a proxy (`collector.app`)."""


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_compose_keeps_to_the_specification() -> None:
    schema = json.loads(read("tests/contracts/compose/compose-spec.json"))
    wrong = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(COMPOSE)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_only_what_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert name == "bucket-folder" or service["deploy"]["resources"]["limits"]["memory"]
    assert name in {"caddy", "bucket-folder"} or int(service["user"].partition(":")[0]) > 0
    assert name in {"worker", "bucket-folder", *OURS} or service["healthcheck"]["test"]
    assert name == "caddy" or "ports" not in service
    assert set(service["profiles"]) <= {"small", "large", "bucket"}
    for volume in service.get("volumes", ()):
        named = volume.partition(":")[0]
        assert named in COMPOSE["volumes"] or (ROOT / named).is_file(), volume


def test_no_secret_stands_in_a_file() -> None:
    secret = re.compile(r"(PASSWORD|SECRET|KEY)[A-Z_]*$")
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            assert not secret.search(key) or re.match(r"\$\{[A-Z_]+:-\w*\}$", value), (name, key)
    for line in read(".env.example").splitlines():
        name, _, value = line.partition("=")
        assert name.startswith("#") or not secret.search(name) or value in {"", "collector"}, line


def test_every_setting_that_is_named_exists() -> None:
    files = ["compose.yaml", ".env.example", "deploy/Caddyfile", *(str(one) for one in UNITS)]
    named = {one for name in files for one in re.findall(r"COLLECTOR_[A-Z0-9_]+", read(name))}
    assert named - SETTINGS - OF_DEPLOYMENT == set()
    asked = set(re.findall(r"\$\{([A-Z0-9_]+)", read("compose.yaml")))
    offered = set(re.findall(r"^#?([A-Z0-9_]+)=", read(".env.example"), re.MULTILINE))
    assert asked - offered <= {"COLLECTOR_IMAGE", "AWS_DEFAULT_REGION"}


@pytest.mark.parametrize("name", OURS)
def test_containers_run_what_the_command_offers(name: str) -> None:
    service = SERVICES[name]
    command = service.get("command", ["collector", "serve"])
    options = {one for option in main.commands[command[1]].params for one in option.opts}
    assert set(command[2:]) <= options
    assert int(service["stop_grace_period"].removesuffix("s")) > STOPS_WITHIN
    assert service["environment"]["COLLECTOR_PROXY_COUNT"] == "1"


class Unit(configparser.RawConfigParser):
    """A unit file: keys keep their case, and may stand several times."""

    def __init__(self, path: Path) -> None:
        super().__init__(strict=False, interpolation=None, delimiters=("=",))
        self.optionxform = str  # type: ignore[assignment,method-assign]
        self.read(path, encoding="utf-8")


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_service_may_only_what_it_needs(path: Path) -> None:
    unit = Unit(path)["Service"]
    words = unit["ExecStart"].split()
    assert words[:3] == ["/opt/collector/current/bin/python", "-m", "collector"]
    assert words[3] in main.commands
    assert int(unit["TimeoutStopSec"]) > STOPS_WITHIN
    assert (unit["ProtectSystem"], unit["NoNewPrivileges"], unit["User"]) == ("strict", "yes", "collector")
    assert unit["ReadWritePaths"] == f"/var/lib/{unit['StateDirectory']}"
    assert unit["MemoryMax"]
    assert unit["CapabilityBoundingSet"] == ""


def test_a_service_is_renewed_by_the_signal_the_parent_knows() -> None:
    unit = Unit(ROOT / "deploy/systemd/collector.service")["Service"]
    assert unit["ExecReload"] == "/bin/sh -c 'kill -HUP $MAINPID'"
    # Only the parent tells how it stands.
    assert (unit["Type"], unit["NotifyAccess"]) == ("notify", "main")


RUN_BOOK = "docs/so-tay-van-hanh.vi.md"


@pytest.mark.parametrize("name", [RUN_BOOK, "docs/install.md"])
def test_commands_for_the_machine_itself_can_be_typed(name: str) -> None:
    lines = re.findall(r"sudo collector ([^`\n]+)", read(name))
    assert lines
    for line in lines:
        words = line.split()
        command: click.Command = main
        while words and isinstance(command, click.Group) and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        assert command is not main, line
        real = {option for one in command.params for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= real, line


def test_the_run_book_names_what_stands_on_pages_and_is_found() -> None:
    section = read(RUN_BOOK).partition("## Khi điện thoại reo")[2].partition("## Khôi phục")[0]
    catalogue = read("collector/translations/vi/LC_MESSAGES/messages.po")
    pages = set(re.findall(r'^msgstr "(.+)"$', catalogue, re.MULTILINE))
    named = {" ".join(one.split()) for one in re.findall(r"\*\*([^*]+)\*\*", section)}
    assert {one for one in named if one[0] != "“" and not one.startswith("Không xóa")} <= pages
    assert RUN_BOOK in read("README.vi.md")


def test_proxies_leave_nothing_of_what_the_server_believes_to_whoever_asks() -> None:
    nginx, caddy = read("deploy/nginx.conf"), read("deploy/Caddyfile")
    for name in BELIEVED:
        assert f"proxy_set_header X-Forwarded-{name} " in nginx
    # Caddy sets the other three by itself, and takes none from whom it does not trust.
    assert "header_up -X-Forwarded-Prefix" in caddy
    assert "trusted_proxies" not in caddy
    for text in (nginx, caddy):
        assert "/metrics" in text
    sizes = re.findall(r"(?:client_max_body_size|max_size) (\d+)[gG]", nginx + caddy)
    assert [int(one) * 1024**3 >= parcels.BODY_LIMIT for one in sizes] == [True, True]
