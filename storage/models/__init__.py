"""The nouns that are remembered, one file each."""

from storage.models.access import ApiKey, PasswordReset, PublicLink
from storage.models.actor import Actor, AppUser, Assignment, FailedSignIn, LoginSession, User
from storage.models.audit import (
    Audit,
    AuditReading,
    AuditSeal,
    AuditWaiting,
    Heartbeat,
    Purged,
    Webhook,
    WebhookDelivery,
)
from storage.models.backup import BackupRun
from storage.models.batch import Batch, BatchItem
from storage.models.blob import Blob
from storage.models.campaign import Campaign, CampaignForm, SentBack
from storage.models.entity import (
    Entity,
    EntityHeld,
    EntityList,
    EntityLock,
    EntityOutcome,
    EntityProperty,
    EntityStamp,
    EntityUse,
    EntityVersion,
)
from storage.models.extract import (
    Erasure,
    Extract,
    ExtractFile,
    Release,
    ReleasePlan,
    ReportTemplate,
    Retention,
)
from storage.models.figure import (
    Approval,
    Decision,
    FigureMark,
    FigureTurn,
    FigureUnit,
    IndicatorCell,
    Programme,
    SettledMarks,
)
from storage.models.finding import Finding
from storage.models.form import Form, FormAttachment, FormColumn, FormTable, FormVersion
from storage.models.listing import RecordName, RecordView
from storage.models.outline import OutlineFile, PlaceOutline
from storage.models.place import Place, PlaceChange, PlaceLink, PlacePath, PlaceSpan, PlaceWord
from storage.models.project import Project
from storage.models.signing import OutsideIdentity, RecoveryCode, SecondStep
from storage.models.submission import (
    EncryptedRecord,
    RecordLook,
    Submission,
    SubmissionComment,
    SubmissionFile,
    SubmissionVersion,
)
from storage.models.webform import WebDraft, WebDraftFile, WebForm, WebOnce

__all__ = [
    "Actor",
    "ApiKey",
    "AppUser",
    "Approval",
    "Assignment",
    "Audit",
    "AuditReading",
    "AuditSeal",
    "AuditWaiting",
    "BackupRun",
    "Batch",
    "BatchItem",
    "Blob",
    "Campaign",
    "CampaignForm",
    "Decision",
    "EncryptedRecord",
    "Entity",
    "EntityHeld",
    "EntityList",
    "EntityLock",
    "EntityOutcome",
    "EntityProperty",
    "EntityStamp",
    "EntityUse",
    "EntityVersion",
    "Erasure",
    "Extract",
    "ExtractFile",
    "FailedSignIn",
    "FigureMark",
    "FigureTurn",
    "FigureUnit",
    "Finding",
    "Form",
    "FormAttachment",
    "FormColumn",
    "FormTable",
    "FormVersion",
    "Heartbeat",
    "IndicatorCell",
    "LoginSession",
    "OutlineFile",
    "OutsideIdentity",
    "PasswordReset",
    "Place",
    "PlaceChange",
    "PlaceLink",
    "PlaceOutline",
    "PlacePath",
    "PlaceSpan",
    "PlaceWord",
    "Programme",
    "Project",
    "PublicLink",
    "Purged",
    "RecordLook",
    "RecordName",
    "RecordView",
    "RecoveryCode",
    "Release",
    "ReleasePlan",
    "ReportTemplate",
    "Retention",
    "SecondStep",
    "SentBack",
    "SettledMarks",
    "Submission",
    "SubmissionComment",
    "SubmissionFile",
    "SubmissionVersion",
    "User",
    "WebDraft",
    "WebDraftFile",
    "WebForm",
    "WebOnce",
    "Webhook",
    "WebhookDelivery",
]
