"""① The words of old registers: what their headings mean, and which codes their words stand for.

Why: an office's register says «Nữ», «Mông», «x» under «Mù chữ mức độ 1»; the lists hold codes. Which codes
there are is read from the published forms; here stand only the other ways people write the same.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from forms.schema import Choice, Schema
from forms.vietnamese import folded

LABEL = "label"
VILLAGE, COMMUNE = "place:village", "place:commune"
"""What a column may mean besides a property: the member's label, the village or the commune by name."""

IGNORED = "-"
"""A column that says nothing about a member: its running number, a signature."""

MARK = "="
"""`sex=2`: whoever has a cross in this column has that code."""

MARKED = ("sex", "lit_status")
"""Properties that registers write as a column for each code."""

HEADINGS: Mapping[str, tuple[str, ...]] = {
    IGNORED: ("STT", "TT", "Số TT", "Số thứ tự", "Ký tên", "Chữ ký", "Ký nhận", "No"),
    LABEL: ("Tên", "Tên trung tâm", "Trung tâm", "Tên TTHTCĐ", "Tên đơn vị", "Nhãn"),
    VILLAGE: (
        "Thôn, bản", "Thôn", "Bản", "Tên thôn", "Tên bản", "Xóm", "Tổ dân phố", "Thôn, xóm", "Thôn, bản, tổ",
        "Khu phố", "Mã thôn", "Thôn bản tổ dân phố", "Địa chỉ", "Nơi ở", "Chỗ ở",
        "Chỗ ở hiện nay", "Village", "village_code", "village_id",
    ),
    COMMUNE: (
        "Xã", "Xã, phường", "Phường", "Tên xã", "Mã xã", "Xã phường thị trấn", "Commune", "commune_code",
    ),
    "full_name": (
        "Họ và tên", "Họ tên", "Họ và tên học viên", "Họ tên học viên", "Tên học viên", "Học viên", "Tên",
        "Họ và tên người mù chữ", "Họ tên người mù chữ", "Họ đệm", "Họ và chữ đệm", "Họ và tên đệm",
    ),
    "head_name": (
        "Họ và tên chủ hộ", "Họ tên chủ hộ", "Tên chủ hộ", "Chủ hộ", "Họ và tên", "Họ tên", "Họ đệm", "Tên",
        "Họ và chữ đệm",
    ),
    "class_name": ("Tên lớp", "Lớp", "Lớp học"),
    "birth_year": ("Năm sinh", "Ngày sinh", "Ngày tháng năm sinh", "Ngày, tháng, năm sinh", "Sinh năm"),
    "head_birth_year": ("Năm sinh", "Ngày sinh", "Ngày tháng năm sinh", "Năm sinh chủ hộ", "Sinh năm"),
    "sex": ("Giới tính", "Giới", "Phái", "Nam nữ"),
    "ethnic": ("Dân tộc", "Thành phần dân tộc"),
    "head_ethnic": ("Dân tộc", "Thành phần dân tộc", "Dân tộc chủ hộ"),
    "members_n": ("Số khẩu", "Số nhân khẩu", "Nhân khẩu", "Tổng số khẩu", "Số người", "Số thành viên"),
    "cluster": ("Cụm", "Cụm dân cư", "Nhóm", "Nhóm liên gia", "Tổ liên gia"),
    "lit_status": (
        "Mức độ biết chữ", "Tình trạng biết chữ", "Mức độ mù chữ", "Tình trạng mù chữ", "Diện", "Diện mù chữ",
        "Mù chữ", "Biết chữ",
    ),
    "phase_due": ("Giai đoạn", "Học giai đoạn"),
    "phase": ("Giai đoạn", "Giai đoạn học"),
    "term": ("Kỳ", "Kỳ học", "Học kỳ"),
    "organiser": ("Đơn vị tổ chức", "Đơn vị mở lớp", "Đơn vị dạy"),
    "venue": ("Địa điểm", "Địa điểm học", "Nơi học"),
    "start_date": ("Ngày khai giảng", "Khai giảng", "Ngày mở lớp"),
    "end_date": ("Ngày kết thúc", "Ngày bế giảng", "Bế giảng"),
    "sessions_plan": ("Số buổi", "Số buổi học"),
    "learners_n": ("Số học viên", "Sĩ số", "Tổng số học viên"),
    "decision_no": ("Số quyết định", "Quyết định số", "Quyết định"),
    "decision_date": ("Ngày quyết định", "Ngày ban hành"),
    "centre_code": ("Mã trung tâm", "Mã TTHTCĐ"),
    "status": ("Tình trạng", "Tình trạng hoạt động"),
    "role": ("Chức vụ", "Nhiệm vụ", "Vai trò"),
    "rooms": ("Số phòng", "Số phòng học"),
    "pcs": ("Số máy tính", "Máy tính"),
    "books": ("Số đầu sách", "Đầu sách", "Số sách"),
    "volunteers": ("Số tình nguyện viên", "Tình nguyện viên"),
}  # fmt: skip
"""What a column means, to the headings of registers; the words of the forms' questions count besides."""

