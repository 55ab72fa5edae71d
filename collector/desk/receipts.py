"""The record a receipt names: what somebody reads out on the telephone leads to what he sent."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.desk.page import scoped
from forms.receipts import number_of
from storage.database import db
from storage.queries import receipts

blueprint = Blueprint("receipts", __name__)


@scoped(blueprint, "/receipts")
def index(project_id: int) -> ResponseReturnValue:
    """Ask for a receipt number; `?q=` leads to its record."""
    typed = request.args.get("q", "").strip()[:40]
    if not typed:
        return render_template("receipts.html", typed="", sentence="")
    number = number_of(typed)
    if number is None:
        sentence = gettext(
            "“%(text)s” is no receipt number. It has six digits or more, a hyphen and a last digit, such as "
            "000123-4: read it again, one digit is wrong.",
            text=typed,
        )
        return render_template("receipts.html", typed=typed, sentence=sentence), 400
    found = receipts.record_of(db.session(), project_id, number)
    if found is None:
        sentence = gettext("No record of your places has the receipt %(text)s.", text=typed)
        return render_template("receipts.html", typed=typed, sentence=sentence), 404
    return redirect(
        url_for(
            "desk.records.show", project_id=project_id, form_id=found.form_id, instance_id=found.instance_id
        ),
        303,
    )
