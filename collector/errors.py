"""Problem → status → OpenRosa XML, JSON or a page: one table, three voices."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, render_template, request
from flask_babel import gettext
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from collector import parcel_problems as parcels
from collector.logs import tell
from collector.openrosa import documents
from collector.openrosa import problems as door
from collector.openrosa import routes as openrosa
from collector.openrosa.visit import Challenge
from collector.problems import (
    AddressTaken,
    AddressUnusable,
    DecisionUnknown,
    FileDisguised,
    IndicatorNotMeasured,
    ServerRefuses,
    ServerSilent,
    SettingUnusable,
    SideUnknown,
    TooManyFigures,
    WebFormsNotBuilt,
    ZoneUnknown,
)
from collector.v1 import problems as wire
from collector.v1 import submission_problems as sent
from collector.wording import fill
from forms import condition_problems as conditions
from forms import entity_problems as said
from forms import outline_problems as outlines
from forms import place_problems as maps
from forms import problems as core
from forms.corrections.problems import NothingToTakeBack, RowUnknown
from forms.odata import problems as odata
from forms.problems import Problem
from forms.reports import problems as papers
from forms.webform.problems import WebFormUnmade
from storage import access_problems as access
from storage import list_problems as views
from storage import problems as memory
from storage import release_problems as frozen
from storage import webform_problems as webforms
from storage.auditing import problems as hooks
from storage.cells import problems as figures
from storage.erasing import problems as erasing
from storage.entities import problems as entity
from storage.findings import problems as finding_problems

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Code:
    """What a program is told: the HTTP status, and Central's error code beside it."""

    status: int
    central: float


