"""What differs between two versions of a filled form."""

from __future__ import annotations

import pytest
from lxml import etree

from forms.version_diffs import Change, changes, tree_of

REPEATS = frozenset({"/member", "/member/job"})


def told(old: str, new: str) -> list[Change]:
    """The changes from one content of the root element to another."""
    before, after = (tree_of(etree.fromstring(f"<data>{one}</data>"), REPEATS) for one in (old, new))
    return list(changes(before, after))


def members(*several: str) -> str:
    """Rows with a name and an age: `Lan 30`."""
    return "".join("<member><name>{}</name><age>{}</age></member>".format(*one.split()) for one in several)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<n>Lan</n>", "<n>Lan</n>", []),
        ("<n>Lan</n>", "<n>Mai</n>", [{"old": "Lan", "new": "Mai", "path": ["n"]}]),
        ("<n/>", "<n>Mai</n>", [{"old": "", "new": "Mai", "path": ["n"]}]),
        ("", "<n>Mai</n>", [{"new": "Mai", "path": ["n"]}]),
        ("<n>Lan</n>", "", [{"old": "Lan", "path": ["n"]}]),
        ("<g><a>1</a></g>", "<g><a>2</a></g>", [{"old": "1", "new": "2", "path": ["g", "a"]}]),
        ("", "<g><a>2</a></g>", [{"new": {"a": "2"}, "path": ["g"]}]),
        (
            '<x:meta xmlns:x="http://openrosa.org/xforms"><x:instanceID>1</x:instanceID></x:meta>',
            "<meta><instanceID>2</instanceID></meta>",
            [{"old": "1", "new": "2", "path": ["meta", "instanceID"]}],
        ),
    ],
)
def test_an_answer_that_changed(old: str, new: str, expected: list[Change]) -> None:
    assert told(old, new) == expected


def test_a_row_that_changed_keeps_its_place() -> None:
    found = told(members("Lan 30", "Mai 31"), members("Lan 30", "Mai 32"))
    assert found == [{"old": "31", "new": "32", "path": [["member", 1], "age"]}]


def test_a_row_put_in_front_changes_no_other() -> None:
    found = told(members("Lan 30", "Mai 31"), members("An 1", "Lan 30", "Mai 31"))
    assert found == [{"new": {"name": "An", "age": "1"}, "path": [["member", 0]]}]


def test_a_row_taken_out_beside_one_that_changed() -> None:
    found = told(members("Lan 30", "Mai 31", "An 1"), members("Lan 30", "An 2"))
    assert found == [
        {"old": {"name": "Mai", "age": "31"}, "path": [["member", 1]]},
        {"old": "1", "new": "2", "path": [["member", 2], "age"]},
    ]


def test_the_first_and_the_last_row_of_a_repeat() -> None:
    row = {"name": "Lan", "age": "30"}
    assert told("", members("Lan 30")) == [{"new": row, "path": [["member", 0]]}]
    assert told(members("Lan 30"), "") == [{"old": row, "path": [["member", 0]]}]


def test_rows_within_rows() -> None:
    found = told(
        "<member><job><t>a</t></job><job><t>b</t></job></member>",
        "<member><job><t>a</t></job><job><t>c</t></job></member>",
    )
    assert found == [{"old": "b", "new": "c", "path": [["member", 0], ["job", 1], "t"]}]


def test_very_many_rows_are_paired_as_they_come() -> None:
    found = told(members(*(f"Lan {n}" for n in range(400))), members(*(f"Mai {n}" for n in range(401))))
    assert len(found) == 401
    assert found[-1] == {"new": {"name": "Mai", "age": "400"}, "path": [["member", 400]]}
