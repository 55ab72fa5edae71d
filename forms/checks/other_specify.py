"""14 · «Other» chosen too often, and texts beside it that are on the list after all.

Roles: `other`: `question=code:text`, the answer that means other and the question with the words.
Silent when: just `share` of the answers are it; fewer than `least` answered.
Keeps: the texts, the commonest ones of each question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from forms.checks.check import INFO, WARNING, Check, Threshold
from forms.checks.found import Found
from forms.checks.interviews import Block, Survey, Watch
from forms.checks.often import said
from forms.schema import Choice
from forms.vietnamese import folded

OFTEN = Check(
    "other_often",
    INFO,
    "Many answers “other”",
    "{part} of {number} answers ({percent}%) are “other”; most often: {texts}.",
    "Add the commonest of them to the list of the next version.",
    {"share": Threshold(0.1, 0, 1), "least": Threshold(30, 1, 1_000_000)},
)
RECODE = Check(
    "other_recode",
    WARNING,
    "“Other” that is on the list",
    "The words beside “other” are on the list: {label}.",
    "Correct the answer to {label}.",
)
CHECKS = (OFTEN, RECODE)

_SHOWN = 5
_KEPT = 2_000


def on_the_list(text: str, choices: Iterable[Choice]) -> Choice | None:
    """The choice whose label, in any language, says the same but for marks and capitals."""
    words = folded(text)
    return next(
        (one for one in choices if words and words in {folded(label) for label in one.labels.values()}), None
    )


class OtherSpecify(Watch):
    """Counts each `other`, and looks at the words beside it."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._pairs = [
            (path, code, text.path)
            for path, code, name in survey.roles.pairs("other")
            for text in survey.schema.questions
            if text.name == name
        ]
        nodes = survey.schema.by_path
        self._choices = {path: survey.schema.choices.get(nodes[path].choices, ()) for path, *_ in self._pairs}
        self._part: Counter[str] = Counter()
        self._number: Counter[str] = Counter()
        self._texts: dict[str, Counter[str]] = {path: Counter() for path, *_ in self._pairs}

    def see(self, block: Block) -> Iterable[Found]:
        """The words that are on the list."""
        for path, code, text in self._pairs:
            table = block.table_of(path)
            if table is None:
                continue
            rows = zip(table.records, table.keys, table.column(path), table.column(text), strict=True)
            for record, key, value, words in rows:
                if value is None:
                    continue
                self._number[path] += 1
                if said(value, code):
                    self._part[path] += 1
                    yield from self._look(path, record, key, str(words or ""))

    def _look(self, path: str, record: int, key: str, words: str) -> Iterator[Found]:
        texts = self._texts[path]
        if words and (len(texts) < _KEPT or folded(words) in texts):
            texts[folded(words)] += 1
        choice = on_the_list(words, self._choices[path])
        if choice is not None and self._survey.on(RECODE.code):
            label = next(iter(choice.labels.values()), choice.name)
            yield Found(
                RECODE.code, (record,), path, key, words, choice.name, variant=words, details={"label": label}
            )

    def all_seen(self) -> Iterable[Found]:
        """The questions where it is chosen too often."""
        numbers = self._survey.numbers(OFTEN.code)
        for path, _code, _text in self._pairs:
            part, number = self._part[path], self._number[path]
            if (
                self._survey.on(OFTEN.code)
                and number >= numbers["least"]
                and part > numbers["share"] * number
            ):
                texts = "; ".join(
                    f"{text} ({count})" for text, count in self._texts[path].most_common(_SHOWN)
                )
                percent = f"{100 * part / number:.0f}"
                details = {"part": str(part), "number": str(number), "percent": percent, "texts": texts}
                yield Found(
                    OFTEN.code,
                    path=path,
                    subject=f"question:{path}",
                    value=f"{percent}%",
                    form=self._survey.form,
                    details=details,
                )