STATUS: Mapping[type[Problem], Code] = {
    memory.ProjectNotFound: Code(404, 404.1),
    memory.CampaignNotFound: Code(404, 404.1),
    memory.BatchNotFound: Code(404, 404.1),
    memory.BatchUndone: Code(409, 409.3),
    conditions.ConditionUnknown: Code(400, 400.8),
    conditions.ConditionMisfit: Code(400, 400.8),
    conditions.TooManyConditions: Code(400, 400.8),
    frozen.ExtractNotFound: Code(404, 404.1),
    frozen.ExtractFileNotFound: Code(404, 404.1),
    frozen.ExtractUnusable: Code(400, 400.8),
    frozen.PurposeMissing: Code(400, 400.3),
    frozen.ReleaseNotFound: Code(404, 404.1),
    frozen.ReleaseUnnamed: Code(400, 400.3),
    frozen.ReleaseFrozen: Code(409, 409.3),
    frozen.ReleaseStateWrong: Code(409, 409.3),
    frozen.ReleaseReasonMissing: Code(400, 400.3),
    frozen.ReleaseWithdrawn: Code(410, 410.1),
    frozen.LinkEnded: Code(410, 410.1),
    frozen.PlanUnusable: Code(400, 400.8),
    erasing.ErasureOvertaken: Code(409, 409.9),
    erasing.ErasureGroundMissing: Code(400, 400.3),
    erasing.NothingToErase: Code(404, 404.1),
    erasing.TombstonesUnreadable: Code(400, 400.8),
    erasing.RetentionUnusable: Code(400, 400.8),
    papers.ReportNotFound: Code(404, 404.1),
    papers.ReportNotForPlace: Code(400, 400.8),
    papers.ReportPeriodMisfit: Code(400, 400.8),
    papers.ReleaseUnknown: Code(404, 404.1),
    papers.ReleaseWithoutFigures: Code(409, 409.3),
    papers.TemplateNotFound: Code(404, 404.1),
    papers.TemplateKindUnknown: Code(400, 400.8),
    papers.PlaceholderUnknown: Code(400, 400.8),
    papers.TemplateTooLarge: Code(413, 413.1),
    papers.TemplateUnreadable: Code(400, 400.8),
    papers.TemplateDoesTooMuch: Code(400, 400.8),
    views.ViewNotFound: Code(404, 404.1),
    views.ViewUnusable: Code(400, 400.8),
    finding_problems.FindingNotFound: Code(404, 404.1),
    finding_problems.FindingStateUnknown: Code(400, 400.8),
    finding_problems.FindingReasonMissing: Code(400, 400.3),
    finding_problems.OwnerUnknown: Code(400, 400.8),
    hooks.WebhookNotFound: Code(404, 404.1),
    hooks.WebhookAddressUnusable: Code(400, 400.8),
    hooks.WebhookEventUnknown: Code(400, 400.8),
    memory.ArchiveUnreadable: Code(400, 400.8),
    figures.FiguresUnconfirmed: Code(409, 409.3),
    figures.FiguresLocked: Code(409, 409.3),
    figures.FiguresNotLocked: Code(409, 409.3),
    memory.CampaignUnusable: Code(400, 400.8),
    memory.FormNotFound: Code(404, 404.1),
    memory.FormVersionNotFound: Code(404, 404.6),
    memory.NoDraft: Code(404, 404.1),
    memory.FormNotOpen: Code(409, 409.2),
    memory.VersionExists: Code(409, 409.6),
    memory.RebuildOvertaken: Code(409, 409.1),
    memory.FormExists: Code(409, 409.3),
    memory.FormWarned: Code(400, 400.16),
    memory.DraftOfOtherForm: Code(400, 400.8),
    memory.StateUnknown: Code(400, 400.8),
    memory.AttachmentNotExpected: Code(404, 404.1),
    memory.AttachmentNotFound: Code(404, 404.1),
    memory.SubmissionNotFound: Code(404, 404.1),
    memory.InstanceConflict: Code(409, 409.1),
    memory.SubmissionDeleted: Code(409, 409.18),
    memory.EditOfUnknown: Code(404, 404.5),
    memory.EditSuperseded: Code(409, 409.9),
    memory.NotSignedIn: Code(401, 401.2),
    access.HttpsOnly: Code(401, 401.3),
    access.RoleNotGiven: Code(400, 400.8),
    access.KeyOpensNothing: Code(400, 400.8),
    access.KeyEnded: Code(400, 400.8),
    access.ResetGone: Code(403, 403.1),
    access.LastAdministrator: Code(409, 409.1),
    memory.TooManyAttempts: Code(429, 429.1),
    memory.NotAllowed: Code(403, 403.1),
    memory.TokenUnknown: Code(403, 403.1),
    memory.DraftGone: Code(404, 404.4),
    memory.UsernameTaken: Code(409, 409.3),
    memory.CredentialNotAscii: Code(400, 400.8),
    memory.PasswordTooShort: Code(400, 400.21),
    memory.UserNotFound: Code(404, 404.1),
    memory.PlaceUnknown: Code(404, 404.1),
    memory.PlacesTooWide: Code(403, 403.1),
    memory.IndicatorNotFound: Code(404, 404.1),
    memory.IndicatorAmbiguous: Code(400, 400.8),
    memory.SplitUnknown: Code(400, 400.8),
    IndicatorNotMeasured: Code(409, 409.1),
    SideUnknown: Code(400, 400.8),
    TooManyFigures: Code(413, 413.1),
    ZoneUnknown: Code(400, 400.8),
    DecisionUnknown: Code(400, 400.8),
    memory.LevelUnknown: Code(400, 400.8),
    memory.PeriodUnknown: Code(400, 400.8),
    memory.ReasonMissing: Code(400, 400.3),
    memory.NoHouseholds: Code(404, 404.1),
    memory.BlobStoreUnknown: Code(500, 500.1),
    memory.StoreFailed: Code(503, 503.1),
    memory.NetworkFileSystem: Code(500, 500.1),
    memory.ReviewStateUnknown: Code(400, 400.8),
    memory.AnswersRefused: Code(400, 400.8),
    memory.CorrectionEmpty: Code(400, 400.8),
    RowUnknown: Code(409, 409.1),
    NothingToTakeBack: Code(409, 409.1),
    memory.CommentEmpty: Code(400, 400.3),
    memory.CorrectionReasonMissing: Code(400, 400.3),
    memory.RecordEncrypted: Code(409, 409.1),
    memory.TooManyRecords: Code(413, 413.1),
    memory.SheetUnusable: Code(400, 400.8),
    memory.NoDuplicate: Code(409, 409.1),
    entity.EntityListNotFound: Code(404, 404.1),
    entity.EntityListExists: Code(409, 409.3),
    entity.EntityListAlike: Code(409, 409.16),
    entity.EntityNameUnusable: Code(400, 400.8),
    entity.EntityPropertyExists: Code(409, 409.3),
    entity.EntityPropertyAlike: Code(409, 409.17),
    entity.EntityPropertyUnknown: Code(400, 400.28),
    entity.EntityNotFound: Code(404, 404.1),
    entity.EntityVersionNotFound: Code(404, 404.9),
    entity.EntityDeleted: Code(404, 404.11),
    entity.EntityElsewhere: Code(403, 403.1),
    entity.EntityExists: Code(409, 409.3),
    entity.EntityChangedMeanwhile: Code(409, 409.15),
    entity.EntityNotInConflict: Code(400, 400.32),
    entity.EntityIdsDeleted: Code(409, 409.19),
    entity.EntityPropertyNotFound: Code(404, 404.1),
    entity.EntityPropertyComputed: Code(400, 400.28),
    entity.EntityListGone: Code(409, 409.23),
    entity.EntityListInUse: Code(409, 409.21),
    entity.EntityPropertyInUse: Code(409, 409.22),
    entity.RecordsPending: Code(400, 400.29),
    said.EntityAttributeUnknown: Code(400, 400.31),
    said.EntityAttributeMissing: Code(400, 400.2),
    said.EntityValueNotText: Code(400, 400.11),
    said.EntityLabelBlank: Code(400, 400.8),
    said.EntityEmpty: Code(400, 400.28),
    entity.EntityActionNotDeclared: Code(403, 403.2),
    entity.EntitiesNotApplied: Code(500, 500.1),
    entity.SeveralEntitiesFailed: Code(400, 400.43),
    SettingUnusable: Code(500, 500.1),
    AddressTaken: Code(500, 500.1),
    ServerRefuses: Code(502, 500.1),
    ServerSilent: Code(502, 500.1),
    AddressUnusable: Code(500, 500.1),
    core.FieldTypeConflict: Code(400, 400.17),
    core.FormIdUnusable: Code(400, 400.8),
    core.FormRefused: Code(400, 400.15),
    core.ListRefused: Code(400, 400.8),
    core.EntitiesUnusable: Code(400, 400.25),
    core.EntityIdUnusable: Code(400, 400.11),
    core.EntityLabelMissing: Code(400, 400.2),
    core.EntityBaseVersionMissing: Code(400, 400.2),
    core.EntityNumberUnusable: Code(400, 400.11),
    core.EntityBranchMissing: Code(400, 400.2),
    core.TooManyColumns: Code(400, 400.8),
    core.FormWithoutMeta: Code(400, 400.27),
    core.XFormDeclaresEntities: Code(400, 400.1),
    core.XFormIncomplete: Code(400, 400.2),
    core.XFormTooLarge: Code(413, 413.1),
    core.XFormUnreadable: Code(400, 400.1),
    core.SubmissionUnreadable: Code(400, 400.1),
    core.SubmissionTooDeep: Code(400, 400.1),
    core.EntitiesDeclared: Code(400, 400.1),
    core.FormIdMissing: Code(400, 400.2),
    core.InstanceIdMissing: Code(400, 400.2),
    core.IdTooLong: Code(400, 400.8),
    core.VillageListUnreadable: Code(400, 400.1),
    core.VillageRowUnusable: Code(400, 400.8),
    core.EarlierPlacesUnreadable: Code(400, 400.1),
    maps.PlaceNotInForce: Code(409, 409.1),
    maps.PlaceCodeTaken: Code(409, 409.3),
    maps.PlaceCodeUnusable: Code(400, 400.8),
    maps.PlaceNameMissing: Code(400, 400.8),
    maps.PlaceLevelsDiffer: Code(400, 400.8),
    maps.PlaceParentUnusable: Code(400, 400.8),
    maps.PlaceDayUnusable: Code(400, 400.8),
    maps.PlaceNotEmpty: Code(409, 409.1),
    maps.PlacePartsUnusable: Code(400, 400.8),
    maps.PlaceChangeUnknown: Code(404, 404.1),
    maps.PlaceChangeDone: Code(409, 409.1),
    maps.PlaceChangeOverlaid: Code(409, 409.1),
    maps.VillageFileUnreadable: Code(400, 400.1),
    maps.VillageColumnsMissing: Code(400, 400.3),
    maps.VillageListFaulty: Code(400, 400.8),
    maps.VillageImportGone: Code(409, 409.1),
    maps.FactColumnsMissing: Code(400, 400.3),
    maps.PlaceBatchGone: Code(409, 409.1),
    maps.DayUnreadable: Code(400, 400.11),
    outlines.OutlinesTooLarge: Code(413, 413.1),
    outlines.OutlinesNotGeoJson: Code(400, 400.1),
    outlines.OutlinesNotDegrees: Code(400, 400.8),
    outlines.OutlinesElsewhere: Code(400, 400.8),
    outlines.OutlineEmpty: Code(400, 400.8),
    outlines.OutlineCrossing: Code(400, 400.8),
    outlines.OutlinesUnmatched: Code(400, 400.8),
    outlines.OutlineFileGone: Code(409, 409.1),
    core.ExpressionWrong: Code(400, 400.8),
    parcels.WrongContentType: Code(400, 400.7),
    parcels.SubmissionIncomplete: Code(400, 400.1),
    parcels.SubmissionPartMissing: Code(400, 400.7),
    parcels.SubmissionTooLarge: Code(413, 413.1),
    parcels.SubmissionPartTwice: Code(400, 400.8),
    parcels.BodyCompressed: Code(400, 400.7),
    parcels.PartHeaderUnreadable: Code(400, 400.8),
    parcels.TooManyParts: Code(413, 413.1),
    parcels.FileTwice: Code(400, 400.8),
    parcels.FileNameUnsafe: Code(400, 400.8),
    FileDisguised: Code(400, 400.8),
    door.OpenRosaVersionMissing: Code(400, 400.6),
    wire.BodyUnreadable: Code(400, 400.1),
    wire.ParametersMissing: Code(400, 400.3),
    wire.ParameterWrong: Code(400, 400.11),
    wire.DraftNotReplaceable: Code(409, 409.7),
    wire.NothingToCopy: Code(400, 400.2),
    wire.NumberExpected: Code(400, 400.11),
    wire.ListNotForMedia: Code(400, 400.26),
    wire.ValueUnexpected: Code(400, 400.8),
    wire.QueryContradictory: Code(400, 400.41),
    wire.FilterUnsupported: Code(501, 501.1),
    sent.OtherFormAddressed: Code(400, 400.8),
    sent.DeprecatedIdMissing: Code(400, 400.19),
    sent.RecordExists: Code(409, 409.3),
    sent.VersionIdTaken: Code(409, 409.8),
    WebFormsNotBuilt: Code(503, 503.1),
    WebFormUnmade: Code(409, 409.1),
    webforms.VillagePinWrong: Code(403, 403.21),
    webforms.WebFormClosed: Code(403, 403.22),
    webforms.SentApproved: Code(403, 403.23),
    webforms.SentLocked: Code(403, 403.23),
    webforms.SentFixed: Code(403, 403.23),
    webforms.AnsweredBefore: Code(403, 403.24),
    webforms.WebDraftNotFound: Code(404, 404.21),
    webforms.WebDraftUnreadable: Code(400, 400.8),
    webforms.WebDraftsFull: Code(409, 409.24),
    odata.FilterUnreadable: Code(400, 400.18),
    odata.FilterTooLong: Code(400, 400.18),
    odata.FilterMisfit: Code(400, 400.18),
    odata.SelectUnknown: Code(400, 400.23),
    odata.SelectInsideRepeat: Code(400, 400.24),
    odata.SkiptokenUnknown: Code(400, 400.34),
    odata.SkiptokenUnreadable: Code(400, 400.35),
    odata.FormatUnacceptable: Code(406, 406.1),
    odata.FeatureUnsupported: Code(501, 501.1),
    odata.FilterUnsupported: Code(501, 501.4),
    odata.FieldUnknown: Code(501, 501.5),
    odata.ExpandUnsupported: Code(501, 501.6),
    odata.SelectWithExpand: Code(501, 501.11),
}
"""Every refusal to its code; the house test finds one that is missing."""


