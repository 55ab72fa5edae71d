"""New rows of a repeat begin with their defaults."""

from __future__ import annotations

from lxml import etree

from forms.webform import transform
from forms.xlsform import convert
from tests.forms.webform.making import sheets

FORM = """
| survey |              |       |       |                 |             |
|        | type         | name  | label | default         | calculation |
|        | text         | clan  | Clan  |                 |             |
|        | begin_repeat | child | Child |                 |             |
|        | text         | name  | Name  | concat(${clan}) |             |
|        | integer      | age   | Age   | 7               |             |
|        | hidden       | kind  |       | uuid()          |             |
|        | end_repeat   |       |       |                 |             |
"""


def test_a_question_of_a_row_has_its_default_in_the_first_row_and_in_every_new_one() -> None:
    made = transform(convert(FORM.encode(), "form.md", form_id_fallback="f").xform, sheets())
    form = etree.HTML(made.form)
    fields = {str(one.get("name")): one for one in form.iterfind(".//input[@data-setvalue]")}
    name, kind = fields["/data/child/name"], fields["/data/child/kind"]
    assert name.get("data-setvalue", "").strip() == "concat( /data/clan )"
    assert name.get("data-event", "").split() == ["odk-instance-first-load", "odk-new-repeat"]
    assert (name.get("type"), kind.get("type")) == ("text", "hidden")
    assert "odk-new-repeat" in str(kind.get("data-event"))
    # A default that is a plain value is in every row by itself.
    assert "/data/child/age" not in fields