SYNONYMS: Mapping[str, str] = {
    "mong": "hmong",
    "hmongb": "hmong",
    "monghoa": "hmong",
    "mongtrang": "hmong",
    "mongden": "hmong",
    "mongxanh": "hmong",
    "man": "dao",
    "thaiden": "thai",
    "thaitrang": "thai",
    "stieng": "xtieng",
    "khmer": "khome",
    "sanchi": "sanchay",
    "xapho": "phula",
    "nugioi": "nu",
    "gai": "nu",
    "f": "nu",
    "namgioi": "nam",
    "trai": "nam",
    "m": "nam",
    "muchu": "muchumuc1",
    "chuabietchu": "muchumuc1",
    "muc1": "muchumuc1",
    "muchu1": "muchumuc1",
    "mumuc1": "muchumuc1",
    "mc1": "muchumuc1",
    "muc2": "muchumuc2",
    "muchu2": "muchumuc2",
    "mumuc2": "muchumuc2",
    "mc2": "muchumuc2",
    "taimu": "taimuchu",
    "1": "muchumuc1",
    "2": "muchumuc2",
    "giaidoan1": "1",
    "giaidoan2": "2",
    "gd1": "1",
    "gd2": "2",
    "i": "1",
    "ii": "2",
    "x": "co",
}
"""How people write a choice, to how forms do; both as `squeezed` makes them."""

LISTS: Mapping[tuple[str, str], str] = {
    ("learners", "phase_due"): "phase",
    ("learners", "state"): "learner_state",
}
"""Properties a form works out, to the choice list their codes are of where it is called otherwise."""

_AFTER = re.compile(r"muc do|\bmd\b")


def squeezed(text: str) -> str:
    """A word as it is compared: folded, without spaces, «mức độ» as «mức»."""
    return _AFTER.sub("muc", re.sub(r"\bmd(?=\d)", "muc", folded(text))).replace(" ", "")


def plain(heading: str) -> str:
    """A heading as it is compared: folded, without what stands in brackets."""
    return folded(re.sub(r"\(.*?\)|[*:]", " ", heading))


@dataclass(frozen=True)
class Field:
    """A property of a list: `kind` is text, year, whole, date, one (of `choices`) or many of them.

    `shown` is the question that fills it, in the words of the form; the name where no form asks for it.
    """

    name: str
    kind: str = "text"
    shown: str = ""
    choices: tuple[Choice, ...] = ()

    @cached_property
    def _codes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        weaker: list[tuple[str, str]] = []
        for choice in self.choices:
            for label in choice.labels.values():
                found.setdefault(squeezed(label), choice.name)
                weaker.extend((squeezed(part), choice.name) for part in _parts(label))
            weaker.append((squeezed(choice.name), choice.name))
            if choice.name.isdigit():
                weaker.append((str(int(choice.name)), choice.name))
        for word, code in weaker:
            if word:
                found.setdefault(word, code)
        return found

    def code(self, text: str) -> str | None:
        """The code a word stands for; None where it stands for none."""
        word = squeezed(text)
        return self._codes.get(word) or self._codes.get(SYNONYMS.get(word, ""))

    def near(self, text: str, most: int = 3) -> list[str]:
        """Labels the word may have been meant for."""
        close = difflib.get_close_matches(squeezed(text), list(self._codes), n=most, cutoff=0.6)
        return list(dict.fromkeys(self.label(self._codes[word]) for word in close))

    def label(self, code: str) -> str:
        """How the form shows a code."""
        found = next((choice for choice in self.choices if choice.name == code), None)
        return next(iter(found.labels.values()), code) if found else code


