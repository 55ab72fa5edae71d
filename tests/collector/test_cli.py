"""The command `collector`: what each does, and one clear sentence where it cannot."""

from __future__ import annotations

import logging
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from collector.actions.accounts import check_password
from collector.cli import main
from storage.models import Assignment, Form, Place, Programme
from storage.problems import NotSignedIn
from storage.queries import actors
from tests.asked import answered, asked
from tests.collector.openrosa.sending import Volunteer, new_id
from tests.kept import looking
from tests.office import ADMIN, ADMIN_PASSWORD, Office

Command: TypeAlias = Callable[..., Result]

ROOT = Path(__file__).resolve().parents[2]
HOUSEHOLD = asked("household", "1", "head people:int")
FAULTY = "| survey |\n| | type | name | label |\n| | nonsense | a | A |\n"
PLAIN_LETTERS = (
    "The user name may only hold letters without accents, digits and common signs: phones cannot send others."
)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """What the command sets for its own process, put back."""
    mask = os.umask(0)
    os.umask(mask)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    os.umask(mask)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def collector(office: Office) -> Command:
    """The command, run beside an office by whoever sits at the machine."""
    own = {**office.environment, "COLLECTOR_PUBLIC_URL": None}

    def run(*arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(main, arguments, env=own | environment)

    return run


def said(result: Result) -> str:
    """What a command that went well printed."""
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def refused(result: Result) -> str:
    """The one sentence of a command that could not do it."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    [sentence] = result.stderr.strip().splitlines()
    assert sentence.startswith("collector: ")
    assert sentence.endswith(".")
    return sentence.removeprefix("collector: ")


def commands(group: click.Group = main, *before: str) -> Iterator[tuple[str, ...]]:
    """Every command and group, by the words that call it."""
    for name, command in group.commands.items():
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)


@pytest.mark.parametrize("words", [(), *commands()], ids=" ".join)
def test_every_command_says_what_it_does(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*words, "--help"])
    assert result.exit_code == 0
    [_usage, sentence, *_options] = [part.strip() for part in result.stdout.split("\n\n")]
    assert sentence.endswith(".")


def test_a_database_is_brought_up_to_date_once_and_again(collector: Command) -> None:
    assert said(collector("migrate")) == "The database is up to date."
    assert said(collector("migrate")) == "The database is up to date."


def test_a_form_is_published(collector: Command, office: Office, tmp_path: Path) -> None:
    path = tmp_path / "household.xml"
    path.write_bytes(HOUSEHOLD)
    assert said(collector("publish", str(path))) == "household.xml: published as household."
    assert said(collector("publish", str(path))) == "household.xml: published as household."
    with looking(office) as session:
        [form] = session.scalars(select(Form)).all()
        assert form.current_id


def test_a_programme_is_put_in_force_and_a_wrong_one_is_not(
    collector: Command, office: Office, tmp_path: Path
) -> None:
    office.publish(HOUSEHOLD, filename="household.xml")
    path = tmp_path / "programme.md"
    head = "| indicators |\n| | code | label | table | numerator |\n"
    path.write_text(f"{head}| | people | Số người | household | ${{people}} |\n")
    assert said(collector("publish", str(path))) == "programme.md: the programme is in force."
    path.write_text(f"{head}| | people | Số người | household | ${{persons}} |\n")
    result = collector("publish", str(path))
    assert result.exit_code == 1
    assert result.stderr.startswith("programme.md was not published.\n")
    assert "row 2, column numerator: At character 1, the form has no question named persons." in result.stderr
    with looking(office) as session:
        [kept] = session.scalars(select(Programme)).all()
        assert kept.sheets["indicators"][0]["cells"]["numerator"] == "${people}"


def test_a_form_that_became_wider_is_laid_into_tables_again(
    collector: Command, office: Office, tmp_path: Path
) -> None:
    phone = Volunteer(office, form=office.publish(HOUSEHOLD, filename="household.xml"))
    phone.send(answered("household", "1", "<head>A</head><people>4</people>", instance_id=new_id()))
    path = tmp_path / "household.xml"
    path.write_bytes(asked("household", "2", "head people"))
    assert said(collector("publish", str(path))).splitlines() == [
        "household: 1 submissions laid into tables.",
        "household.xml: published as household.",
    ]
    assert said(collector("rebuild", "household")) == "household: 1 submissions laid into tables."


def test_a_form_with_faults_is_not_published_and_each_fault_has_its_place(
    collector: Command, office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "faulty.md"
    path.write_text(FAULTY)
    result = collector("publish", str(path))
    assert result.exit_code == 1
    first, *told = result.stderr.strip().splitlines()
    assert first == "faulty.md was not published."
    assert told[0].startswith("collector: The form cannot be used yet. ")
    assert "row 2" in result.stderr
    assert "nonsense" in result.stderr
    with looking(office) as session:
        assert session.scalar(select(func.count(Form.id))) == 0


def test_an_account_is_made_and_signs_in(collector: Command, office: Office) -> None:
    made = collector(
        "user",
        "create",
        "Xa.LungCu",
        "--password",
        "ruong bac thang 1",
        "--role",
        "reviewer",
        "--project",
        "1",
    )
    assert said(made) == "Account Xa.LungCu made."
    with looking(office) as session:
        user = check_password(session, "xa.lungcu", "ruong bac thang 1")
        [held] = session.scalars(select(Assignment).where(Assignment.actor_id == user.actor_id)).all()
        assert (held.role, held.project_id) == (20, 1)


def test_a_new_password_shuts_the_old_one_out(collector: Command, office: Office) -> None:
    changed = collector("user", "password", ADMIN, "--password", "mat khau khac 2")
    assert said(changed) == "Password of admin changed."
    with looking(office) as session:
        assert check_password(session, ADMIN, "mat khau khac 2").username == ADMIN
        with pytest.raises(NotSignedIn):
            check_password(session, ADMIN, ADMIN_PASSWORD)


def test_a_password_is_asked_for_twice_where_none_is_given(collector: Command) -> None:
    result = collector("user", "password", ADMIN)
    assert result.exit_code == 1
    assert "Aborted!" in result.stderr


def test_a_collect_password_is_printed_alone(collector: Command, office: Office) -> None:
    password = said(collector("user", "collect-password", ADMIN))
    assert re.fullmatch(r"[a-z2-9]{12}", password)
    with looking(office) as session:
        user = actors.user_by_name(session, ADMIN)
        assert user is not None
        assert user.collect_ha1


URL = r"(?P<address>.+)/v1/key/[A-Za-z0-9!$]{64}/projects/1"


@pytest.mark.parametrize(
    ("public", "served", "begins"),
    [
        ("https://khaosat.example.vn/", "http://127.0.0.1:8123", "https://khaosat.example.vn"),
        ("", "http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("", None, "http://127.0.0.1:8000"),
    ],
)
def test_a_phone_gets_its_address_on_a_line(
    collector: Command, office: Office, public: str, served: str | None, begins: str
) -> None:
    if served is not None:
        (office.settings.home / "address").write_text(served)
    printed = collector(
        "app-user", "create", "--project", "1", "--name", "Máy 1", COLLECTOR_PUBLIC_URL=public, PORT="8000"
    )
    found = re.fullmatch(URL, said(printed))
    assert found is not None
    assert found["address"] == begins


def test_a_phone_is_cut_to_the_forms_it_is_given(collector: Command, office: Office) -> None:
    for name in ("household", "visit", "class"):
        office.publish(asked(name, "1", "head"), filename=f"{name}.xml")
    made = collector(
        "app-user", "create", "--project", "1", "--name", "Máy 2", "--form", "household", "--form", "visit"
    )
    path = said(made).partition("/v1/key/")[2]
    listed = office.client().get(f"/v1/key/{path}/formList", headers={"X-OpenRosa-Version": "1.0"}).data
    assert [b"household" in listed, b"visit" in listed, b"class" in listed] == [True, True, False]


def test_all_answers_are_written_into_an_archive(collector: Command, office: Office, tmp_path: Path) -> None:
    phone = Volunteer(office, form=office.publish(HOUSEHOLD, filename="household.xml"))
    phone.send(answered("household", "1", "<head>Lò Văn Pỉnh</head>", instance_id=new_id()))
    output = tmp_path / "household.zip"
    written = collector("export", "--project", "1", "--form", "household", "--output", str(output))
    assert said(written) == f"1 submissions of household written to {output}."
    with zipfile.ZipFile(output) as archive:
        assert "Lò Văn Pỉnh" in archive.read("household.csv").decode()


def test_places_are_entered(collector: Command, office: Office) -> None:
    villages = ROOT / "xlsforms" / "places" / "villages_demo.csv"
    told = said(collector("places", "load", "--province", "08", "--villages", str(villages)))
    with looking(office) as session:
        assert told == f"{session.scalar(select(func.count(Place.code)))} places known."


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("publish --project 9 {form}", "There is no project 9 here that you may see."),
        ("rebuild nothing", "There is no form “nothing” here. Get the list of forms again."),
        (
            "export --project 1 --form nothing --output {folder}/out.zip",
            "There is no form “nothing” here. Get the list of forms again.",
        ),
        (
            "user create admin --password matkhau12345 --role viewer",
            "There is already an account “admin”.",
        ),
        (
            "user create lân --password matkhau12345 --role viewer",
            PLAIN_LETTERS,
        ),
        ("user create lan --password short --role viewer", "The password needs at least 10 characters."),
        (
            "user create lan --password matkhau12345 --role viewer --project 9",
            "There is no project 9 here that you may see.",
        ),
        ("user password nobody --password matkhau12345", "There is no account “nobody”."),
        ("user collect-password nobody", "There is no account “nobody”."),
        ("app-user create --project 9 --name x", "There is no project 9 here that you may see."),
        (
            "app-user create --project 1 --name x --form nothing",
            "There is no form “nothing” here. Get the list of forms again.",
        ),
        ("app-user create --project 1 --name x --place 99999", "There is no place with the code 99999."),
        ("places load --province 99", "There is no place with the code 99."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    collector: Command, tmp_path: Path, line: str, sentence: str
) -> None:
    form = tmp_path / "household.xml"
    form.write_bytes(HOUSEHOLD)
    assert refused(collector(*line.format(form=form, folder=tmp_path).split())) == sentence


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "http", "The setting PORT cannot be used: it has to be a whole number from 1 to 65535."),
        (
            "COLLECTOR_BLOBS_URL",
            "ftp://somewhere",
            "Files cannot be kept at ftp://…: this server knows",
        ),
        (
            "COLLECTOR_DATABASE_URL",
            "postgresql+psycopg://nobody@127.0.0.1:1/nothing?connect_timeout=2",
            "The database does not answer: connection",
        ),
        ("COLLECTOR_HOME", "/dev/null/home", "/dev/null/home: Not a directory."),
    ],
)
def test_a_setting_that_cannot_work_is_named(
    collector: Command, name: str, value: str, sentence: str
) -> None:
    assert refused(collector("migrate", **{name: value})).startswith(sentence)


@pytest.mark.parametrize(
    "line",
    [
        "publish",
        "publish /nowhere/form.xlsx",
        "publish /tmp",
        "user create lan --password x --role king",
        "app-user create --name x",
        "export --project one --form f --output o",
        "dance",
    ],
)
def test_a_line_that_says_too_little_is_answered_with_how_to_say_it(line: str) -> None:
    result = CliRunner().invoke(main, line.split())
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: ")
    assert re.search(r"^Error: .+\.$", result.stderr, re.MULTILINE)


def test_an_archive_that_cannot_be_written_is_said(collector: Command, office: Office) -> None:
    office.publish(HOUSEHOLD, filename="household.xml")
    result = collector(
        "export", "--project", "1", "--form", "household", "--output", "/dev/null/household.zip"
    )
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Could not open file '/dev/null/household.zip'")
