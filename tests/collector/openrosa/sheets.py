"""Forms, answers and phones as the tests of this door write them."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from tests.forms.tables import xform
from tests.office import GivenPhone, Office
from tests.phone import Phone, in_process

SERVER = "http://survey.example"


def sheet(form_id: str = "f01", version: str = "1", *, title: str = "Khảo sát hộ", rows: str = "") -> str:
    """A form in markdown that asks one thing, and what `rows` asks besides."""
    return (
        f"| survey |\n| | type | name | label |\n| | text | a | A |\n{rows}\n"
        f"| settings |\n| | form_id | version | form_title |\n| | {form_id} | {version} | {title} |\n"
    )


def written(form_id: str, version: str | None = "1", *, title: str = "Khảo sát", model: str = "") -> bytes:
    """A hand-written XForm that asks one thing; `version` None writes no version at all."""
    said = "" if version is None else f" version={quoteattr(version)}"
    questions = f"<data id={quoteattr(form_id)}{said}><a/><meta><instanceID/></meta></data>"
    return xform(questions, model=f'{model}<bind nodeset="/data/a" type="string"/>', title=escape(title))


def with_files(form_id: str, *names: str, version: str = "1") -> bytes:
    """A hand-written XForm that wants these files beside it."""
    slots = "".join(
        f'<instance id="i{number}" src={quoteattr(f"jr://file/{name}")}/>'
        for number, name in enumerate(names)
    )
    return written(form_id, version, model=slots)


def answer(form_id: str = "f01", version: str | None = "1", *, number: int = 1, a: str = "một") -> bytes:
    """An answered form, the `number`th."""
    said = "" if version is None else f" version={quoteattr(version)}"
    return (
        f"<data id={quoteattr(form_id)}{said}><a>{escape(a)}</a>"
        f"<meta><instanceID>uuid:{number:08d}-0000-4000-8000-000000000000</instanceID></meta></data>"
    ).encode()


def collect(office: Office, given: GivenPhone, *, server: str = SERVER) -> Phone:
    """Collect, set up with the code of a given phone."""
    return Phone(server + given.path, session=in_process(office.app))