def _parts(label: str) -> Iterator[str]:
    """The names a label gives: «Sán Chay (Cao Lan – Sán Chỉ)» gives four."""
    inside = re.findall(r"\((.*?)\)", label)
    for text in (re.sub(r"\(.*?\)", " ", label), *inside):
        yield text
        yield from re.split(r"[/,;–]", text)


def fields_of(
    of: str, properties: Sequence[str], forms: Iterable[tuple[Schema, Mapping[str, str]]]
) -> dict[str, Field]:
    """The fields of a list: its properties, with what the forms say that write it.

    `forms`: a form and which of its questions (by path) fill which property.
    """
    several = list(forms)
    found = {name: Field(name) for name in properties}
    for schema, saved in several:
        for path, name in saved.items():
            node = schema.by_path.get(path)
            if node is None or name not in found or found[name].choices:
                continue
            choices = schema.choices.get(node.choices, ())
            kind = {"select1": "one", "select": "many"}.get(node.control, "") if choices else ""
            shown = found[name].shown or _first(node.labels)
            kind = kind or {"int": "whole", "date": "date"}.get(node.type, found[name].kind)
            found[name] = Field(name, kind, shown, choices)
    for name, one in found.items():
        if name.endswith("birth_year"):
            found[name] = Field(name, "year", one.shown)
        elif not one.choices:
            listed = LISTS.get((of, name), name)
            choices = next((schema.choices[listed] for schema, _ in several if listed in schema.choices), ())
            found[name] = Field(name, "one", one.shown, choices) if choices else one
    return found


def _first(labels: Mapping[str, str]) -> str:
    text = next(iter(labels.values()), "")
    return " ".join(re.sub(r"\(.*?\)", " ", text).split())


class Meanings:
    """What headings mean for a list of such fields. `earlier`: what an officer chose, by plain heading."""

    def __init__(self, fields: Mapping[str, Field], earlier: Mapping[str, str] | None = None) -> None:
        self._fields = fields
        self._known: dict[str, str] = {}
        for name, field in fields.items():
            words = (name, field.shown, *HEADINGS.get(name, ()))
            self._add(name, words)
        for target in (LABEL, VILLAGE, COMMUNE, IGNORED):
            self._add(target, (target, *HEADINGS[target]))
        for heading, target in (earlier or {}).items():
            if self.usable(target):
                self._known[heading] = target

    def _add(self, target: str, headings: Iterable[str]) -> None:
        for heading in headings:
            if plain(heading):
                self._known.setdefault(plain(heading), target)

    def usable(self, target: str) -> bool:
        """Whether a column may mean that here."""
        name = target.partition(MARK)[0]
        return name in {"", LABEL, VILLAGE, COMMUNE, IGNORED} or name in self._fields

    def of(self, parts: Sequence[str]) -> str:
        """What a column means by its heading, the lines of it from above; "" for what is not known."""
        lines = [text for text in parts if plain(text)]
        if not lines:
            return ""
        # Without their marks the year and the man are the same word.
        if lines[-1].casefold().strip() == "năm":
            return next((name for name, one in self._fields.items() if one.kind == "year"), "")
        for text in dict.fromkeys((" ".join(lines), lines[-1])):
            found = self._known.get(plain(text))
            if found is None:
                found = self._mark(text)
            if found:
                return found
        return ""

    def _mark(self, text: str) -> str:
        for name in MARKED:
            field = self._fields.get(name)
            code = None if field is None or plain(text).isdigit() else field.code(text)
            if code:
                return f"{name}{MARK}{code}"
        return ""

    def targets(self) -> list[tuple[str, str]]:
        """What a column may mean, and how it is shown to whoever chooses: properties only."""
        marks = (
            (f"{name}{MARK}{one.name}", f"x = {field.label(one.name)}")
            for name in MARKED
            if (field := self._fields.get(name))
            for one in field.choices
        )
        return list(chain(((name, one.shown or name) for name, one in self._fields.items()), marks))
