"""Answers as phones write them, kept to the letter and handed out: OR-62, OR-64 … OR-70, OR-72, OR-78."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from tests.asked import answered, asked
from tests.collector.openrosa.sending import Volunteer, new_id
from tests.encrypting import public_text
from tests.kept import exported, files, findings, record, rows, versions, xml_as_kept
from tests.office import Office

EVERYTHING = """
text code number:int amount:decimal born:date rung:time at:dateTime place:geopoint way:geotrace field:geoshape
one:select1 several:select order:odk:rank picture:binary note
"""
CODES = {"/one": ("có", "không", "khác"), "/several": ("đọc", "viết", "tính")}


@pytest.fixture
def volunteer(office: Office) -> Volunteer:
    """Somebody whose phone has a form with a question of every type."""
    form = asked("all", "1", EVERYTHING, choices=CODES)
    return Volunteer(office, form=office.publish(form, filename="all.xml"))


def sent(volunteer: Volunteer, answers: str, *, version: str = "1") -> str:
    """Send answers; returns the id of the record."""
    instance = new_id()
    assert volunteer.send(answered("all", version, answers, instance_id=instance)).status == 201
    return instance


def laid(volunteer: Volunteer) -> dict[str, object]:
    """The newest record's answers by path, those there are."""
    row = rows(volunteer.office, volunteer.form)[-1]
    return {
        path: value
        for path, value in row.items()
        if path.startswith("/") and not path.startswith("/meta") and value is not None
    }


def said(volunteer: Volunteer, tmp_path: Path) -> dict[str, str]:
    """The newest record's answers in the export, those there are."""
    newest = exported(volunteer.office, volunteer.form, tmp_path)["all.csv"][0]
    own = set(newest) - {"SubmissionDate", "KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent"}
    own -= {"AttachmentsExpected", "Status", "ReviewState", "DeviceID", "Edits", "FormVersion"}
    return {name: newest[name] for name in own if newest[name] and not name.startswith("meta-")}


def odd(volunteer: Volunteer, instance: str) -> list[tuple[str, str, str]]:
    """Each finding as (check, path, value)."""
    number = record(volunteer.office, instance).id
    return [(check, path, value) for check, path, _key, value in findings(volunteer.office, number)]


SERIALISED = (
    b"<?xml version='1.0' ?>\r\n<data id='all' version=\"1\" xmlns:jr='http://openrosa.org/javarosa' "
    b"orx:x='' xmlns:orx='http://openrosa.org/xforms'>\r\n"
    b"<text>su&#64;so.vn &lt;A &amp; B&gt; &quot;x&quot; &#10; d\xc3\xb2ng hai\xc2\xa0\xf0\x9f\x8f\xa0"
    b"\r\n\tba</text>"
    b"<code>&#29;ABC&#4;</code><note /><meta><instanceID>uuid:kxml</instanceID></meta></data>\r\n"
)


def test_or_62_the_bytes_of_the_phones_own_serialiser_are_kept_and_its_text_handed_out(
    volunteer: Volunteer, tmp_path: Path
) -> None:
    assert volunteer.send(SERIALISED).status == 201
    [version] = versions(volunteer.office, record(volunteer.office, "uuid:kxml").id)
    assert xml_as_kept(volunteer.office, version.id) == SERIALISED
    assert said(volunteer, tmp_path) == {
        "text": 'su@so.vn <A & B> "x" \n dòng hai\xa0🏠\n\tba',
        "code": "ABC",
    }
    assert odd(volunteer, "uuid:kxml") == [("character_removed", "", "&#29; &#4;")]


def test_or_62_long_answers_are_kept_whole(volunteer: Volunteer) -> None:
    xml = answered("all", "1", f"<text>{'ă' * 400_000}</text>", instance_id="uuid:long")
    assert volunteer.send(xml).status == 201
    [version] = versions(volunteer.office, record(volunteer.office, "uuid:long").id)
    assert version.xml_blob is not None
    assert xml_as_kept(volunteer.office, version.id) == xml
    assert laid(volunteer)["/text"] == "ă" * 400_000


