"""Refusals about webhooks."""

from __future__ import annotations

from forms.problems import Problem


class WebhookNotFound(Problem):
    """No such webhook in this project."""

    sentence = "There is no webhook {number} here; perhaps it was deleted."


class WebhookAddressUnusable(Problem):
    """An address nothing can or may be sent to."""

    sentence = (
        "Nothing can be sent to {url}: {reason}. "
        "Give an address like https://example.vn/hook that other machines can reach."
    )


class WebhookEventUnknown(Problem):
    """An event nobody is told of."""

    sentence = "Nobody can be told of “{event}”; choose from: {known}."
