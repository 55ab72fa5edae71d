"""Languages get the tags browsers know."""

from __future__ import annotations

import pytest

from forms.webform.languages import language_of
from tests.forms.webform.making import made
from tests.forms.webform.tricky import form


@pytest.mark.parametrize(
    ("written", "label", "tag"),
    [
        ("Tiếng Việt (vi)", "Tiếng Việt", "vi"),
        ("English (en)", "English", "en"),
        ("English", "English", "en"),
        ("Vietnamese", "Vietnamese", "vi"),
        ("Tiếng Việt", "Tiếng Việt", "vi"),
        ("tiếng Anh", "tiếng Anh", "en"),
        ("vi", "Tiếng Việt", "vi"),
        ("en-US", "English", "en-US"),
        ("Mông Leng (hmn)", "Mông Leng", "hmn"),
        ("Khmer", "Khmer", "km"),
        ("default", "default", "default"),
        ("Tiếng Tày", "Tiếng Tày", "Tiếng Tày"),
        (" French ", "French", "fr"),
        ("", "", ""),
        (".", ".", "."),
    ],
)
def test_a_language_is_known_by_its_name_or_its_tag(written: str, label: str, tag: str) -> None:
    language = language_of(written)
    assert (language.label, language.tag, language.direction) == (label, tag, "ltr")


def test_right_to_left_is_what_a_text_is_written_in() -> None:
    assert language_of("Arabic", "نعم").direction == "rtl"
    assert language_of("Arabic", "12?").direction == "ltr"


def test_the_default_language_is_shown_first_and_all_keep_their_order() -> None:
    texts = "".join(
        f'<translation lang="{name}"{more}><text id="a"><value>{said}</value></text></translation>'
        for name, more, said in (("English", "", "A"), ("vi", ' default="true()"', "Á"))
    )
    xform = form(
        "<a/>",
        "",
        '<input ref="/data/a"><label ref="jr:itext(\'a\')"/></input>',
        texts=f"<itext>{texts}</itext>",
    )
    web = made(xform)
    assert web.languages == (("English", "en"), ("Tiếng Việt", "vi"))
    assert 'data-default-lang="vi"' in web.form
    assert '<span lang="vi" class="question-label active" data-itext-id="a">Á</span>' in web.form