DECIMALS = (
    ("<amount>1.0E7</amount>", 1e7, "1.0E7"),
    ("<amount>1.0E-4</amount>", 1e-4, "1.0E-4"),
    ("<amount>-0.0</amount>", 0.0, "-0.0"),
    ("<amount>5.0</amount>", 5.0, "5.0"),
    ("<amount>12</amount>", 12.0, "12"),
    ("<amount>5.0E-324</amount>", 5e-324, "5.0E-324"),
    ("<amount>1.7976931348623157E308</amount>", 1.7976931348623157e308, "1.7976931348623157E308"),
)


def test_or_64_decimals_mean_a_number_and_print_as_sent(volunteer: Volunteer, tmp_path: Path) -> None:
    for answers, kept, exported_as in DECIMALS:
        instance = sent(volunteer, answers)
        assert laid(volunteer)["/amount"] == kept
        assert said(volunteer, tmp_path) == {"amount": exported_as}
        assert odd(volunteer, instance) == []


def test_or_64_leading_zeros_stay_where_text_is_asked(volunteer: Volunteer, tmp_path: Path) -> None:
    sent(volunteer, "<code>00123</code><number>007</number>")
    assert laid(volunteer) == {"/code": "00123", "/number": 7}
    assert said(volunteer, tmp_path) == {"code": "00123", "number": "007"}


ODD = (
    ("<number>9223372036854775807</number>", ""),
    ("<number>-9223372036854775808</number>", ""),
    ("<number>9223372036854775808</number>", "/number"),
    ("<number>1e400</number>", "/number"),
    ("<number>mười</number>", "/number"),
    ("<amount>Infinity</amount>", "/amount"),
    ("<born>0000-01-01</born>", "/born"),
    ("<born>0001-01-01</born>", ""),
    ("<born>9999-12-31</born>", ""),
    ("<born>2026-02-30</born>", "/born"),
    ("<at>0001-01-01T00:00:00.000+07:00</at>", "/at"),
    ("<at>9999-12-31T23:59:59.999-01:00</at>", "/at"),
    ("<at>9999-12-31T23:59:59.999Z</at>", ""),
    ("<at>0001-01-01T00:00:00.000Z</at>", ""),
    ("<rung>25:00:00</rung>", "/rung"),
    ("<place>91 0 0 0</place>", "/place"),
    ("<one>chưa biết</one>", "/one"),
    ("<several>đọc bơi</several>", "/several"),
)
"""Answers, and the question that has a finding, if one has."""


def test_or_64_what_cannot_be_read_is_kept_as_text_with_a_finding(
    volunteer: Volunteer, tmp_path: Path
) -> None:
    for answers, path in ODD:
        instance = sent(volunteer, answers)
        name, value = answers[1:].split(">")[0], answers.split(">")[1].split("<")[0]
        check = "unknown_choice" if name in {"one", "several"} else "value_unreadable"
        assert odd(volunteer, instance) == ([(check, path, value)] if path else [])
        kept = said(volunteer, tmp_path)
        assert kept == {name: value} if name != "place" else kept["place-Latitude"] == "91"


def test_or_64_what_a_browser_could_not_work_out_is_no_answer(volunteer: Volunteer, tmp_path: Path) -> None:
    instance = sent(volunteer, "<amount>NaN</amount><number>7</number>")
    assert odd(volunteer, instance) == []
    assert laid(volunteer) == {"/number": 7}
    assert said(volunteer, tmp_path) == {"number": "7"}