def install(app: Flask) -> None:
    """Answer every refusal and every failure in the voice of the door it happened at."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(InterfaceError, _unavailable)
    app.register_error_handler(Exception, _bug)


def _problem(problem: Problem) -> Response:
    code = STATUS[type(problem)]
    return _say(code.status, code.central, say(problem), dict(problem.details))


def say(problem: Problem) -> str:
    """The sentence of a problem in the language of whoever asks."""
    return fill(problem.sentence, problem.details)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    sentences = {
        400: gettext("The request cannot be understood."),
        401: gettext("Sign in first."),
        403: gettext("You have no right to do this. Ask an administrator of this server."),
        404: gettext("There is nothing at this address."),
        405: gettext("This address does not work that way."),
        413: gettext("This is larger than the server takes at once."),
        429: gettext("Too many attempts. Wait a minute and try again."),
    }
    if status < HTTPStatus.BAD_REQUEST:
        return Response(status=status, headers=dict(error.get_headers()))
    answer = _say(status, float(f"{status}.1"), sentences.get(status, error.name), {})
    if isinstance(error, Challenge):
        for way in error.ways:
            answer.headers.add("WWW-Authenticate", way)
    for name in ("Allow", "Retry-After"):
        value = dict(error.get_headers()).get(name)
        if value:
            answer.headers[name] = value
    return answer


def _unavailable(error: Exception) -> Response:
    tell(log, "the database does not answer", error)
    answer = _say(
        503, 503.1, gettext("The server's database does not answer just now. Try again in a few minutes."), {}
    )
    # Without seconds to wait: a client that is told 0 sends everything again at once (openrosa.md §0.10).
    answer.headers["Retry-After"] = "60"
    return answer


def _bug(error: Exception) -> Response:
    tell(log, f"unexpected failure at {request.endpoint}", error)
    return _say(
        500,
        500.1,
        gettext("The server made a mistake; it has been noted. Try again, and tell the office if it stays."),
        {},
    )


def _say(status: int, central: float, sentence: str, details: dict[str, object]) -> Response:
    if _at_openrosa():
        body = documents.response(sentence, "error")
        return openrosa.add_headers(Response(body, status, content_type="text/xml; charset=utf-8"))
    if request.path.startswith(("/v1/", "/api/", "/w/")):
        answer = jsonify({"message": sentence, "code": central, "details": details})
        answer.status_code = status
        return answer
    if status == HTTPStatus.UNAUTHORIZED:
        return Response(status=303, headers={"Location": f"/signin?{urlencode({'next': _page_asked_for()})}"})
    return Response(render_template("error.html", status=status, sentence=sentence), status)


def _page_asked_for() -> str:
    """The page to come back to after signing in; the one with the button, where a button was pressed."""
    if request.method in {"GET", "HEAD"}:
        return request.full_path.removesuffix("?")
    return (request.referrer or "").removeprefix(request.host_url.rstrip("/")) or "/"


def _at_openrosa() -> bool:
    if openrosa.speaks_openrosa(request.endpoint or ""):
        return True
    # No route matched: a phone is told in its own format what happened at its address.
    return request.endpoint is None and (
        request.path.startswith(("/v1/key/", "/v1/test/")) or "X-OpenRosa-Version" in request.headers
    )
