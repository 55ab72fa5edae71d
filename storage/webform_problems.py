"""What is refused to whoever fills forms in a browser."""

from __future__ import annotations

from forms.problems import Problem


class VillagePinWrong(Problem):
    """A village's code that is none, or a PIN that is not its own."""

    sentence = (
        "The village's code or its PIN is not right. Both stand on the sheet of the village; "
        "ask the commune for a new sheet if it is lost."
    )


class WebFormClosed(Problem):
    """A form that takes nothing new."""

    sentence = (
        "The form “{form}” has been closed and takes no more answers. What you have filled stays on this "
        "phone; ask the office whether it can be opened again."
    )


class SentApproved(Problem):
    """An edit of a record that the office has approved."""

    sentence = (
        "This record has been approved and can no longer be changed from here. If something in it is wrong, "
        "call the commune, which can correct it."
    )


class SentLocked(Problem):
    """An edit of a record whose figures are locked."""

    sentence = (
        "The figures of {period} have been locked, so this record can no longer be changed from here. If "
        "something in it is wrong, call the commune."
    )


class SentFixed(Problem):
    """An edit of a form whose author wants none, or by a link, which many share."""

    sentence = (
        "What was sent with this form cannot be changed from here. If something in it is wrong, call the "
        "commune, which can correct it."
    )


class AnsweredBefore(Problem):
    """A second answer by a link that takes one from each."""

    sentence = "This link takes one answer from each phone, and this phone has sent one already."


class WebDraftNotFound(Problem):
    """No draft under that code, or somebody else's."""

    sentence = (
        "There is no unfinished form under the code {code} here. Check the letters; an unfinished form is "
        "kept for {days} days, and opens only for the account, link or village that saved it."
    )


class WebDraftUnreadable(Problem):
    """A draft that does not say what it is."""

    sentence = (
        "The unfinished form could not be kept on the server: the page sent it without its {part}. It stays "
        "on this phone; load the page again and try once more."
    )


class WebDraftsFull(Problem):
    """As many drafts as one may keep."""

    sentence = (
        "The server keeps at most {count} unfinished forms and {megabytes} MB for each of you. Send or "
        "delete some first; this one stays on this phone."
    )