MOMENTS = (
    ("2026-08-03T09:15:00.123+07:00", datetime(2026, 8, 3, 2, 15, 0, 123_000, tzinfo=UTC)),
    ("2026-08-03T09:15:00.123Z", datetime(2026, 8, 3, 9, 15, 0, 123_000, tzinfo=UTC)),
    ("2026-08-03T09:15:00.123+07", datetime(2026, 8, 3, 2, 15, 0, 123_000, tzinfo=UTC)),
    ("2026-08-03T09:15:00+07:00", datetime(2026, 8, 3, 2, 15, tzinfo=UTC)),
    ("1970-01-01T07:00:00.000+07:00", datetime(1970, 1, 1, tzinfo=UTC)),
    ("2099-12-31T23:59:59.999+07:00", datetime(2099, 12, 31, 16, 59, 59, 999_000, tzinfo=UTC)),
)


def test_or_65_a_moment_is_understood_and_its_text_stays(volunteer: Volunteer, tmp_path: Path) -> None:
    for written, meant in MOMENTS:
        instance = sent(volunteer, f"<at>{written}</at>")
        assert laid(volunteer) == {"/at": written, "/at_at": meant}
        assert said(volunteer, tmp_path) == {"at": written}
        assert odd(volunteer, instance) == []


def test_or_65_days_and_times_of_day(volunteer: Volunteer, tmp_path: Path) -> None:
    sent(volunteer, "<born>2026-01-02</born><rung>03:04:05.678+07:00</rung>")
    assert laid(volunteer) == {
        "/born": date(2026, 1, 2),
        "/rung": "03:04:05.678+07:00",
        "/rung_at": time(3, 4, 5, 678_000),
    }
    assert said(volunteer, tmp_path) == {"born": "2026-01-02", "rung": "03:04:05.678+07:00"}


POINTS = (
    ("21.5 105.1", (21.5, 105.1, None, None)),
    ("21.5 105.1 1034.2", (21.5, 105.1, 1034.2, None)),
    ("21.5 105.1 0.0 4.9E-4", (21.5, 105.1, 0.0, 4.9e-4)),
    ("-1.0E-4 105.1 0 0", (-1e-4, 105.1, 0.0, 0.0)),
)


def test_or_66_a_point_has_two_to_four_numbers(volunteer: Volunteer, tmp_path: Path) -> None:
    names = ("place-Latitude", "place-Longitude", "place-Altitude", "place-Accuracy")
    for written, parts in POINTS:
        instance = sent(volunteer, f"<place>{written}</place>")
        row = rows(volunteer.office, volunteer.form)[-1]
        assert tuple(row[f"/place{part}"] for part in ("_lat", "_lon", "_alt", "_acc")) == parts
        shown = said(volunteer, tmp_path)
        assert [shown[name] for name in names if name in shown] == written.split()
        assert odd(volunteer, instance) == []


def test_or_66_lines_and_areas_are_kept_as_drawn(volunteer: Volunteer, tmp_path: Path) -> None:
    line, area = "21.5 105.1 0 0; 21.6 105.2 0 0;", "21 105 0 0; 22 105 0 0; 22 106 0 0; 21 105 0 0"
    instance = sent(volunteer, f"<way>{line}</way><field>{area}</field>")
    assert said(volunteer, tmp_path) == {"way": line, "field": area}
    assert odd(volunteer, instance) == []


def test_or_67_none_one_or_several_codes_in_the_order_sent(volunteer: Volunteer, tmp_path: Path) -> None:
    for chosen in ("", "đọc", "viết đọc tính"):
        instance = sent(volunteer, f"<one>không</one><several>{chosen}</several><order>c a b</order>")
        assert laid(volunteer) == {"/one": "không", "/several": chosen, "/order": "c a b"}
        shown = said(volunteer, tmp_path)
        assert shown == {"one": "không", "order": "c a b"} | ({"several": chosen} if chosen else {})
        assert odd(volunteer, instance) == []


