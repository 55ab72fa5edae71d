"""The sentences of templates: in the reader's language, their holes filled, in another one for a while."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import render_template_string
from flask_babel import force_locale

from collector.desk.language import COOKIE
from tests.office import Office


@pytest.fixture
def _page(kept_office: Office) -> Iterator[None]:
    with kept_office.app.test_request_context("/"):
        yield


@pytest.mark.usefixtures("_page")
@pytest.mark.parametrize(
    ("template", "said"),
    [
        ('{{ _("Sign out") }}', "Đăng xuất"),
        ('{{ _("nothing any catalogue holds") }}', "nothing any catalogue holds"),
        ('{{ _("5 %% of all") }}', "5 % of all"),
        ('{{ _("Column: %(question)s", question="<b>100 %</b>") }}', "Cột: &lt;b&gt;100 %&lt;/b&gt;"),
        (
            '{% autoescape false %}{{ _("Column: %(question)s", question="<b>") }}{% endautoescape %}',
            "Cột: <b>",
        ),
        ('{% set word = _("Sign out") %}<a title="{{ word }}">', '<a title="Đăng xuất">'),
    ],
)
def test_a_sentence_is_said_in_the_readers_language(template: str, said: str) -> None:
    assert render_template_string(template) == said


def test_whoever_chose_english_reads_english(kept_office: Office) -> None:
    with kept_office.app.test_request_context("/", headers={"Cookie": f"{COOKIE}=en"}):
        assert render_template_string('{{ _("Sign out") }}') == "Sign out"


@pytest.mark.usefixtures("_page")
def test_a_part_is_said_in_another_language_and_what_follows_is_not() -> None:
    template = '{{ _("Sign out") }}'
    several = [render_template_string(template)]
    with force_locale("en"):
        several.append(render_template_string(template))
    several.append(render_template_string(template))
    assert several == ["Đăng xuất", "Sign out", "Đăng xuất"]
