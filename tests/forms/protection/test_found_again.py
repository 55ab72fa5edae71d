"""People looked for in finished files: as stored they are found, de-identified they are not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from forms.datasets.formats.catalogue import FORMATS
from forms.datasets.material import Material, Origin, Style
from forms.protection.policy import Policy, Protection
from forms.protection.protecting import protect
from tests.forms.protection.crowd import drawn, spooled, told
from tests.proofs.found_again import Secrets, leaks

TAKEN_AT = datetime(2026, 12, 15, 2, 0, tzinfo=UTC)


def found(folder: Path, protection: Protection) -> list[str]:
    """Where people of the crowd stand in a CSV archive."""
    spool = spooled(folder / "before", drawn(12))
    made = protect(spool, Policy(protection), b"k" * 32, {}, folder / "after")
    secrets = Secrets(texts={"Lò Thị Mai", "collect:"})
    for row in told(spool)[""]:
        secrets.ids |= {row["hh_id"].encode(), row["KEY"].removeprefix("uuid:").encode()}
        secrets.texts |= {row["phone"], row["head_name"]}
        secrets.point(f"{row['gps_latitude']} {row['gps_longitude']}")
    secrets.names |= {"Giàng Thị Dợ"}
    origin = Origin("Điều tra", "Sở GDĐT", "Tỉnh", TAKEN_AT, "vi", protection=made.protection)
    (folder / "work").mkdir()
    path = folder / f"phieu{FORMATS['csv'].ending}"
    material = Material(made.spool, origin, folder / "work", Style("codes"))
    FORMATS["csv"].write(material, path, lambda _done, _all: None)
    return leaks([path], secrets)


def test_as_stored_they_are_found_and_deidentified_they_are_not(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()

    assert len(found(tmp_path / "1", "none")) > 10
    assert found(tmp_path / "2", "deidentified") == []