def test_or_68_repeats_in_repeats_are_keyed_to_their_parents(office: Office, tmp_path: Path) -> None:
    form = office.publish(
        asked("deep", "1", "n_count:int g/house*/name g/house*/member*/age:int g/house*/member*/pet*/kind"),
        filename="deep.xml",
    )
    volunteer, instance, empty = Volunteer(office, form=form), new_id(), new_id()
    pets = "<pet><kind>chó</kind></pet><pet><kind>mèo</kind></pet>"
    people = f"<member><age>1</age>{pets}</member><member><age>2</age></member>"
    second = f"<name>b</name><member><age>3</age>{pets}</member>"
    many = "".join(f"<house><name>{number}</name></house>" for number in range(498))
    houses = f"<house><name>a</name>{people}</house><house>{second}</house>{many}"
    answers = f"<n_count>500</n_count><g>{houses}</g>"
    volunteer.send(answered("deep", "1", answers, instance_id=instance))
    volunteer.send(answered("deep", "1", "<n_count>0</n_count><g/>", instance_id=empty))
    found = exported(office, form, tmp_path)
    assert list(found) == ["deep.csv", "deep-house.csv", "deep-member.csv", "deep-pet.csv"]
    assert [row["KEY"] for row in found["deep.csv"]] == [empty, instance]
    assert len(found["deep-house.csv"]) == 500
    assert [(row["PARENT_KEY"], row["KEY"], row["kind"]) for row in found["deep-pet.csv"]] == [
        (f"{instance}/g/house[1]/member[1]", f"{instance}/g/house[1]/member[1]/pet[1]", "chó"),
        (f"{instance}/g/house[1]/member[1]", f"{instance}/g/house[1]/member[1]/pet[2]", "mèo"),
        (f"{instance}/g/house[2]/member[1]", f"{instance}/g/house[2]/member[1]/pet[1]", "chó"),
        (f"{instance}/g/house[2]/member[1]", f"{instance}/g/house[2]/member[1]/pet[2]", "mèo"),
    ]
    for child, parent in (("pet", "deep-member.csv"), ("member", "deep-house.csv"), ("house", "deep.csv")):
        keys = {row["KEY"] for row in found[parent]}
        assert {row["PARENT_KEY"] for row in found[f"deep-{child}.csv"]} <= keys
    assert [row["n_count"] for row in found["deep.csv"]] == ["0", "500"]
    members = rows(office, form, "/g/house/member")
    assert [(row["seq"], row["ordinal"]) for row in members] == [(1, 1), (2, 2), (3, 1)]


def test_or_69_what_was_not_asked_is_told_from_what_was_left_empty(volunteer: Volunteer) -> None:
    sent(volunteer, "<text/><number/><born></born><place/>")
    row = rows(volunteer.office, volunteer.form)[-1]
    assert (row["/text"], row["/code"]) == ("", None)
    assert (row["/number"], row["/amount"]) == (None, None)
    assert (row["/place"], row["/at"]) == ("", None)
    assert len(row["blank"].split(",")) == 2
    sent(volunteer, "<text>a</text>")
    assert rows(volunteer.office, volunteer.form)[-1]["blank"] is None


def test_or_70_a_forms_own_picture_is_no_file_to_wait_for(volunteer: Volunteer) -> None:
    instance = sent(volunteer, "<picture>jr://images/x.png</picture>")
    [version] = versions(volunteer.office, record(volunteer.office, instance).id)
    assert files(volunteer.office, version.id) == {}
    assert record(volunteer.office, instance).files_expected == 0
    assert laid(volunteer) == {"/picture": "jr://images/x.png"}


def test_or_72_an_answer_to_an_old_version_is_exported_with_the_questions_of_both(
    volunteer: Volunteer, tmp_path: Path
) -> None:
    office = volunteer.office
    old = sent(volunteer, "<text>a</text><number>1</number><note>gone</note>")
    newer = EVERYTHING.replace(" note", " boat people*/age:int").replace("number:int", "number:string")
    office.publish(asked("all", "2", newer, choices=CODES), filename="all.xml")
    new = sent(volunteer, "<number>một</number><boat>x</boat><people><age>3</age></people>", version="2")
    late = sent(volunteer, "<number>2</number><note>late</note>")
    both = {
        row["KEY"]: row for row in exported(office, volunteer.form, tmp_path, every_version=True)["all.csv"]
    }
    assert [(both[key]["number"], both[key]["note"], both[key]["boat"]) for key in (old, new, late)] == [
        ("1", "gone", ""),
        ("một", "", "x"),
        ("2", "late", ""),
    ]
    assert [both[key]["FormVersion"] for key in (old, new, late)] == ["1", "2", "1"]
    current = exported(office, volunteer.form, tmp_path)["all.csv"]
    assert "note" not in current[0]
    assert len(exported(office, volunteer.form, tmp_path)["all-people.csv"]) == 1


