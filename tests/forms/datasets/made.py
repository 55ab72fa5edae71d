"""A dataset made by hand: three households, their members and the members' courses, with all that is awkward.

Household 1 is complete; 2 left questions empty, has an age that cannot be read and a name that looks like a
formula; 3 refused, so that nothing inside was asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from forms.datasets.description import Dataset, Kind, Pii, Table, Value, Variable
from forms.datasets.material import Correction, Excluded, Material, Origin
from forms.datasets.spool import Spool

TAKEN_AT: Final = datetime(2026, 8, 21, 2, 0, tzinfo=UTC)
HOUSEHOLDS: Final = tuple(f"uuid:{n}0000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))

_YES_NO = (
    Value("1", {"vi": "Có", "en": "Yes"}),
    Value("0", {"vi": "Không", "en": "No"}),
    Value("9", {"vi": "Từ chối trả lời", "en": "Refused"}, missing=True),
)
_SEX = (Value("1", {"vi": "Nam", "en": "Male"}), Value("2", {"vi": "Nữ", "en": "Female"}))
_ETHNIC = (
    Value("01", {"vi": "Kinh", "en": "Kinh"}),
    Value("08", {"vi": "Mông", "en": "Hmong"}),
    Value("98", {"vi": "Không biết", "en": "Don't know"}, missing=True),
)
_TONGUES = (
    Value("vie", {"vi": "Tiếng Việt", "en": "Vietnamese"}),
    Value("hmn", {"vi": "Tiếng Mông", "en": "Hmong"}),
    Value("tha", {"vi": "Tiếng Thái", "en": "Thai"}),
)
_STATES = (
    Value("received", {"vi": "Chưa duyệt", "en": "Received"}),
    Value("approved", {"vi": "Đã duyệt", "en": "Approved"}),
)
_MEMBERS = ({"vi": "Thành viên trong hộ", "en": "Members"},)
_COURSES = (*_MEMBERS, {"vi": "Các lớp đã học", "en": "Courses"})


def _ours(
    name: str, vi: str, kind: Kind = "text", role: str = "", pii: Pii = "none", **more: Any
) -> Variable:
    return Variable(name, kind, labels={"vi": vi, "en": name}, role=role, pii=pii, **more)


_KEYS = (_ours("KEY", "Mã phiếu", role="receipt"),)
_REPEAT_KEYS = (
    _ours("KEY", "Mã dòng", role="receipt"),
    _ours("PARENT_KEY", "Mã dòng cha", role="receipt"),
    _ours("n", "Số thứ tự", "whole", role="receipt"),
)
_PLACES = (
    _ours("province_code", "Mã tỉnh", role="place"),
    _ours("province", "Tỉnh", role="place"),
    _ours("commune_code", "Mã xã", role="place"),
    _ours("commune", "Xã", role="place"),
    _ours("village_code", "Mã thôn, bản", role="place", pii="indirect"),
    _ours("village", "Thôn, bản", role="place", pii="indirect"),
)
_RECEIPT = (
    _ours("SubmissionDate", "Thời điểm nhận", "moment", role="receipt"),
    _ours("FormVersion", "Phiên bản mẫu phiếu", role="receipt"),
    _ours("ReviewState", "Tình trạng duyệt", "code", role="review", values=_STATES),
    _ours("SubmitterName", "Người gửi", role="submitter", pii="direct"),
    _ours("DeviceID", "Thiết bị", role="device", pii="direct"),
    _ours("Edits", "Số lần sửa", "whole", role="receipt"),
)


def _asked(path: str, kind: Kind, vi: str, en: str, pii: Pii = "none", **more: Any) -> Variable:
    return Variable(
        path.rpartition("/")[2],
        kind,
        path,
        {"vi": vi, "en": en},
        pii=pii,
        **{"first": "2026010100", "last": "2026060100"} | more,
    )


def _part(whole: str, code: str, vi: str, path: str) -> Variable:
    return Variable(
        f"{whole}_{code}",
        "decimal",
        path,
        {"vi": f"Vị trí nhà: {vi}", "en": f"Location: {code}"},
        pii="direct",
        role=code,
        part_of=whole,
        first="2026010100",
        last="2026060100",
    )


def _flags(whole: Variable) -> tuple[Variable, ...]:
    return tuple(
        Variable(
            f"{whole.name}__{value.code}",
            "flag",
            whole.path,
            {language: f"{whole.labels[language]}: {value.labels[language]}" for language in ("vi", "en")},
            pii=whole.pii,
            part_of=whole.name,
            code=value.code,
            group=whole.group,
            relevant=whole.relevant,
            first=whole.first,
            last=whole.last,
        )
        for value in whole.values
    )


_TONGUE = _asked(
    "/member/tongues",
    "codes",
    "Nói được tiếng nào",
    "Languages spoken",
    values=_TONGUES,
    group=_MEMBERS,
    relevant="${age} >= 3",
)

ROOT: Final = Table(
    "ho_gia_dinh",
    "",
    None,
    (
        *_KEYS,
        *_PLACES,
        _asked("/visited_on", "date", "Ngày điều tra", "Date of visit", role="date", required="yes"),
        _asked("/started_at", "time", "Giờ bắt đầu", "Time of start"),
        _asked("/consent", "code", "Hộ có đồng ý trả lời không?", "Consent", values=_YES_NO, required="yes"),
        _asked(
            "/head_name", "text", "Họ và tên chủ hộ", "Name of the head", "direct", relevant="${consent} = 1"
        ),
        *(
            _part("house", code, vi, "/house")
            for code, vi in (
                ("latitude", "vĩ độ"),
                ("longitude", "kinh độ"),
                ("altitude", "độ cao"),
                ("accuracy", "sai số"),
            )
        ),
        _asked(
            "/income",
            "decimal",
            "Thu nhập bình quân (triệu đồng)",
            "Income (million dong)",
            "sensitive",
            constraint=". >= 0",
            relevant="${consent} = 1",
        ),
        _asked("/note", "text", "Ghi chú", "Note", "", last="2026010100"),
        *_RECEIPT,
    ),
    {"vi": "Hộ gia đình", "en": "Household"},
)
MEMBER: Final = Table(
    "member",
    "/member",
    "",
    (
        *_REPEAT_KEYS,
        *_PLACES,
        _asked("/member/name", "text", "Họ và tên", "Name", "direct", role="person", group=_MEMBERS),
        _asked("/member/sex", "code", "Giới tính", "Sex", "indirect", values=_SEX, group=_MEMBERS),
        _asked("/member/age", "whole", "Tuổi", "Age", "indirect", group=_MEMBERS, constraint=". < 120"),
        _asked("/member/ethnic", "code", "Dân tộc", "Ethnicity", "indirect", values=_ETHNIC, group=_MEMBERS),
        _TONGUE,
        *_flags(_TONGUE),
    ),
    {"vi": "Thành viên", "en": "Member"},
)
COURSE: Final = Table(
    "course",
    "/member/course",
    "/member",
    (
        *_REPEAT_KEYS,
        *_PLACES,
        _asked("/member/course/title", "text", "Tên lớp", "Course", group=_COURSES),
        _asked("/member/course/hours", "decimal", "Số giờ", "Hours", group=_COURSES),
    ),
    {"vi": "Lớp học", "en": "Course"},
)


def made_dataset() -> Dataset:
    """The description: a root, a repeat, and a repeat in it."""
    return Dataset(
        "ho_gia_dinh",
        "Phiếu hộ gia đình",
        (ROOT, MEMBER, COURSE),
        versions=("2026010100", "2026060100"),
        languages=("vi", "en"),
    )


_PLACE = {
    "province_code": "11",
    "province": "Điện Biên",
    "commune_code": "03127",
    "commune": "Xã Mường Lài",
    "village_code": "03127-001",
    "village": "Bản Nà Sự",
}


def _received(day: int, state: str, edits: int) -> dict[str, Any]:
    return {
        "SubmissionDate": datetime(2026, 8, day, 3, 4, 5, 678_000, UTC),
        "FormVersion": "2026060100",
        "ReviewState": state,
        "SubmitterName": "Lò Thị Mai",
        "DeviceID": "collect:Zx81",
        "Edits": edits,
    }


_ROOT_ROWS: tuple[dict[str, Any], ...] = (
    {
        "KEY": HOUSEHOLDS[0],
        **_PLACE,
        "visited_on": date(2026, 8, 1),
        "started_at": "07:30:00",
        "consent": "1",
        "head_name": "Vàng A Sùng",
        "house_latitude": 21.3862,
        "house_longitude": 103.0163,
        "house_altitude": 480.5,
        "house_accuracy": 4.0,
        "income": 1.25,
        "note": 'Nhà ở đầu bản,\nhỏi "trưởng bản"',
        **_received(1, "approved", 0),
    },
    {
        "KEY": HOUSEHOLDS[1],
        **_PLACE,
        "village_code": "03127-002",
        "village": "Bản Pú Tửu",
        "visited_on": date(2026, 8, 2),
        "consent": "1",
        "head_name": "=1+1",
        "__blank": "started_at,income",
        **_received(2, "received", 2),
    },
    {
        "KEY": HOUSEHOLDS[2],
        **_PLACE,
        "village_code": None,
        "village": None,
        "visited_on": date(2026, 8, 3),
        "started_at": "16:05:00",
        "consent": "9",
        **_received(3, "received", 0),
    },
)


def _row(parent: str, repeat: str, number: int, place: Mapping[str, Any], **answers: Any) -> dict[str, Any]:
    at = {name: place[name] for name in _PLACE}
    return {"KEY": f"{parent}/{repeat}[{number}]", "PARENT_KEY": parent, "n": number, **at, **answers}


_FIRST, _SECOND = HOUSEHOLDS[:2]
_MEMBER_ROWS = (
    _row(
        _FIRST,
        "member",
        1,
        _ROOT_ROWS[0],
        name="Vàng A Sùng",
        sex="1",
        age=41,
        ethnic="08",
        tongues="vie hmn",
        tongues__vie=1,
        tongues__hmn=1,
        tongues__tha=0,
    ),
    _row(
        _FIRST,
        "member",
        2,
        _ROOT_ROWS[0],
        name="Giàng Thị Dợ",
        sex="2",
        age=39,
        ethnic="98",
        tongues="hmn",
        tongues__vie=0,
        tongues__hmn=1,
        tongues__tha=0,
    ),
    _row(_FIRST, "member", 3, _ROOT_ROWS[0], name="Vàng Thị Chư", sex="2", age=2, ethnic="08"),
    _row(
        _SECOND,
        "member",
        1,
        _ROOT_ROWS[1],
        name="Lò Văn Ón",
        sex="1",
        __unreadable='{"age":"bốn mươi"}',
        ethnic="01",
        __blank="tongues",
    ),
)
_COURSE_ROWS = (
    _row(_MEMBER_ROWS[0]["KEY"], "course", 1, _ROOT_ROWS[0], title="Xóa mù chữ kỳ 1", hours=120.0),
    _row(_MEMBER_ROWS[0]["KEY"], "course", 2, _ROOT_ROWS[0], title="Chăn nuôi", hours=7.5),
    _row(_MEMBER_ROWS[3]["KEY"], "course", 1, _ROOT_ROWS[1], title="Tin học", __blank="hours"),
)

ROWS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "": _ROOT_ROWS,
    "/member": _MEMBER_ROWS,
    "/member/course": _COURSE_ROWS,
}
"""Rows by path of the table; a name that is not there is an empty cell."""


def made_spool(folder: Path, dataset: Dataset | None = None) -> Spool:
    """The rows in a spool under `folder`, which is made; of another dataset the columns of these names."""
    folder.mkdir(parents=True, exist_ok=True)
    spool = Spool(folder, dataset or made_dataset())
    for table in spool.dataset.tables:
        rows = ROWS.get(table.path, ())
        names = [*table.by_name, "__blank", "__unreadable"]
        with spool.writer(table) as sink:
            sink.add({name: [row.get(name) for row in rows] for name in names}, len(rows))
    return spool


def made_origin(language: str = "vi") -> Origin:
    """Where the rows come from; two corrections, one of them of an answer nobody may see."""
    corrections = (
        Correction(
            _MEMBER_ROWS[0]["KEY"],
            "member",
            "age",
            "14",
            "41",
            datetime(2026, 8, 5, 1, 0, tzinfo=UTC),
            "Nguyễn Văn Ba",
            "Đảo chữ số",
        ),
        Correction(
            HOUSEHOLDS[1],
            "ho_gia_dinh",
            "head_name",
            None,
            None,
            datetime(2026, 8, 6, 1, 0, tzinfo=UTC),
            "Nguyễn Văn Ba",
            "Sai tên",
        ),
    )
    return Origin(
        "Điều tra xóa mù chữ 2026",
        "Sở Giáo dục và Đào tạo tỉnh Điện Biên",
        "Xã Mường Lài",
        TAKEN_AT,
        language,
        asked={"Kỳ điều tra": "Tháng 8 năm 2026"},
        received=4,
        counts={"ho_gia_dinh": 3, "member": 4, "course": 3},
        excluded=(Excluded("Phiếu đã xóa", 1),),
        corrections=lambda: corrections,
    )


def made_material(folder: Path, language: str = "vi") -> Material:
    """All a writer is handed; its folder is `folder`/work."""
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    return Material(made_spool(folder / "spool"), made_origin(language), work)
