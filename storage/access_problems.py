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


class PasswordTooCommon(Problem):
    """A password that is among the first anybody tries."""

    sentence = (
        "This password is among the first that are tried: a common word, the user name, or one pattern again "
        "and again. Take three or four words that have nothing to do with each other."
    )


class AccountDisabled(Problem):
    """Something for an account that lets nobody in."""

    sentence = "The account “{username}” is disabled. An administrator has to enable it first."


class SecondStepMissing(Problem):
    """A program signs in to an account that asks for a code too."""

    sentence = (
        "This account signs in with a second step: send the code of its app as “totp” beside the password. "
        "A program that runs by itself takes a key instead: Account, Keys for programs."
    )


class SecondStepUnset(Problem):
    """An account of which the server wants a second step that it has not got."""

    sentence = (
        "This server wants a second step of this account, and it has none yet. Sign in once on the pages of "
        "the server and set it up there. A program takes a key instead: Account, Keys for programs."
    )


class KeyNeeded(Problem):
    """The password of an account with a second step, sent with every request."""

    sentence = (
        "This account signs in with a second step, so its password alone opens nothing here. A program takes "
        "a key: Account, Keys for programs. ODK Collect takes the Collect password, which is made under "
        "Account."
    )


class CodeWrong(Problem):
    """A code of the second step that is wrong, of another time, or used."""

    sentence = (
        "The code is not right, too old, or was used before. Wait for the next one in the app and type that. "
        "If it stays so, set the clock of the phone to the time of the network."
    )


class TooManyCodes(Problem):
    """Somebody who knows a password guesses codes."""

    sentence = (
        "The code was wrong too often. Wait {minutes} minutes, or sign in on a computer where you have done "
        "so before. If that was not you, somebody knows your password: change it as soon as you are in."
    )


class SecondStepRequired(Problem):
    """Somebody wants to do without what the server asks of him."""

    sentence = (
        "This server wants a second step of your role, so it cannot be turned off. With a new phone, let an "
        "administrator take the old one away; the next sign-in then sets it up anew."
    )


class IdentityTaken(Problem):
    """One person of a provider for two accounts."""

    sentence = (
        "“{value}” is linked with another account here. Take that link away first, or check the value: each "
        "identity opens one account."
    )


class IdentityUnusable(Problem):
    """A value that can be nobody's."""

    sentence = "Write what {provider} says of this person, without spaces around it: at most 255 characters."


class IdentityUnknown(Problem):
    """Somebody whom a provider knows and no account here is linked with."""

    sentence = (
        "{provider} says you are “{value}”, and no open account here is linked with that. Sign in with user "
        "name and password and link it under Account, or give this value to an administrator."
    )


class ProviderSilent(Problem):
    """A provider of identities that cannot be reached, or says what does not fit."""

    sentence = (
        "{provider} could not be asked just now, or its answer cannot be trusted. Try again in a few "
        "minutes, or sign in with user name and password. If it stays so, tell the administrator of this "
        "server."
    )


class ProviderRefused(Problem):
    """A provider that did not let somebody through, or where he turned back."""

    sentence = "{provider} did not confirm who you are. Try again, or sign in with user name and password."


class SignInLost(Problem):
    """An answer of a provider to a question this browser has not asked, or not lately."""

    sentence = (
        "This sign-in was begun in another browser, too long ago, or is over already. Begin it again from "
        "the sign-in page."
    )
