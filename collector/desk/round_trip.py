"""Rows of a survey out to Excel and back on the desk: downloaded, corrected there, looked at, entered."""

from __future__ import annotations

from tempfile import TemporaryFile

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from collector.actions import round_trip as actions
from collector.actions.corrections import reason_of
from collector.actions.round_trip import CellChange, Upload
from collector.desk import uploads
from collector.desk.bulk import LEFT_WORDS, batch_of, logic_of
from collector.desk.corrections import corrections, officer, reason_said, reasons
from collector.desk.history import Words
from collector.desk.narrowing import chosen_of, narrowed
from collector.desk.page import NUMBER, form_of, language, scoped
from collector.errors import STATUS, say
from collector.fileresponse import XLSX, made_response
from collector.wording import fill
from forms.corrections.checking import Refusal
from forms.problems import FormRefused, Problem
from storage.database import db
from storage.models import Form
from storage.problems import CorrectionReasonMissing, SheetUnusable, TooManyRecords

blueprint = Blueprint("round_trip", __name__)

_TICKET = "round_trip"


@scoped(blueprint, "/surveys/<seg:form_id>/rows")
def index(project_id: int, form_id: str) -> str:
    """Where rows are downloaded and sent back; the address may narrow them as the list of records does."""
    return _index(form_of(project_id, form_id))


def _index(form: Form, **more: object) -> str:
    logic = logic_of(form)
    words = Words(logic.schema)
    tables = [
        (path, words.label(logic.schema.by_path[path]) if path else gettext("the record itself"))
        for path in actions.tables_of(logic)
    ]
    return render_template(
        "rows.html", form=form, tables=tables, narrowing=narrowed(form, request.args), **more
    )


@scoped(blueprint, "/surveys/<seg:form_id>/rows.xlsx")
def download(project_id: int, form_id: str) -> Response:
    """The rows of one table, `?table=` its repeat; narrowed as the list of records is."""
    form = form_of(project_id, form_id)
    logic = logic_of(form)
    table = request.args.get("table", "")
    if table not in actions.tables_of(logic):
        abort(404)
    words = Words(logic.schema)
    labels = {node.path: words.label(node) for node in logic.schema.questions if node.table == table}
    columns = actions.columns_of(logic, table, labels)
    handle = TemporaryFile()  # noqa: SIM115 - it is closed when the last byte has gone out
    actions.download(db.session(), form, chosen_of(form, request.args), columns, handle)
    return made_response(handle, f"{form_id}{table.replace('/', '-')}.xlsx", XLSX)


@scoped(blueprint, "/surveys/<seg:form_id>/rows", methods=("POST",))
def look(project_id: int, form_id: str) -> ResponseReturnValue:
    """Say what a sheet that came back would change, cell by cell; nothing is entered."""
    form = form_of(project_id, form_id)
    upload = uploads.sent()
    if upload is None:
        return _index(form, sentence=uploads.nothing_chosen()), 400
    return _preview(form, upload.data, uploads.keep(upload))


def _preview(
    form: Form, data: bytes, file: uploads.Kept, problem: Problem | None = None
) -> ResponseReturnValue:
    try:
        plan = actions.look(corrections(), form.id, data, file.name, officer())
    except FormRefused as refused:
        return _index(form, remarks=refused.remarks, file_name=file.name), 400
    except (SheetUnusable, TooManyRecords) as refused:
        return _index(form, sentence=say(refused)), STATUS[type(refused)].status
    page = render_template(
        "rows_preview.html",
        form=form,
        file_name=file.name,
        plan=plan,
        words=Words(logic_of(form).schema),
        why=_said,
        ticket=uploads.ticket(_TICKET, file, form.id),
        reasons=reasons(),
        sentence=say(problem) if problem is not None else "",
    )
    return page, 200 if problem is None else STATUS[type(problem)].status


def _said(cell: CellChange) -> str:
    refusal = cell.refusal or Refusal("")
    own = refusal.messages.get(language()) or next(iter(refusal.messages.values()), "")
    return own or fill(refusal.sentence, refusal.details)


@scoped(blueprint, "/surveys/<seg:form_id>/rows/enter", methods=("POST",))
def enter(project_id: int, form_id: str) -> ResponseReturnValue:
    """Enter what was looked at as corrections, with a reason."""
    form = form_of(project_id, form_id)
    file, _said_then = uploads.reopened(_TICKET, form.id)
    data = file.data()
    if data is None:
        return _index(form, sentence=uploads.gone()), 400
    try:
        reason = reason_of(request.form.get("reason", ""), request.form.get("words", ""))
    except CorrectionReasonMissing as problem:
        return _preview(form, data, file, problem)
    batch = actions.run(corrections(), form, data, Upload(officer(), reason, file.name, file.nonce))
    return redirect(url_for(".show", project_id=project_id, form_id=form_id, number=batch), 303)


@scoped(blueprint, f"/surveys/<seg:form_id>/rows/<{NUMBER}:number>")
def show(project_id: int, form_id: str, number: int) -> str:
    """What became of a sheet."""
    form = form_of(project_id, form_id)
    batch = batch_of(form, number, (actions.KIND,))
    left = [(LEFT_WORDS[why](), count) for why, count in batch.summary.get("left", {}).items()]
    if batch.summary.get("refused_cells"):
        left.append((gettext("cells that were not taken"), batch.summary["refused_cells"]))
    return render_template(
        "many_done.html",
        form=form,
        batch=batch,
        title=gettext("Rows corrected in Excel"),
        reason=reason_said(batch.summary.get("reason")),
        left=left,
        undo=url_for(".undo", project_id=project_id, form_id=form_id, number=number),
    )


@scoped(blueprint, f"/surveys/<seg:form_id>/rows/<{NUMBER}:number>/undo", methods=("POST",))
def undo(project_id: int, form_id: str, number: int) -> ResponseReturnValue:
    """Take a sheet back."""
    batch_of(form_of(project_id, form_id), number, (actions.KIND,))
    actions.undo(corrections(), project_id, number, officer())
    return redirect(url_for(".show", project_id=project_id, form_id=form_id, number=number), 303)
