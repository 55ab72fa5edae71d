"""⑨ The formats a dataset can be had in. A new one is a file of this package and a line here.

Writers are imported when they write: a web process lists formats and never needs their libraries.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Final

from forms.datasets.material import Format, Material, Progress

ZIP: Final = "application/zip"


def _format(code: str, ending: str, content_type: str, writer: str) -> Format:
    """A format whose writer is `module.function` of this package."""
    module, _, function = writer.partition(".")

    def write(material: Material, path: Path, progress: Progress) -> None:
        getattr(import_module(f"{__package__}.{module}"), function)(material, path, progress)

    return Format(code, ending, content_type, write)


FORMATS: Final[Mapping[str, Format]] = MappingProxyType({
    one.code: one
    for one in (
        _format(
            "xlsx",
            ".xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "excel.write_xlsx",
        ),
        _format("csv", ".csv.zip", ZIP, "csv_files.write_csv"),
        _format("parquet", ".parquet.zip", ZIP, "parquet.write_parquet"),
        _format("sav", ".sav.zip", ZIP, "spss.write_sav"),
        _format("dta", ".dta.zip", ZIP, "stata.write_dta"),
        _format("geojson", ".geojson", "application/geo+json", "geo.write_geojson"),
    )
})
"""Code to format, in the order they are offered."""
