"""Where reports take figures from: releases in force that cover a place, the file each froze them in."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Extract, ExtractFile, Release

ISSUED, MADE, FIGURES = "issued", "made", "figures"


def covering(session: Session, project_id: int, around: Collection[str]) -> list[Release]:
    """The issued releases of the whole tree or of one of these places, the newest first.

    `around` are the codes of a place and of all places around it.
    """
    query = select(Release).where(Release.project_id == project_id, Release.state == ISSUED)
    known = {"", *around}
    return [one for one in session.scalars(query.order_by(Release.number.desc())) if known & set(one.places)]


def figures_file(session: Session, release_id: int) -> ExtractFile | None:
    """The long table of figures of a release, as CSV; None where it froze none."""
    query = (
        select(ExtractFile)
        .join(Extract, Extract.id == ExtractFile.extract_id)
        .where(Extract.release_id == release_id, Extract.kind == FIGURES, Extract.state == MADE)
        .order_by(ExtractFile.name)
    )
    return next((one for one in session.scalars(query) if one.format == "csv"), None)
