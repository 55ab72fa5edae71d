"""⑨ Figures as a dataset of one table, a row for each cell, with the concepts of SDMX as its columns.

Source: the long table of peers.md §3.3; SDMX-CSV 2.0.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from forms.datasets.description import KEY, Dataset, Kind, Table, Value, Variable
from forms.datasets.material import Material, Progress
from forms.exports.figures import SDMX_COLUMNS, STRUCTURE

_COLUMNS: Final[Sequence[tuple[str, Kind, str, str]]] = (
    (KEY, "text", "Mã dòng", "Key"),
    ("INDICATOR", "text", "Mã chỉ tiêu", "Indicator code"),
    ("INDICATOR_NAME", "text", "Chỉ tiêu", "Indicator"),
    ("REF_AREA", "text", "Mã đơn vị", "Place code"),
    ("REF_AREA_NAME", "text", "Đơn vị", "Place"),
    ("LEVEL", "code", "Cấp", "Level"),
    ("PARENT", "text", "Mã đơn vị cấp trên", "Code of the place around"),
    ("PARENT_NAME", "text", "Đơn vị cấp trên", "Place around"),
    ("FREQ", "code", "Loại kỳ", "Frequency"),
    ("TIME_PERIOD", "text", "Kỳ báo cáo", "Period"),
    ("BREAKDOWN", "text", "Phân tổ theo", "Broken down by"),
    ("BREAKDOWN_VALUE", "text", "Phân tổ", "Part"),
    ("SEX", "code", "Giới tính", "Sex"),
    ("AGE", "text", "Độ tuổi", "Age"),
    ("OBS_VALUE", "decimal", "Giá trị", "Value"),
    ("UNIT_MEASURE", "text", "Đơn vị tính", "Unit"),
    ("UNIT_MULT", "whole", "Bội số đơn vị (lũy thừa của 10)", "Unit multiplier (power of 10)"),
    ("NUMERATOR", "decimal", "Tử số", "Numerator"),
    ("DENOMINATOR", "decimal", "Mẫu số", "Denominator"),
    ("TARGET", "decimal", "Chỉ tiêu kế hoạch", "Target"),
    ("COMPARISON", "text", "So sánh", "Comparison"),
    ("DEADLINE", "date", "Hạn của chỉ tiêu", "Deadline of the target"),
    ("TARGET_PLAN", "text", "Kế hoạch", "Plan"),
    ("TARGET_SOURCE", "text", "Căn cứ của chỉ tiêu", "Source of the target"),
    ("TO_REACH", "decimal", "Còn thiếu", "Still to reach"),
    ("EXPECTED", "whole", "Số đơn vị phải báo cáo", "Units expected"),
    ("RECEIVED", "whole", "Số đơn vị đã báo cáo", "Units received"),
    ("PROGRESS", "code", "Tiến độ", "Progress"),
    ("OBS_STATUS", "code", "Trạng thái số liệu", "Status of the value"),
    ("CONF_STATUS", "code", "Mức công khai", "Confidentiality"),
    ("APPROVAL", "code", "Xác nhận", "Approval"),
)

_VALUES: Final[Mapping[str, Sequence[tuple[str, str, str]]]] = {
    "LEVEL": (
        ("country", "Cả nước", "Country"),
        ("province", "Tỉnh", "Province"),
        ("commune", "Xã", "Commune"),
        ("village", "Thôn, bản", "Village"),
    ),
    "FREQ": (
        ("M", "Tháng", "Month"),
        ("Q", "Quý", "Quarter"),
        ("S", "Nửa năm", "Half year"),
        ("A", "Năm", "Year"),
        ("A2", "Năm học", "School year"),
    ),
    "SEX": (
        ("_T", "Chung", "Total"),
        ("M", "Nam", "Male"),
        ("F", "Nữ", "Female"),
        ("_U", "Không rõ", "Not known"),
    ),
    "PROGRESS": (
        ("met", "Đạt", "Met"),
        ("on_way", "Đúng tiến độ", "On the way"),
        ("behind", "Chậm", "Behind"),
        ("no_data", "Chưa có số liệu", "No data"),
    ),
    "OBS_STATUS": (
        ("A", "Bình thường", "Normal"),
        ("P", "Tạm thời: còn đơn vị chưa báo cáo", "Provisional: units have still to report"),
        ("O", "Không có số liệu", "Missing"),
    ),
    "CONF_STATUS": (
        ("F", "Công khai", "Free"),
        ("C", "Ẩn: quá ít người", "Hidden: too few persons"),
    ),
    "APPROVAL": (
        ("open", "Chưa xác nhận", "Open"),
        ("confirmed", "Đã xác nhận", "Confirmed"),
        ("locked", "Đã khóa", "Locked"),
    ),
}


def figure_dataset(title: str, version: str) -> Dataset:
    """The description; `version` names the definitions the figures rest on."""
    variables = tuple(
        Variable(
            name,
            kind,
            labels={"vi": vi, "en": en},
            pii="none",
            role="place" if name in {"REF_AREA", "REF_AREA_NAME"} else "",
            values=tuple(Value(code, {"vi": v, "en": e}) for code, v, e in _VALUES.get(name, ())),
        )
        for name, kind, vi, en in _COLUMNS
    )
    labels = {"vi": "Chỉ tiêu", "en": "Figures"}
    return Dataset(
        "figures", title, (Table("figures", "", None, variables, labels),), (version,), ("vi", "en")
    )


def write_sdmx(material: Material, path: Path, progress: Progress) -> None:
    """The figures as SDMX-CSV 2.0 at `path`; the columns of SDMX first, then what else is said of a cell."""
    spool = material.spool
    table = spool.dataset.root
    names = list(SDMX_COLUMNS[3:])
    names += [one.name for one in table.variables if one.name not in {*names, KEY}]
    total, done = spool.count(table), 0
    with path.open("wb") as file:
        file.write(_lines([("STRUCTURE", "STRUCTURE_ID", "ACTION", *names)]))
        for batch in spool.batches(table, names):
            columns = (batch.column(name).to_pylist() for name in names)
            rows = zip(*columns, strict=True)
            file.write(_lines(("dataflow", STRUCTURE, "I", *map(_text, row)) for row in rows))
            done += batch.num_rows
            progress(done, total)


def _lines(rows: Any) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(errors="replace")


def _text(value: Any) -> Any:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else value
