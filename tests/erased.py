"""A household as a phone sends it, its administrator, and what lies of it on the disk."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from sqlalchemy import select

from collector.actions import record_names
from collector.actions.erasing import Done, Erasing
from collector.actions.erasure_targets import Target
from collector.actions.web_drafts import WebDrafts
from collector.clock import moment
from storage.audits import acting
from storage.database import db
from storage.erasing.tombstones import Order
from storage.models import SubmissionVersion
from storage.queries.submissions import stored_xml
from tests.kept import lying, rows, stored_files
from tests.office import GivenPhone, Office

FORM = """
| survey |
| | type | name | label | pii | unit | save_to |
| | text | head | Chủ hộ | direct | | head |
| | text | tel | Điện thoại | direct | | |
| | text | remarks | Ghi chú | | | |
| | begin_repeat | member | Người | | | |
| | text | m_name | Tên | direct | | |
| | integer | m_age | Tuổi | indirect | | |
| | image | m_photo | Ảnh | sensitive | | |
| | end_repeat | | | | | |
| settings |
| | form_id | version | instance_name |
| | NAME | 1 | Hộ ${head} |
| entities |
| | list_name | label |
| | l_NAME | ${head} |
"""
PAO, MAI, LENH = "Giàng A Páo", "Vàng Thị Mai", "Thào Seo Lềnh"
GROUND = "Luật 91/2025/QH15, yêu cầu số 12 ngày 03/02/2026"
PHOTO = b"\xff\xd8\xff\xe0 photo of somebody " + bytes(range(200))


class Household:
    """A survey of its own in an office, and what its phone sends."""

    def __init__(self, office: Office, phone: GivenPhone, name: str) -> None:
        self.office, self.phone, self.name = office, phone, name
        self.form = office.publish(FORM.replace("NAME", name))

    def xml(
        self, instance_id: str, *members: str, head: str = PAO, replaces: str = "", said: str = ""
    ) -> bytes:
        """A filled form; each member has a photo called after his place."""
        people = "".join(
            f"<member><m_name>{one}</m_name><m_age>{30 + at}</m_age>"
            f"<m_photo>{instance_id[5:]}_{at}.jpg</m_photo></member>"
            for at, one in enumerate(members)
        )
        before = f"<deprecatedID>{replaces}</deprecatedID>" if replaces else ""
        uuid = f"{abs(hash(instance_id)) % 16**12:012x}"
        entity = (
            f'<entity xmlns="http://www.opendatakit.org/xforms/entities" dataset="l_{self.name}" create="1"'
            f' id="00000000-0000-4000-8000-{uuid}"><label>{head}</label></entity>'
        )
        meta = f"{before}<instanceID>{instance_id}</instanceID><instanceName>Hộ {head}</instanceName>"
        return (
            f'<data id="{self.name}" version="1"><meta>{meta}{"" if replaces else entity}</meta>'
            f"<head>{head}</head><tel>0912345678</tel><remarks>{said}</remarks>{people}</data>"
        ).encode()

    def send(self, xml: bytes, **photos: bytes) -> int:
        """What the phone is answered."""
        parts: dict[str, Any] = {
            f"{name}.jpg": (io.BytesIO(data), f"{name}.jpg") for name, data in photos.items()
        }
        parts["xml_submission_file"] = (io.BytesIO(xml), "s.xml")
        answer = self.office.client().post(
            f"{self.phone.path}/submission", data=parts, headers={"X-OpenRosa-Version": "1.0"}
        )
        with self.office.app.app_context():
            record_names.keep_up(moment())
        return answer.status_code

    def erase(self, *targets: Target, said: str = "", ground: str = GROUND) -> Done:
        """The administrator erases."""
        parts = self.office.parts
        with self.office.app.app_context(), acting(self.office.admin_id, moment()):
            erasing = Erasing(parts.blobs, parts.shelf, WebDrafts(parts.vault, parts.blobs))
            return erasing.erase(1, targets, Order(ground, self.office.admin_id, moment()), said)

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """The answers, table by table."""
        return {path: rows(self.office, self.form, path) for path in ("", "/member")}


def stored_bytes(office: Office) -> bytes:
    """All that lies in the database's files (of SQLite), in the folder of files or in the bucket."""
    with office.app.app_context():
        url = db.engine.url
        found = (
            []
            if url.drivername.startswith("postgresql")
            else sorted(Path(url.database or "").parent.glob("*"))
        )
    found += sorted(office.settings.home.rglob("*"))
    in_bucket = not office.settings.blobs_url.startswith("file:")
    stored = [lying(office, name) for name in stored_files(office)] if in_bucket else []
    return b"".join([*(one.read_bytes() for one in found if one.is_file()), *stored])


def xml_of(house: Household, instance_id: str) -> str:
    """The XML of a version as it is stored now."""
    with house.office.app.app_context():
        number = (
            db
            .session()
            .scalars(select(SubmissionVersion.id).where(SubmissionVersion.instance_id == instance_id))
            .one()
        )
        data, _blob = stored_xml(db.session(), number)
        return (data or b"").decode()
