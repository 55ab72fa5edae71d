"""What the phones' door itself refuses, before a submission is read."""

from __future__ import annotations

from forms.problems import Problem


class WrongContentType(Problem):
    """Not a multipart request."""

    sentence = "A submission is sent as multipart/form-data with a boundary. Send it with ODK Collect or a program that speaks OpenRosa."


class SubmissionIncomplete(Problem):
    """The body ended early, or is not multipart after all."""

    sentence = (
        "The form did not arrive whole, so nothing was stored. Send it again when the signal is better."
    )


class SubmissionPartMissing(Problem):
    """No xml_submission_file."""

    sentence = "The request holds no part named xml_submission_file, so there is no form in it."


class SubmissionTooLarge(Problem):
    """More bytes than the server takes at once."""

    sentence = "This is larger than the server takes at once ({limit} bytes). Send fewer or smaller files."


class FileNameUnsafe(Problem):
    """A file name with a path in it."""

    sentence = "The file name “{name}” is not allowed: a name has no folder in it. Nothing was stored."


class FileDisguised(Problem):
    """A program or archive under a picture's name."""

    sentence = "The file “{name}” is not what its name says (it holds {kind}). Nothing was stored; take the picture or recording again."


class OpenRosaVersionMissing(Problem):
    """`/v1` wants the header that shows an OpenRosa client."""

    sentence = "The header X-OpenRosa-Version: 1.0 is missing."
