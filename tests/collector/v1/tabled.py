"""A form with answers of every type as an OData service, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from collector.actions.incoming import Address as To
from collector.actions.incoming import Delivery, Sender
from storage.models import Form
from tests.asked import answered, asked
from tests.collector.v1.program import Program
from tests.office import NOW, Office

KID_TABLE = "Submissions.kids.kid"
TOYS = "Submissions.kids.kid.toys.toy"
QUESTIONS = (
    "head age:int share:decimal born:date seen:dateTime here:geopoint line:geotrace area:geoshape "
    "poor:boolean skills:select photo:binary x.1st/q1.8-test kids/kid*/name kids/kid*/age:int "
    "kids/kid*/toys/toy*/what pet*/kind"
)
FULL = (
    "<head>Lò Thị A</head><age>41</age><share>0.50</share><born>1985-02-28</born>"
    "<seen>2026-08-03T09:00:00.000+07:00</seen><here>21.5 105.1 3 4</here><line>21 105;22 106 0 0</line>"
    "<area>21 105;22 105;22 106;21 105</area><poor>true</poor><skills>read write</skills>"
    "<photo>a.jpg</photo>"
    "<kids><kid><name>Mai</name><age>9</age><toys><toy><what>ball</what></toy><toy><what>kite</what></toy>"
    "</toys></kid><kid><name>Nam</name><age>4</age></kid></kids><pet><kind>dog</kind></pet>"
)
BARE: dict[str, Any] = dict.fromkeys(("head", "share", "born", "seen", "here", "line", "area", "poor"))
NOTED = {
    "updatedAt": None,
    "deletedAt": None,
    "submitterName": None,
    "submitterId": None,
    "attachmentsPresent": 0,
    "status": None,
    "reviewState": None,
    "deviceId": None,
    "edits": 0,
    "formVersion": "1",
}


@dataclass
class Service:
    """A form of its own with records, and a program that reads it."""

    office: Office
    form: Form
    program: Program
    at: str
    minutes: int = 0

    def send(self, name: str, answers: str = "", *, replaces: str | None = None) -> None:
        self.minutes += 1
        xml = answered(self.form.xml_form_id, "1", answers, instance_id=name, replaces=replaces)
        with self.office.app.app_context():
            now = NOW + timedelta(minutes=self.minutes)
            self.office.parts.intake.receive(Delivery(xml, {}, Sender(), now), To((1,)))

    def get(self, path: str = "", **options: str) -> Any:
        """The JSON at an address of the service; an option is named without its $."""
        return self.program.get(self.at + path, query_string=query(options))

    def ids(self, path: str = "/Submissions", **options: str) -> list[str]:
        return [row["__id"] for row in self.get(path, **options)["value"]]

    def refused(self, path: str = "/Submissions", **options: str) -> tuple[int, float]:
        return self.program.refused("GET", self.at + path, query_string=query(options))

    def following(self, answer: Any) -> Any:
        """What the link of an answer leads to."""
        return self.program.get(answer["@odata.nextLink"].removeprefix("http://localhost"))


def query(options: dict[str, str]) -> dict[str, str]:
    return {f"${name}": value for name, value in options.items()}


def opened_form(office: Office, program: Program, name: str, questions: str = QUESTIONS) -> Service:
    choices = {"/skills": ["read", "write"]}
    form = office.publish(asked(name, "1", questions, choices=choices), filename=f"{name}.xml")
    return Service(office, form, program, f"projects/1/forms/{quote(name)}.svc")


def plain_form(office: Office, program: Program) -> Service:
    """A form with three records, the second one full; nothing in it changes."""
    service = opened_form(office, program, "plain")
    service.send("uuid:a", "<head/><age>1</age>")
    service.send("uuid:b", FULL)
    service.send("uuid:c", "<age>7</age><kids><kid><name>Lan</name><age>7</age></kid></kids>")
    return service
