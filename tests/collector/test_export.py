"""All answers of a form come out as Central's archive: line by line, whole, and in little memory."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from collector import cli
from collector.actions import export
from collector.actions.export import Export, ExportOptions
from forms.exports.csv_text import TAIL as OWN
from storage.database import Base, transaction
from storage.models import Form, Submission
from storage.projection.catalogue import answer_tables
from storage.projection.rebuild import Rebuild
from storage.queries.answers import Pages
from tests.asked import answered, asked
from tests.collector.openrosa.sending import JPEG, Volunteer
from tests.kept import looking, lying, stored_files
from tests.office import NOW, Office

NESTED = (
    "name:string g/born:date g/where:geopoint weight:decimal "
    "house*/roof:string house*/room*/use:select house*/room*/g/area:decimal house*/room*/bed*/who:string "
    "visit*/day:date"
)
"""A root, repeats three deep, a second repeat beside them, groups everywhere."""


def prepared(office: Office, form: Form, options: ExportOptions | None = None) -> Export:
    """An export of a form as it is now."""
    with looking(office) as session:
        return export.prepare(session, session.get_one(Form, form.id), options or ExportOptions(), now=NOW)


def unpacked(office: Office, form: Form, options: ExportOptions | None = None) -> dict[str, str]:
    """The entries of the archive, as text, in its order."""
    wanted = prepared(office, form, options)
    with office.app.app_context():
        data = b"".join(export.archive(wanted, office.parts.blobs, office.settings.home))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        return {entry.filename: opened.read(entry).decode(errors="replace") for entry in opened.infolist()}


def change(office: Office, form: Form, **values: object) -> None:
    """Let every record of a form be like this."""
    with office.app.app_context(), transaction() as session:
        session.execute(update(Submission).where(Submission.form_id == form.id).values(**values))


@pytest.fixture
def nested(office: Office) -> Form:
    """Two households: one with houses, rooms and beds, one with nothing."""
    form = office.publish(
        asked("hộ", "1", NESTED, choices={"/house/room/use": ["sleep", "cook"]}), filename="form.xml"
    )
    volunteer = Volunteer(office, form=form)
    volunteer.send(
        answered(
            "hộ",
            "1",
            "<name>Vàng Thị Mỷ, &quot;Mỷ&quot;</name>"
            "<g><born>1990-02-03</born><where>22.5 105.1 812.0 4.5</where></g><weight>1.0E7</weight>"
            "<house><roof>ngói\nđỏ</roof>"
            "<room><use>sleep cook</use><g><area>12.5</area></g><bed><who>Lan 👧🏽</who></bed>"
            "<bed><who>Mai</who></bed></room>"
            "<room><use>cook</use><g><area/></g></room></house>"
            "<house><roof/><room><use/><g><area>007</area></g><bed><who>=1+1</who></bed></room></house>"
            "<visit><day>2026-08-01</day></visit><visit><day>1.8.2026</day></visit>",
            instance_id="uuid:1",
        )
    )
    volunteer.send(answered("hộ", "1", "<name/>", instance_id="uuid:2"))
    change(office, form, created_at=datetime(2026, 8, 3, 2, 0, 0, 123_000, tzinfo=UTC))
    return form


TAIL = (
    "KEY,SubmitterID,SubmitterName,AttachmentsPresent,AttachmentsExpected,"
    "Status,ReviewState,DeviceID,Edits,FormVersion"
)
SENT = "2,Điện thoại 1,0,0,,,collect:kT3vB9xQ2mLw7RzA,0,1"


def test_a_form_nested_three_deep_comes_out_as_central_writes_it(office: Office, nested: Form) -> None:
    entries = unpacked(office, nested)
    assert entries == {
        "hộ.csv": (
            "SubmissionDate,name,g-born,g-where-Latitude,g-where-Longitude,g-where-Altitude,g-where-Accuracy,"
            f"weight,meta-audit,meta-instanceID,meta-instanceName,{TAIL}\n"
            f"2026-08-03T02:00:00.123Z,,,,,,,,,uuid:2,,uuid:2,{SENT}\n"
            '2026-08-03T02:00:00.123Z,"Vàng Thị Mỷ, ""Mỷ""",1990-02-03,22.5,105.1,812.0,4.5,1.0E7,,uuid:1,,'
            f"uuid:1,{SENT}\n"
        ),
        "hộ-house.csv": ('roof,PARENT_KEY,KEY\n"ngói\nđỏ",uuid:1,uuid:1/house[1]\n,uuid:1,uuid:1/house[2]\n'),
        "hộ-room.csv": (
            "use,g-area,PARENT_KEY,KEY\n"
            "sleep cook,12.5,uuid:1/house[1],uuid:1/house[1]/room[1]\n"
            "cook,,uuid:1/house[1],uuid:1/house[1]/room[2]\n"
            ",007,uuid:1/house[2],uuid:1/house[2]/room[1]\n"
        ),
        "hộ-bed.csv": (
            "who,PARENT_KEY,KEY\n"
            "Lan 👧🏽,uuid:1/house[1]/room[1],uuid:1/house[1]/room[1]/bed[1]\n"
            "Mai,uuid:1/house[1]/room[1],uuid:1/house[1]/room[1]/bed[2]\n"
            "=1+1,uuid:1/house[2]/room[1],uuid:1/house[2]/room[1]/bed[1]\n"
        ),
        "hộ-visit.csv": (
            "day,PARENT_KEY,KEY\n2026-08-01,uuid:1,uuid:1/visit[1]\n1.8.2026,uuid:1,uuid:1/visit[2]\n"
        ),
    }
    assert next(iter(entries)) == "hộ.csv"


