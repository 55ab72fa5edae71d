"""What programs are refused about single records."""

from __future__ import annotations

from forms.problems import Problem


class OtherFormAddressed(Problem):
    """A record sent to the address of another form."""

    sentence = (
        "The record answers the form “{value}”, and this is the address of “{form}”. Send it to its own form."
    )


class RecordExists(Problem):
    """A record that is sent a second time."""

    sentence = (
        "A record with the id {instance} is here already. To correct it, send a new version with PUT; for "
        "another record, give it an id of its own."
    )


class DeprecatedIdMissing(Problem):
    """A new version that does not say which one it replaces."""

    sentence = (
        "The record names no version that it replaces. Put the instanceID of the current version into "
        "meta/deprecatedID, and a new one into meta/instanceID."
    )


class VersionIdTaken(Problem):
    """A new version under the id of another one."""

    sentence = "The id {instance} belongs to another version already. Give the new version an id of its own."