def test_or_78_what_a_form_tells_the_phone_is_served_to_the_letter(office: Office) -> None:
    said = (
        '<submission odk:client-editable="true" orx:auto-send="true" orx:auto-delete="false" '
        f'base64RsaPublicKey="{public_text()}" method="post"/>'
    )
    xml = asked("sealed", "1", "head", submission=said)
    office.publish(xml, filename="sealed.xml")
    phone = Volunteer(office, form=office.publish(asked("open", "1", "head"), filename="open.xml")).collect
    [item] = [one for one in phone.form_list() if one.form_id == "sealed"]
    assert phone.download(item) == xml
    assert said.encode() in phone.download(item)


def test_a_form_of_twelve_hundred_questions_is_kept_whole(office: Office, tmp_path: Path) -> None:
    kinds = ("string", "int", "dateTime", "geopoint")
    names = [f"q{number}:{kinds[number % 4]}" for number in range(1200)]
    form = office.publish(
        asked("wide", "1", [*names, *(f"r*/{one}" for one in names[:400])]), filename="wide.xml"
    )
    values = (
        "một câu trả lời dài hơn",
        "123456789012",
        "2026-08-03T09:15:00.123+07:00",
        "21.512345 105.1 1.5 4",
    )
    every = [f"<q{number}>{values[number % 4]}</q{number}>" for number in range(1200)]
    one, some = "".join(every), "".join(every[:400])
    volunteer = Volunteer(office, form=form)
    for instance in ("uuid:1", "uuid:2"):
        volunteer.send(answered("wide", "1", f"{one}<r>{some}</r><r/>", instance_id=instance))
    edit = answered("wide", "1", f"{one}<r>{some}</r>", instance_id="uuid:3", replaces="uuid:1")
    volunteer.send(edit)
    found = exported(office, form, tmp_path)
    assert [len(found["wide.csv"]), len(found["wide-r.csv"])] == [2, 3]
    for row in found["wide.csv"]:
        assert [row[f"q{number}"] for number in (0, 1, 2, 1196, 1197)] == [*values[:3], *values[:2]]
        assert row["q1199-Latitude"] == "21.512345"
    assert found["wide-r.csv"][0]["q397"] == values[1]


def test_a_form_may_grow_until_its_table_is_full_and_beyond(office: Office, tmp_path: Path) -> None:
    names = [f"q{number}:int" for number in range(470)]
    form = office.publish(asked("wide", "1", names), filename="wide.xml")
    volunteer = Volunteer(office, form=form)
    numbers = "".join(f"<q{number}>{number:03}</q{number}>" for number in range(470))
    volunteer.send(answered("wide", "1", numbers, instance_id="uuid:1"))
    texts = [*(name.replace("int", "string") for name in names), *(f"t{number}" for number in range(30))]
    office.publish(asked("wide", "2", texts), filename="wide.xml")
    more = "".join(f"<q{number}>{'ê' * 12}</q{number}>" for number in range(470))
    volunteer.send(answered("wide", "2", f"{more}<t29>x</t29>", instance_id="uuid:2"))
    volunteer.send(answered("wide", "1", numbers, instance_id="uuid:3"))
    laid = rows(office, form)
    assert [row["/q469"] for row in laid] == ["469", "ê" * 12, "469"]
    assert [row["/t29"] for row in laid] == [None, "x", None]
    assert exported(office, form, tmp_path)["wide.csv"][0]["q7"] == "007"
