"""What is refused about accounts, keys, links and roles."""

from __future__ import annotations

from forms.problems import Problem


class HttpsOnly(Problem):
    """A password over a line everybody on it can read."""

    sentence = (
        "A password is taken with every request only over https, or from a network the server trusts "
        "(COLLECTOR_TRUSTED_NETWORKS). Use https, or sign in with POST /v1/sessions and send its token."
    )


class RoleNotGiven(Problem):
    """A role that is none of a person's, or not of this place."""

    sentence = (
        "The role “{role}” cannot be given here. In a form it is that of an app user; in a project or on the "
        "server one of a person's."
    )


class KeyOpensNothing(Problem):
    """A key none of whose rights its owner has."""

    sentence = (
        "This key would open nothing: you have none of these rights in this project and these places. "
        "Choose others."
    )


class KeyEnded(Problem):
    """A key that would have run out before it is made."""

    sentence = "The key would have run out already. Choose a later day."


class ResetGone(Problem):
    """A link to set a password that was used, ran out, or never was."""

    sentence = (
        "This link to set a new password has been used or has run out. Ask an administrator for another one."
    )


class LastAdministrator(Problem):
    """Nobody would be left to run the server."""

    sentence = (
        "This is the last account that may do everything. Make another one an administrator first, so that "
        "somebody can still run the server."
    )
