"""The nouns that are remembered, one file each."""

from storage.models.actor import Actor, AppUser, Assignment, FailedSignIn, LoginSession, User
from storage.models.blob import Blob
from storage.models.form import Form, FormAttachment, FormColumn, FormTable, FormVersion
from storage.models.place import Place
from storage.models.project import Project
from storage.models.submission import Finding, Submission, SubmissionFile, SubmissionVersion

__all__ = [
    "Actor",
    "AppUser",
    "Assignment",
    "Blob",
    "FailedSignIn",
    "Finding",
    "Form",
    "FormAttachment",
    "FormColumn",
    "FormTable",
    "FormVersion",
    "LoginSession",
    "Place",
    "Project",
    "Submission",
    "SubmissionFile",
    "SubmissionVersion",
    "User",
]
