"""The public keys of encrypted forms: which lie on records, and whether phones could use one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from forms.xform import read_schema
from storage.models import Form
from storage.queries import encrypted, forms


def keys_of(session: Session, form: Form, *, draft: bool) -> list[tuple[int, str, datetime]]:
    """Number, key (base64) and day of each key live records were encrypted with, newest first.

    The number is that of the first version of the form that had it.
    """
    found: dict[str, tuple[int, str, datetime]] = {}
    for version in encrypted.key_versions(session, form.id, draft=draft):
        public = read_schema(forms.version_xml(session, version.id)).encryption_key
        if public:
            found[public] = (version.id, public, version.created_at)
    return list(found.values())