def test_choices_get_columns_of_their_own_on_demand(office: Office, nested: Form) -> None:
    entries = unpacked(office, nested, ExportOptions(split_select_multiples=True, group_paths=False))
    assert entries["hộ-room.csv"].splitlines()[:3] == [
        "use,use/cook,use/sleep,area,PARENT_KEY,KEY",
        "sleep cook,1,1,12.5,uuid:1/house[1],uuid:1/house[1]/room[1]",
        "cook,1,0,,uuid:1/house[1],uuid:1/house[1]/room[2]",
    ]


def test_a_form_without_answers_has_its_headers(office: Office) -> None:
    form = office.publish(asked("empty", "1", NESTED), filename="form.xml")
    entries = unpacked(office, form)
    assert len(entries) == 5
    assert entries["empty-bed.csv"] == "who,PARENT_KEY,KEY\n"
    with office.app.app_context():
        assert b"".join(export.root_csv(prepared(office, form))).decode() == entries["empty.csv"]


def test_questions_of_earlier_versions_are_there_on_demand(office: Office) -> None:
    form = office.publish(asked("f", "1", "old:string age:int gone*/x:string"), filename="form.xml")
    volunteer = Volunteer(office, form=form)
    volunteer.send(answered("f", "1", "<old>a</old><age>7</age><gone><x>1</x></gone>", instance_id="uuid:1"))
    office.publish(asked("f", "2", "age:int new:string"), filename="form.xml")
    volunteer.send(answered("f", "2", "<age>8</age><new>b</new>", instance_id="uuid:2"))
    entries = unpacked(office, form)
    assert list(entries) == ["f.csv"]
    assert entries["f.csv"].splitlines()[0].startswith("SubmissionDate,age,new,meta-audit,")
    entries = unpacked(office, form, ExportOptions(deleted_fields=True))
    assert list(entries) == ["f.csv", "f-gone.csv"]
    header, newest, oldest = (line.split(",") for line in entries["f.csv"].splitlines())
    at = [header.index(name) for name in ("age", "new", "old", "FormVersion")]
    assert [[line[place] for place in at] for line in (newest, oldest)] == [
        ["8", "b", "", "2"],
        ["7", "", "a", "1"],
    ]
    assert entries["f-gone.csv"].splitlines()[1] == "1,uuid:1,uuid:1/gone[1]"


AUDIT = (
    b"event,node,start,end\nform start,,1754190000000,\nquestion,/data/photo,1754190001000,1754190002000\n"
)


@pytest.fixture
def with_media(office: Office) -> Form:
    """Three records with pictures of the same name, one with the log of its filling in."""
    form = office.publish(asked("f", "1", "photo:binary sound:binary"), filename="form.xml")
    volunteer = Volunteer(office, form=form)
    for number in (1, 2):
        volunteer.send(
            answered("f", "1", "<photo>p.jpg</photo>", instance_id=f"uuid:{number}"),
            {"p.jpg": JPEG + bytes([number])},
        )
    volunteer.send(
        answered(
            "f",
            "1",
            "<photo>ảnh?.jpg</photo><sound>late.m4a</sound>",
            meta="<audit>audit.csv</audit>",
            instance_id="uuid:3",
        ),
        {"ảnh?.jpg": JPEG, "audit.csv": AUDIT},
    )
    return form


