"""The keys of pseudonyms: lasting for a project, apart for files that must not be laid beside each other."""

from __future__ import annotations

from collector.accounts.secrets import Vault
from collector.actions.protecting import project_key
from forms.protection.pseudonyms import Pseudonyms


def test_a_person_keeps_his_pseudonym_in_a_project_and_has_another_in_the_next() -> None:
    key = project_key(Vault("the server's"), 1)
    assert key == project_key(Vault("the server's"), 1)
    assert len({key, project_key(Vault("the server's"), 2), project_key(Vault("another's"), 1)}) == 3
    assert Pseudonyms(key).key("uuid:1/member[2]").endswith("/member[2]")


def test_files_of_no_release_have_keys_of_their_own() -> None:
    vault = Vault("the server's")
    several = {
        project_key(vault, 1),
        project_key(vault, 1, "7 2026-11-23"),
        project_key(vault, 1, "8 2026-11-23"),
    }
    assert len({Pseudonyms(key).key("uuid:1") for key in several}) == 3
