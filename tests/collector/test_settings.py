"""What an operator sets by environment: read once, refused with one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from collector.problems import SettingUnusable
from collector.settings import Settings

ROOT = Path(__file__).parents[2]


def test_without_a_word_everything_lies_in_var_and_listens_on_this_machine() -> None:
    assert Settings.from_environment({}) == Settings(
        home=Path("var").resolve(),
        database_url=f"sqlite:///{Path('var').resolve()}/collector.db",
        blobs_url=f"{Path('var').resolve().as_uri()}/blobs",
        secret_key=None,
        admin_password=None,
        workers=2,
        public_url=None,
        proxy_count=0,
        pilot_province="08",
        host="127.0.0.1",
        port=8000,
    )


def test_each_setting_is_taken_from_its_variable() -> None:
    assert Settings.from_environment({
        "COLLECTOR_HOME": "/srv/khảo sát",
        "COLLECTOR_DATABASE_URL": "postgresql+psycopg://collector@db/collector",
        "COLLECTOR_BLOBS_URL": "s3://bucket/prefix",
        "COLLECTOR_SECRET_KEY": "a secret",
        "COLLECTOR_ADMIN_PASSWORD": "mat khau dai 10",
        "COLLECTOR_WORKERS": " 4 ",
        "COLLECTOR_PUBLIC_URL": "https://khaosat.example.vn/odk/",
        "COLLECTOR_PROXY_COUNT": "1",
        "COLLECTOR_PILOT_PROVINCE": "04",
        "HOST": "192.0.2.1",
        "PORT": "8200",
        "PATH": "/bin",
    }) == Settings(
        home=Path("/srv/khảo sát"),
        database_url="postgresql+psycopg://collector@db/collector",
        blobs_url="s3://bucket/prefix",
        secret_key="a secret",
        admin_password="mat khau dai 10",
        workers=4,
        public_url="https://khaosat.example.vn/odk",
        proxy_count=1,
        pilot_province="04",
        host="192.0.2.1",
        port=8200,
    )


def test_an_empty_variable_says_nothing() -> None:
    names = ("HOME", "DATABASE_URL", "BLOBS_URL", "SECRET_KEY", "ADMIN_PASSWORD", "WORKERS", "PUBLIC_URL")
    empty = {f"COLLECTOR_{name}": "" for name in (*names, "PROXY_COUNT", "PILOT_PROVINCE")}
    assert Settings.from_environment(empty | {"HOST": "", "PORT": ""}) == Settings.from_environment({})


def test_the_database_and_the_files_lie_in_the_data_folder_unless_said_otherwise(tmp_path: Path) -> None:
    settings = Settings.from_environment({"COLLECTOR_HOME": str(tmp_path / "dữ liệu")})
    assert settings.database_url == f"sqlite:///{tmp_path}/dữ liệu/collector.db"
    assert settings.blobs_url.startswith("file:///")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COLLECTOR_WORKERS", "two"),
        ("COLLECTOR_WORKERS", "0"),
        ("COLLECTOR_WORKERS", "-1"),
        ("COLLECTOR_WORKERS", "1.5"),
        ("COLLECTOR_WORKERS", "٢"),
        ("COLLECTOR_WORKERS", "9" * 5000),
        ("COLLECTOR_PROXY_COUNT", "yes"),
        ("COLLECTOR_PROXY_COUNT", "-1"),
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("COLLECTOR_PILOT_PROVINCE", "8"),
        ("COLLECTOR_PILOT_PROVINCE", "Tuyên Quang"),
        ("COLLECTOR_PUBLIC_URL", "khaosat.example.vn"),
        ("COLLECTOR_PUBLIC_URL", "https://"),
        ("COLLECTOR_PUBLIC_URL", "ftp://khaosat.example.vn"),
        ("COLLECTOR_PUBLIC_URL", "https://khaosat.example.vn/?a=1"),
        ("COLLECTOR_DATABASE_URL", "mysql://collector:geheim@db/collector"),
        ("COLLECTOR_DATABASE_URL", "postgres://collector@db/collector"),
        ("COLLECTOR_DATABASE_URL", "sqlite://"),
        ("COLLECTOR_DATABASE_URL", "/srv/collector.db"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingUnusable) as refused:
        Settings.from_environment({name: value})
    assert refused.value.details["name"] == name
    assert name in str(refused.value)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    "command", [["serve"], ["migrate"], ["app-user", "create", "--project", "1", "--name", "A"]]
)
def test_the_command_says_it_in_one_sentence_and_touches_nothing(tmp_path: Path, command: list[str]) -> None:
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-m", "collector", *command],
        env=os.environ | {"COLLECTOR_HOME": str(home), "COLLECTOR_WORKERS": "many"},
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "collector: The setting COLLECTOR_WORKERS cannot be used: it has to be a whole number from 1 to 256."
    ]
    assert not home.exists()
