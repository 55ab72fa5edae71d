"""What is refused of a multipart body before the form in it is read, whichever door it came by."""

from __future__ import annotations

from forms.problems import Problem


class WrongContentType(Problem):
    """Not a multipart request."""

    sentence = (
        "A submission is sent as multipart/form-data with a boundary. "
        "Send it with ODK Collect or a program that speaks OpenRosa."
    )


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


class SubmissionPartTwice(Problem):
    """Two forms in one request."""

    sentence = "The request holds two parts named {part}; send one form at a time. Nothing was stored."


class BodyCompressed(Problem):
    """A request with a Content-Encoding."""

    sentence = "The form was sent compressed (Content-Encoding), which is not taken. Send it as it is."


class PartHeaderUnreadable(Problem):
    """The header of a part that is not UTF-8."""

    sentence = "The name of a file in this request is not written in UTF-8. Nothing was stored."


class TooManyParts(Problem):
    """More files than one request can hold, or a header without end."""

    sentence = (
        "The request holds more than {limit} files, or a file whose header is far too long. "
        "Nothing was stored; send the files in several requests."
    )


class FileTwice(Problem):
    """Two files of one name that differ."""

    sentence = "The request holds two different files named “{name}”. Nothing was stored."


class FileNameUnsafe(Problem):
    """A file name with a path in it, or one no disk could hold."""

    sentence = (
        "The file name “{name}” is not allowed: it is too long, or has a folder in it. Nothing was stored."
    )
