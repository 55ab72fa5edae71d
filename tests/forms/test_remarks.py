"""What an author is told, in any language, from what converters say in theirs."""

from __future__ import annotations

from forms.remarks import KNOWN, Remark, from_sentence, templates


def test_a_remark_speaks_another_language() -> None:
    vietnamese = {
        "Sheet {sheet}, row {row}": "Trang {sheet}, dòng {row}",
        "The name “{name}” is taken.": "Tên “{name}” đã dùng.",
    }
    remark = Remark("The name “{name}” is taken.", sheet="survey", row=4, details={"name": "ho {ten}"})
    assert (
        remark.text(lambda text: vietnamese.get(text, text))
        == "Trang survey, dòng 4: Tên “ho {ten}” đã dùng."
    )


def test_every_known_sentence_can_be_filled_and_translated() -> None:
    sentences = set(templates())
    for known in KNOWN:
        holes = dict.fromkeys(known.pattern.groupindex, "x")
        assert known.cause.format_map(holes)
        assert known.remedy.format_map(holes)
        assert {known.cause, known.remedy} <= sentences


def test_an_unknown_sentence_is_passed_on_in_its_own_words() -> None:
    remark = from_sentence("[row : 7] On the 'survey' sheet, the 'media' value is invalid. {Odd} thing.")
    assert str(remark) == (
        "Sheet survey, row 7, column media: {Odd} thing. Correct this in the form and send it again."
    )
