"""⑨ A report put together: its head, what was reached, the places beside each other, the way to 2030, tables.

Source: Decree 30/2020/NĐ-CP, appendix I and III (form 1.4 and 1.7: report).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from forms.reports import wording
from forms.reports.described import Description
from forms.reports.document import (
    Blank,
    Block,
    Column,
    Drawing,
    Heading,
    Letterhead,
    Paragraph,
    Part,
    Report,
    Row,
    Run,
    Signature,
    Table,
)
from forms.reports.drawings import bars, trend
from forms.reports.figures import Figure, Figures, Way
from forms.values import HOME

_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


@dataclass(frozen=True, slots=True)
class Frozen:
    """The release whose figures a report gives: what is cited of it.

    `frozen_on` is the day its figures are of; not `approved`: somebody has still to decide on it.
    """

    number: int
    name: str
    digest: str
    frozen_on: date
    approved: bool = True


@dataclass(frozen=True)
class Setting:
    """Whose report of which period, and how firm its figures are.

    `place` is the name of the place, `province` that of its province with what it is (`tỉnh …`). `level` is
    the place's. `as_of` is the moment the figures are of, `pending` how many changes are not in them yet;
    `frozen` None = provisional figures. `groups` are the titles with the codes in each, in order.
    `ways` go from an indicator to the way to its target.
    """

    code: str
    place: str
    level: str
    province: str
    period: str
    today: date
    as_of: datetime | None = None
    pending: int = 0
    frozen: Frozen | None = None
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ways: Mapping[str, Way] = field(default_factory=dict)


def compose(description: Description, setting: Setting, figures: Figures) -> Report:
    """The report, ready to be written down."""
    wide = _tables(description, setting, figures)
    blocks = [*_opening(description, setting), *_numbered(description, setting, figures), *_source(setting)]
    signature = Signature(tuple(_filled(one, setting) for one in description.copies), description.signer)
    mark = "" if setting.frozen and setting.frozen.approved else wording.PROVISIONAL
    parts = [Part((*blocks, signature))]
    if wide:
        parts.append(Part(tuple(wide), across=True))
    return Report(_letterhead(description, setting), tuple(parts), mark)


def _filled(text: str, setting: Setting) -> str:
    named = {
        "place": setting.place,
        "province": setting.province,
        "period": wording.period_words(setting.period),
    }
    return text.format(**named, **{name.upper(): words.upper() for name, words in named.items()})


def _letterhead(description: Description, setting: Setting) -> Letterhead:
    at_home = setting.place if setting.level != "province" else setting.province.partition(" ")[2]
    named = wording.bare_name(at_home[:1].upper() + at_home[1:])
    return Letterhead(
        parent=_filled(description.parent, setting),
        office=_filled(description.office, setting),
        number=f"Số:        /{description.symbol}",
        place_and_day=f"{named}, ngày       tháng       năm {setting.today.year}",
        kind="BÁO CÁO",
        subject=_capital(_filled(description.subject, setting)),
        to=_filled(description.to, setting),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _opening(description: Description, setting: Setting) -> Iterator[Block]:
    basis = _filled(description.basis, setting)
    who = _capital(_office(description, setting))
    subject = _filled(description.subject, setting)
    yield Paragraph((Run(f"Thực hiện {basis}, {who} báo cáo {subject} như sau:"),))


def _office(description: Description, setting: Setting) -> str:
    """Who reports, as a sentence says it."""
    text = " ".join(description.office.split())
    if "{PLACE}" in text or "{PROVINCE}" in text:
        place = setting.place if "{PLACE}" in text else setting.province
        return f"Ủy ban nhân dân {place[:1].lower()}{place[1:]}"
    where = setting.province if description.level == "province" else setting.place
    return {
        "SỞ GIÁO DỤC VÀ ĐÀO TẠO": f"Sở Giáo dục và Đào tạo {where}",
        "TRUNG TÂM HỌC TẬP CỘNG ĐỒNG": f"Trung tâm học tập cộng đồng {where[:1].lower()}{where[1:]}",
    }.get(text, f"{text.capitalize()} {where}")


def _numbered(description: Description, setting: Setting, figures: Figures) -> Iterator[Block]:
    """The parts under Roman numbers, only those with something in them."""
    several: list[tuple[str, list[Block]]] = [
        ("Tình hình chung", list(_summary(setting, figures))),
        ("Kết quả thực hiện các chỉ tiêu", list(_results(setting, figures))),
        ("So sánh theo địa bàn", list(_by_place(description, figures))),
        ("Tiến độ thực hiện mục tiêu đến năm 2030", list(_over_time(description, setting, figures))),
        *((title, _room()) for title in description.blanks),
    ]
    for sign, (title, blocks) in zip(_ROMAN, (one for one in several if one[1]), strict=False):
        yield Heading(f"{sign}. {title.upper()}")
        yield from blocks


def _room() -> list[Block]:
    return [Blank("", 5)]


def _wanted(setting: Setting) -> Iterator[str]:
    return (code for _title, codes in setting.groups for code in codes)


def _summary(setting: Setting, figures: Figures) -> Iterator[Block]:
    held = [figures.held[code] for code in _wanted(setting) if code in figures.held]
    aimed = [one for one in held if one.target is not None]
    counts = Counter(one.status for one in aimed)
    told = ", ".join(
        f"{counts[status]} chỉ tiêu {wording.STATUS[status]}"
        for status in ("met", "on_way", "behind", "no_data")
        if counts[status]
    )
    valued = sum(1 for one in held if one.value is not None)
    sentence = f"Báo cáo có {sum(1 for _ in _wanted(setting))} chỉ tiêu, {valued} chỉ tiêu đã có số liệu."
    if aimed:
        sentence += f" Trong {len(aimed)} chỉ tiêu có mục tiêu định lượng của kế hoạch: {told}."
    yield Paragraph((Run(sentence),))
    lacking = [one for one in held if one.completeness is not None and one.completeness < 100]  # noqa: PLR2004
    if lacking:
        least = min(lacking, key=lambda one: one.completeness or 0)
        yield Paragraph((
            Run(
                f"Một số đơn vị chưa báo cáo đủ: {len(lacking)} chỉ tiêu còn thiếu phiếu, thấp nhất là "
                f"“{least.label}” (nhận {least.received} trên {least.expected} đơn vị). Tỷ lệ hoàn thành báo "
                "cáo của từng chỉ tiêu ghi tại Phụ lục I."
            ),
        ))


def _results(setting: Setting, figures: Figures) -> Iterator[Block]:
    columns = (
        Column("TT", 0.75, "center"),
        Column("Chỉ tiêu", 5),
        Column("Đơn vị", 1.4, "center"),
        Column("Kết quả", 1.5, "right"),
        Column("Kế hoạch", 1.7, "right"),
        Column("Còn thiếu", 1.4, "right"),
    )
    for title, codes in setting.groups:
        rows = [
            Row((
                Run(str(at)),
                Run(one.label),
                Run(one.unit),
                Run(wording.amount(one.value, one.unit), bold=True, link=one.href),
                Run(wording.aim(one)),
                Run(_missing(one)),
            ))
            for at, one in enumerate(filter(_says_something, _of(codes, figures)), start=1)
        ]
        if rows:
            yield Heading(title, 2)
            yield Table("", columns, tuple(rows))
    silent = sum(1 for code in _wanted(setting) if not _says_something(figures.held.get(code)))
    if silent:
        text = f"{silent} chỉ tiêu chưa có số liệu và không có mục tiêu định lượng ghi đủ tại Phụ lục I."
        yield Paragraph((Run(text),))


def _says_something(one: Figure | None) -> bool:
    """Whether there is a figure, or something that the plan demands."""
    return one is not None and (one.value is not None or one.target is not None)


def _of(codes: Iterable[str], figures: Figures) -> Iterator[Figure]:
    return (figures.held[code] for code in codes if code in figures.held)


def _missing(one: Figure) -> str:
    """How many more people or units; nothing where the target is met or unknown."""
    return wording.number(one.to_reach) if one.to_reach else ""


def _by_place(description: Description, figures: Figures) -> Iterator[Block]:
    drawn = [bars(figures.below.get(code, ())) for code in description.compared]
    found: list[Drawing] = [one for one in drawn if one is not None][:2]
    yield from found
    if any(figures.below.get(code) for code in description.compared):
        line = "; vạch đứng trên biểu đồ là chỉ tiêu kế hoạch" if found else ""
        yield Paragraph((Run(f"Kết quả của từng địa bàn ghi tại Phụ lục II{line}."),))


def _over_time(description: Description, setting: Setting, figures: Figures) -> Iterator[Block]:
    for code in description.charts:
        drawing = trend(figures.years.get(code, ()), setting.ways.get(code, Way()))
        if drawing is not None:
            yield drawing


def _source(setting: Setting) -> Iterator[Block]:
    frozen = setting.frozen
    if frozen is not None:
        text = (
            f"Số liệu trong báo cáo lấy từ bản số liệu số {frozen.number} “{frozen.name}”, chốt ngày "
            f"{frozen.frozen_on:%d/%m/%Y}, mã kiểm tra SHA-256: {frozen.digest}."
        )
        if not frozen.approved:
            waits = f"{_capital(wording.PROVISIONAL.lower())}: bản số liệu này đang chờ duyệt. "
            yield Paragraph((Run(waits, bold=True), Run(text, italic=True)), "note")
            return
        yield Paragraph((Run(text, italic=True),), "note")
        return
    moment = f"{setting.as_of.astimezone(HOME):%H:%M ngày %d/%m/%Y}" if setting.as_of else "khi lập báo cáo"
    pending = f"; còn {wording.number(setting.pending)} thay đổi chưa tính" if setting.pending else ""
    mark = _capital(wording.PROVISIONAL.lower())
    text = f"{mark}: tính đến {moment}{pending}; chưa chốt, có thể còn thay đổi."
    yield Paragraph((Run(text, bold=True),), "note")


# The tables at the end ------------------------------------------------------------------------------------

_FULL: Final = (
    Column("TT", 0.75, "center"),
    Column("Chỉ tiêu", 5),
    Column("Đơn vị tính", 1.3, "center"),
    Column("Tử số", 1.4, "right"),
    Column("Mẫu số", 1.4, "right"),
    Column("Kết quả", 1.4, "right"),
    Column("Chỉ tiêu kế hoạch", 1.6, "right"),
    Column("Còn thiếu (người, đơn vị)", 1.5, "right"),
    Column("Tỷ lệ hoàn thành báo cáo", 1.5, "right"),
    Column("Căn cứ", 3.4),
)


def _tables(description: Description, setting: Setting, figures: Figures) -> list[Block]:
    rows: list[Row] = []
    number = 0
    for title, codes in setting.groups:
        several = list(_of(codes, figures))
        if several:
            rows.append(Row((Run(title, bold=True),), title=True))
        for one in several:
            number += 1
            rows.append(Row(_full(number, one)))
    found: list[Block] = []
    if rows:
        found += [*_annex("Phụ lục I", "CÁC CHỈ TIÊU", setting), Table("", _FULL, tuple(rows))]
    found += _places(description, setting, figures)
    return found


def _annex(number: str, title: str, setting: Setting) -> Iterator[Block]:
    where = f"{setting.place}, {wording.period_words(setting.period)}"
    yield Paragraph((Run(f"{number}\n{title}", bold=True),), "center")
    yield Paragraph((Run(f"({where})", italic=True),), "center")


def _full(number: int, one: Figure) -> tuple[Run, ...]:
    share = one.completeness
    complete = f"{one.received}/{one.expected}\n({wording.number(share)} %)" if share is not None else ""
    until = f" (đến {one.deadline:%d/%m/%Y})" if one.deadline else ""
    part = "\n(các xã thuộc mục tiêu)" if one.of_part else ""
    return (
        Run(str(number)),
        Run(f"{one.label}{part}"),
        Run(one.unit),
        Run(wording.number(one.numerator) if one.denominator is not None else "", link=one.href),
        Run(wording.number(one.denominator) if one.denominator is not None else "", link=one.href),
        Run(wording.amount(one.value, one.unit), bold=True, link=one.href),
        Run(f"{wording.aim(one)}{until}" if one.target is not None else wording.NOTHING),
        Run(_missing(one)),
        Run(complete),
        Run(one.source),
    )


def _places(description: Description, setting: Setting, figures: Figures) -> Iterator[Block]:
    codes = [code for code in description.compared if figures.below.get(code)]
    if not codes:
        return
    first = {code: figures.below[code][0] for code in codes}
    names = {one.place: one.place_name for code in codes for one in figures.below[code]}
    by_place = {code: {one.place: one for one in figures.below[code]} for code in codes}
    columns = (
        Column("TT", 0.75, "center"),
        Column("Địa bàn", 3),
        *(Column(f"{first[code].label} ({first[code].unit})", 2, "right") for code in codes),
        Column("Báo cáo đã nhận", 1.4, "right"),
    )
    rows = tuple(
        Row((
            Run(str(at)),
            Run(name),
            *(_at(by_place[code].get(place)) for code in codes),
            Run(_received([by_place[code].get(place) for code in codes])),
        ))
        for at, (place, name) in enumerate(names.items(), start=1)
    )
    yield from _annex("Phụ lục II", "KẾT QUẢ THEO ĐỊA BÀN", setting)
    yield Table("", columns, rows)


def _at(one: Figure | None) -> Run:
    return Run(wording.NOTHING) if one is None else Run(wording.number(one.value), link=one.href)


def _received(several: Sequence[Figure | None]) -> str:
    """Of the indicators told, the one whose units have reported least."""
    found = [one for one in several if one is not None and one.expected]
    if not found:
        return ""
    least = min(found, key=lambda one: one.completeness or 0)
    return f"{least.received}/{least.expected}"
