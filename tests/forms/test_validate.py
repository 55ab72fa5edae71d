"""What the phones' own engine says of a form, cleaned of Java; or why it could not be asked."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from forms.problems import FormRefused
from forms.remarks import Weight
from forms.validate import NO_JAVA, NOT_RUN, readable, validate
from forms.xlsform import convert
from tests.forms.tables import asking, survey
from tests.javarosa import machine


def converted(*rows: str) -> bytes:
    return convert(survey(*rows, columns="type | name | label | relevant").encode(), "f.md").xform


@pytest.fixture(scope="module")
def java() -> str:
    return machine.machine().java


@pytest.mark.java
def test_a_good_form_has_nothing_to_correct(java: str) -> None:
    assert validate(converted("text | a | A | ", "text | b | B | ${a} = 'x'"), java=java) == ()


@pytest.mark.java
@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (("text | a | A | ", "text | b | B | misspelt(${a}) = 1"), "cannot handle function 'misspelt'"),
        (("text | a | A | ${a} = = 1",), "problem with display condition for node [${a}]"),
        (("text | a | A | ${b} = 1", "text | b | B | ${a} = 1"), "Cycle detected"),
    ],
)
def test_what_crashes_a_phone_is_refused_in_one_sentence(java: str, rows: tuple[str, ...], told: str) -> None:
    with pytest.raises(FormRefused) as refused:
        validate(converted(*rows), java=java)
    (remark,) = refused.value.remarks
    assert told in str(remark)
    assert ".java" not in str(remark)
    assert "org.javarosa" not in str(remark)


def test_without_java_the_author_is_told_what_was_skipped() -> None:
    (remark,) = validate(asking(), java="")
    assert remark == NO_JAVA
    assert remark.weight is Weight.NOTICE
    assert "Java is not installed" in str(remark)


def program(folder: Path, script: str) -> str:
    """A stand-in for a Java that fails, as broken installations do."""
    path = folder / "java"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    "script",
    [
        "echo 'Error: Unable to access jarfile x.jar' >&2; exit 1",
        "echo 'Error occurred during initialization of VM' >&2; exit 1",
        "exit 1",
        "kill -9 $$",
    ],
)
def test_a_java_that_fails_by_itself_does_not_blame_the_form(tmp_path: Path, script: str) -> None:
    assert validate(asking(), java=program(tmp_path, script)) == (NOT_RUN,)
    assert validate(asking(), java=str(tmp_path / "absent")) == (NOT_RUN,)
    assert validate(asking(), java=str(tmp_path)) == (NOT_RUN,)


@pytest.mark.timeout(60)
def test_an_endless_check_is_stopped(tmp_path: Path) -> None:
    (remark,) = validate(asking(), java=program(tmp_path, "exec sleep 60"), seconds=0.2)
    assert "longer than 0.2 seconds" in str(remark)
    assert remark.weight is Weight.NOTICE


def test_what_the_engine_warns_of_is_a_warning(tmp_path: Path) -> None:
    (remark,) = validate(asking(), java=program(tmp_path, "echo 'Odd: /data/g/a' >&2"))
    assert remark.weight is Weight.WARNING
    assert "“Odd: ${a}”" in str(remark)


def test_java_is_cleaned_away() -> None:
    told = """

>> Something broke the parser.
java.lang.RuntimeException: Error evaluating field 'b' (/data/g/b[1]): The problem was located in /data/g/b
XPath evaluation: cannot handle function 'foo'
\tat org.javarosa.core.model.TriggerableDag.evaluateTriggerable(TriggerableDag.java:568)
\t... 12 more
Caused by: org.javarosa.xpath.XPathUnhandledException: The problem was located in /data/g/b
XPath evaluation: cannot handle function 'foo'
\tat org.javarosa.xpath.expr.XPathFuncExpr.eval(XPathFuncExpr.java:539)

>> Picture missing at /html/body/input/label

The following files failed validation:
/tmp/x/form.xml

Result: Invalid
"""
    assert readable(told) == [
        (
            "Error evaluating field 'b' (${b}[1]): The problem was located in ${b} "
            "XPath evaluation: cannot handle function 'foo'"
        ),
        "Picture missing at /html/body/input/label",
    ]
    assert readable("") == []
    assert len(readable("\n\n".join(f"fault {n}." for n in range(100)))) == 30