def test_files_and_logs_go_along(office: Office, with_media: Form) -> None:
    wanted = prepared(office, with_media)
    assert wanted.name == "f.zip"
    with office.app.app_context():
        data = b"".join(export.archive(wanted, office.parts.blobs, office.settings.home))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        # As in Central, files of one name lie at one place; whoever unpacks is asked.
        assert opened.namelist() == ["f.csv", "media/ảnh.jpg", "media/p.jpg", "media/p.jpg", "f - audit.csv"]
        held = [opened.read(entry) for entry in opened.infolist()]
    assert held[1:4] == [JPEG, JPEG + b"\x02", JPEG + b"\x01"]
    assert held[4].decode().splitlines() == [
        "instance ID,event,node,start,end,latitude,longitude,accuracy,old-value,new-value,user,change-reason",
        "uuid:3,form start,,1754190000000,,,,,,,,",
        "uuid:3,question,/data/photo,1754190001000,1754190002000,,,,,,,",
    ]
    present = [line.split(",")[-7:-5] for line in held[0].decode().splitlines()]
    assert present == [["AttachmentsPresent", "AttachmentsExpected"], ["2", "3"], ["1", "1"], ["1", "1"]]


def test_files_stay_behind_on_demand(office: Office, with_media: Form) -> None:
    options = ExportOptions(attachments=False)
    assert prepared(office, with_media, options).name == "f.csv.zip"
    assert list(unpacked(office, with_media, options)) == ["f.csv"]


def test_a_file_whose_bytes_are_lost_does_not_cost_the_rest(office: Office, with_media: Form) -> None:
    for name in stored_files(office):
        if lying(office, name).startswith(JPEG + b"\x02"):
            office.parts.blobs.delete(name)
    entries = unpacked(office, with_media)
    assert "f - audit.csv" in entries


def test_records_in_the_bin_stay_out_with_all_that_is_in_them(office: Office, nested: Form) -> None:
    change(office, nested, deleted_at=NOW)
    entries = unpacked(office, nested)
    assert {name: len(text.splitlines()) for name, text in entries.items()} == dict.fromkeys(entries, 1)


