"""The literacy standard: which communes have reached it, who is missing where they have not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from collector.actions.cells import freshness
from collector.desk.approvals import signing
from collector.desk.page import now, scoped
from collector.desk.standpoint import standpoint
from forms.places import COMMUNE, PROVINCE
from forms.values import HOME
from storage.database import db
from storage.queries import projects

if TYPE_CHECKING:
    # The parser of rules takes a while to import, and most processes never need it.
    from collector.actions.standard import Standing

blueprint = Blueprint("standards", __name__)

SORTS = ("name", "missing")


@scoped(blueprint, "/standard")
def show(project_id: int) -> ResponseReturnValue:
    """How the communes of `?area=` stand to both levels in `?period=`; `?sort=missing`: the worst first."""
    from collector.actions.standard import standard
    from forms.indicators.recognition import STANDARDS

    session = db.session()
    at = standpoint(session, project_id, ("year",))
    judged = at.level in {PROVINCE, COMMUNE}
    today = now().astimezone(HOME).date()
    found = standard(session, project_id, at.area, at.period, today) if judged else None
    asked = request.args.get("sort")
    sort = asked if asked in SORTS else SORTS[0]
    communes = list(found.communes) if found else []
    if sort == "missing":
        communes.sort(key=_furthest)
    return render_template(
        "standard.html",
        project=projects.get_project(session, project_id),
        at=at,
        found=found,
        communes=communes,
        sort=sort,
        standards=STANDARDS,
        reached={one: sum(commune.level >= one for commune in communes) for one in STANDARDS},
        fresh=freshness(session, project_id, now()),
        signing=signing(session, project_id, at),
    )


def _furthest(commune: Standing) -> tuple[bool, int]:
    """Those where something can be said, by how many people are missing."""
    several = [said.to_reach for said in commune.verdicts.values() if said.recognised is False]
    return not several, -max(several, default=0)
