"""What of a survey a browser cannot do, said question by question to whoever keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.actions.web_forms import unpacked
from forms.remarks import Remark
from forms.webform import Lack, lacking
from storage.database import db
from storage.queries import forms, web_forms


@dataclass(frozen=True)
class Lacking:
    """The lacks of a version: `hard` ones, for which the app is needed, and those one can live with."""

    hard: Sequence[Remark]
    soft: Sequence[Remark]

    def __bool__(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.hard or self.soft)


def lacking_of(version_id: int) -> Lacking:
    """The lacks of a version, draft or published: as they were kept with it, else worked out now."""
    session = db.session()
    kept = web_forms.kept(session, version_id)
    found: Sequence[Lack]
    found = unpacked(kept).told if kept else lacking(forms.version_xml(session, version_id))
    return Lacking(
        [one.remark() for one in found if one.hard],
        [one.remark() for one in found if not one.hard and one.question],
    )