def households(office: Office, count: int, *, members: int = 2) -> Form:
    """A form with that many households."""
    form = office.publish(asked("h", "1", "number:int member*/name:string"), filename="form.xml")
    volunteer = Volunteer(office, form=form)
    for number in range(count):
        people = "".join(f"<member><name>{number}-{one}</name></member>" for one in range(members))
        xml = answered("h", "1", f"<number>{number}</number>{people}", instance_id=f"uuid:{number}")
        assert volunteer.post(xml).status_code == 201
    return form


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page holds two records."""
    monkeypatch.setattr("storage.queries.answers._FIRST_PAGE", 2)
    monkeypatch.setattr("storage.queries.answers._LONGEST_PAGE", 2)


@pytest.mark.usefixtures("small_pages")
def test_what_is_edited_meanwhile_comes_whole_and_what_comes_later_not_at_all(office: Office) -> None:
    form = households(office, 6)
    volunteer = Volunteer(office, form=form)
    wanted = prepared(office, form)
    with office.app.app_context():
        pages = iter(Pages(wanted.selection, wanted.files))
        seen = [next(pages)]
        for number, replaced in (("edit", "uuid:1"), ("edit-too", "uuid:5")):
            xml = answered(
                "h",
                "1",
                "<number>77</number><member><name>only</name></member>",
                instance_id=f"uuid:{number}",
                replaces=replaced,
            )
            assert volunteer.post(xml).status_code == 201
        assert (
            volunteer.post(answered("h", "1", "<number>99</number>", instance_id="uuid:late")).status_code
            == 201
        )
        seen += pages
    root, members = (
        [line[key] for page in seen for line in page[table][0].lines(page[table][1])]
        for table, key in ((0, -OWN), (1, -1))
    )
    assert root == [f"uuid:{number}" for number in (5, 4, 3, 2, 1, 0)]
    assert members == [
        *(f"uuid:{number}/member[{one}]" for number in (5, 4, 3, 2) for one in (1, 2)),
        "uuid:1/member[1]",
        "uuid:0/member[1]",
        "uuid:0/member[2]",
    ]


@pytest.mark.usefixtures("small_pages")
def test_tables_made_anew_meanwhile_do_not_disturb(office: Office) -> None:
    form = households(office, 5)
    wanted = prepared(office, form)
    with office.app.app_context():
        pieces = export.root_csv(wanted)
        begun = [next(pieces), next(pieces)]
        Rebuild(form.id, office.parts.blobs).run()
        lines = b"".join([*begun, *pieces]).decode().splitlines()[1:]
    assert [line.split(",")[1] for line in lines] == ["4", "3", "2", "1", "0"]


def crowd(office: Office, form: Form, count: int) -> None:
    """That many records of three members each, straight into the tables."""
    numbers = range(1, count + 1)
    with office.app.app_context(), transaction() as session:
        version = session.get_one(Form, form.id).current_id
        tables = answer_tables(session, form.id, draft=False)
        root, member = tables[""], tables["/member"]
        whole, name = root.questions["/number"].name, member.questions["/member/name"].name
        common = {"form_id": form.id, "draft": False, "form_version_id": version, "created_at": NOW}
        session.execute(
            Base.metadata.tables["submissions"].insert(),
            [
                common
                | {"id": n, "instance_id": f"uuid:{n}", "edits": 0, "files_expected": 0, "files_present": 0}
                for n in numbers
            ],
        )
        session.execute(
            root.table.insert(), [{"submission_id": n, "key": f"uuid:{n}", whole: n} for n in numbers]
        )
        session.execute(
            member.table.insert(),
            [
                {
                    "submission_id": n,
                    "seq": place,
                    "ordinal": place,
                    "key": f"uuid:{n}/member[{place}]",
                    "parent_key": f"uuid:{n}",
                    name: f"Nguyễn Thị {n}-{place}",
                }
                for n in numbers
                for place in (1, 2, 3)
            ],
        )


def test_memory_does_not_grow_with_the_number_of_records(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.queries.answers._CELLS", 2_000)
    form = office.publish(asked("h", "1", "number:int member*/name:string"), filename="form.xml")
    crowd(office, form, 5_000)
    wanted = prepared(office, form, ExportOptions(attachments=False))
    out = Path(office.settings.home) / "out.zip"
    with office.app.app_context(), out.open("wb") as file:
        tracemalloc.start()
        file.writelines(export.archive(wanted, office.parts.blobs, office.settings.home))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # All rows at once would take several times that.
    assert peak < 2_000_000
    with zipfile.ZipFile(out) as opened:
        root, member = (opened.read(name).splitlines() for name in ("h.csv", "h-member.csv"))
    assert (len(root), len(member)) == (5_001, 15_001)
    assert member[1] == "Nguyễn Thị 5000-1,uuid:5000,uuid:5000/member[1]".encode()
    assert member[-1] == "Nguyễn Thị 1-3,uuid:1,uuid:1/member[3]".encode()


def collector(office: Office, *arguments: str) -> Result:
    """The command, for the office's server."""
    return CliRunner().invoke(cli.main, arguments, env=office.environment)


def test_the_command_writes_what_programs_download(office: Office, with_media: Form, tmp_path: Path) -> None:
    output = tmp_path / "khảo sát.zip"
    done = collector(office, "export", "--project", "1", "--form", "f", "--output", str(output))
    assert done.exit_code == 0, done.output
    assert done.output == f"3 submissions of f written to {output}.\n"
    wanted = prepared(office, with_media)
    with office.app.app_context():
        assert output.read_bytes() == b"".join(
            export.archive(wanted, office.parts.blobs, office.settings.home)
        )
    assert [path.name for path in tmp_path.glob("*.part")] == []


@pytest.mark.usefixtures("with_media")
@pytest.mark.parametrize(
    ("form_id", "output", "said"),
    [
        ("none", "a.zip", "There is no form “none” here"),
        ("f", "no/such/folder.zip", "No such file or directory"),
    ],
)
def test_the_command_says_what_is_wrong_in_a_sentence(
    office: Office, tmp_path: Path, form_id: str, output: str, said: str
) -> None:
    arguments = ("--project", "1", "--form", form_id, "--output", str(tmp_path / output))
    done = collector(office, "export", *arguments)
    assert done.exit_code == 1
    assert said in done.output
    assert len(done.output.splitlines()) == 1
