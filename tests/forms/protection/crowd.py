"""A survey of households drawn by dice, with a question for every rule of protection."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from forms.datasets.description import Dataset, Kind, Pii, Table, Value, Variable
from forms.datasets.spool import Spool

SEX: Final = (Value("1", {"vi": "Nam"}), Value("2", {"vi": "Nữ"}))
ETHNIC: Final = tuple(
    Value(code, {"vi": name}) for code, name in (("01", "Kinh"), ("08", "Mông"), ("17", "Si La"))
)
YES: Final = (Value("1", {"vi": "Có"}), Value("0", {"vi": "Không"}))
TOPICS: Final = (Value("xmc", {"vi": "Xóa mù chữ"}), Value("it", {"vi": "Tin học"}))


def _ours(name: str, kind: Kind = "text", role: str = "receipt", pii: Pii = "none") -> Variable:
    return Variable(name, kind, labels={"vi": name}, role=role, pii=pii)


def _asked(name: str, kind: Kind, pii: Pii, table: str = "", **more: Any) -> Variable:
    return Variable(name, kind, f"{table}/{name}", {"vi": f"Câu {name}"}, pii=pii, **more)


def _worked_out(name: str, pii: Pii, table: str = "", **more: Any) -> Variable:
    return Variable(name, "text", f"{table}/{name}", pii=pii, **more)


_PLACES = tuple(
    _ours(name, role="place")
    for name in ("province_code", "province", "commune_code", "commune", "village_code", "village")
)
ROOT: Final = Table(
    "household",
    "",
    None,
    (
        _ours("KEY"),
        *_PLACES,
        _asked("start", "moment", "none"),
        _asked("today", "date", "none", role="date"),
        _asked("deviceid", "text", "indirect"),
        _worked_out("commune_name", "none"),
        _worked_out("hh_village_code", "indirect"),
        _worked_out("legacy_commune", "indirect"),
        _worked_out("hh_id", "direct", role="household"),
        _asked("head_name", "text", "direct"),
        _asked("phone", "text", "direct"),
        _asked("head_birth_year", "whole", "indirect"),
        _asked("poor", "code", "sensitive", values=YES),
        _asked("power", "code", "indirect", values=YES),
        _asked("minutes", "whole", "indirect"),
        _asked("remarks", "text", ""),
        _asked("mystery", "code", "", values=YES),
        *(
            Variable(f"gps_{part}", "decimal", "/gps", {"vi": part}, pii="direct", role=part, part_of="gps")
            for part in ("latitude", "longitude", "altitude", "accuracy")
        ),
        _ours("SubmissionDate", "moment"),
        _ours("SubmitterName", role="submitter", pii="direct"),
        _ours("DeviceID", role="device", pii="direct"),
    ),
)
_IN = "/member"
MEMBER: Final = Table(
    "member",
    "/member",
    "",
    (
        _ours("KEY"),
        _ours("PARENT_KEY"),
        _ours("n", "whole"),
        *_PLACES,
        _worked_out("m_name", "direct", _IN),
        _worked_out("m_sex", "indirect", _IN),
        _worked_out("m_birth_year", "indirect", _IN),
        _worked_out("m_age", "indirect", _IN),
        _asked("m_ethnic", "code", "sensitive", _IN, values=ETHNIC),
        _asked("m_school", "code", "indirect", _IN, values=YES),
        _asked("topics", "codes", "indirect", _IN, values=TOPICS),
        *(
            Variable(
                f"topics__{one.code}",
                "flag",
                "/member/topics",
                one.labels,
                pii="indirect",
                part_of="topics",
                code=one.code,
            )
            for one in TOPICS
        ),
        _worked_out("lit_status", "sensitive", _IN),
        _worked_out("learner_uuid", "direct", _IN, role="person"),
        _worked_out("x_village_code", "indirect", _IN),
    ),
)


def dataset() -> Dataset:
    """The description of the survey."""
    return Dataset("hh", "Phiếu hộ", (ROOT, MEMBER), languages=("vi",))


def drawn(households: int, communes: int = 3, seed: int = 1) -> Mapping[str, list[dict[str, Any]]]:
    """Rows of so many households, by path of the table."""
    dice = random.Random(seed)  # noqa: S311 - answers, no secrets
    rows: dict[str, list[dict[str, Any]]] = {"": [], "/member": []}
    keys = sorted(f"uuid:{_uuid(dice)}" for _ in range(households))
    for number, key in enumerate(keys):
        commune = number % communes
        village = f"0{commune}999-{dice.randint(1, 4):03d}"
        home = _home(dice, number, key, commune, village)
        rows[""].append(home)
        for turn in range(1, dice.randint(1, 6)):
            rows["/member"].append(_member(dice, home, turn, village))
    return rows


def _uuid(dice: random.Random) -> str:
    digits = f"{dice.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _home(dice: random.Random, number: int, key: str, commune: int, village: str) -> dict[str, Any]:
    day = date(2026, 7, 1) + timedelta(days=number % 40)
    return {
        "KEY": key,
        "province_code": "11",
        "province": "Điện Biên",
        "commune_code": f"0{commune}999",
        "commune": f"Xã Số {commune}",
        "village_code": village,
        "village": f"Bản {village[-1]} {commune}",
        "start": datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC),
        "today": day,
        "deviceid": f"collect:phone{village}",
        "commune_name": f"Xã Số {commune}",
        "hh_village_code": village,
        "legacy_commune": f"1{commune}00{int(village[-1]) % 2}",
        "hh_id": _uuid(dice),
        "head_name": f"Vàng A Sùng {number}",
        "phone": f"09{number:08d}",
        "head_birth_year": dice.randint(1940, 2000),
        "poor": dice.choice("10"),
        "power": dice.choice("10"),
        "minutes": dice.randint(0, 180),
        "remarks": f"nhà ông Sùng {number}",
        "mystery": dice.choice("10"),
        "gps_latitude": 21 + number / 1000 + 0.0003,
        "gps_longitude": 103 + number / 1000 + 0.0007,
        "gps_altitude": 500.25,
        "gps_accuracy": 4.5,
        "SubmissionDate": datetime(2026, 8, 31, 18, 0, tzinfo=UTC),
        "SubmitterName": "Lò Thị Mai",
        "DeviceID": "collect:Zx81",
        "__blank": "remarks,power",
        "__unreadable": '{"minutes":"Vàng A Sùng"}' if number == 0 else None,
    }


def _member(dice: random.Random, home: Mapping[str, Any], turn: int, village: str) -> dict[str, Any]:
    born = dice.randint(1930, 2025)
    topics = dice.choice([None, "xmc", "it", "xmc it"])
    places = {one.name: home[one.name] for one in _PLACES}
    return {
        "KEY": f"{home['KEY']}/member[{turn}]",
        "PARENT_KEY": home["KEY"],
        "n": turn,
        **places,
        "m_name": f"Giàng Thị Dợ {home['phone']} {turn}",
        "m_sex": dice.choice("12"),
        "m_birth_year": str(born),
        "m_age": str(2026 - born),
        "m_ethnic": dice.choices(("01", "08", "17"), (50, 48, 2))[0],
        "m_school": dice.choice("10"),
        "topics": topics,
        "topics__xmc": None if topics is None else int("xmc" in topics),
        "topics__it": None if topics is None else int("it" in topics),
        "lit_status": dice.choice(["m1", "m2", ""]) or None,
        "learner_uuid": _uuid(dice),
        "x_village_code": village,
    }


def spooled(
    folder: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]], described: Dataset | None = None
) -> Spool:
    """The rows in a spool in `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    spool = Spool(folder, described or dataset())
    for table in spool.dataset.tables:
        several = rows.get(table.path, ())
        with spool.writer(table) as sink:
            names = [*table.by_name, "__blank", "__unreadable"]
            sink.add({name: [row.get(name) for row in several] for name in names}, len(several))
    return spool


def told(spool: Spool) -> dict[str, list[dict[str, Any]]]:
    """The rows of a spool, by path of the table."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for table in spool.dataset.tables:
        for batch in spool.batches(table):
            found[table.path] += batch.to_pylist()
    return found
