"""What entity lists refuse: unknown, taken, changed meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from forms.problems import Problem


class EntityListNotFound(Problem):
    """No such list in the project."""

    sentence = "There is no entity list “{list}” here. Create it first, or publish a form that writes it."


class EntityListExists(Problem):
    """A list is created twice."""

    sentence = "There is already an entity list “{list}” in this project."


class EntityListAlike(Problem):
    """Two lists phones would keep in one file."""

    sentence = (
        "An entity list “{known}” exists, and “{list}” differs from it only in capital letters. Write it the "
        "same way, or choose another name."
    )


class EntityNameUnusable(Problem):
    """A name of a list or of a property that phones cannot hold."""

    sentence = (
        "“{name}” cannot be the name of an entity list or property: use letters, digits, _ and -, begin with "
        "a letter or _, and not with __; a property cannot be called name or label."
    )


class EntityPropertyExists(Problem):
    """A property is created twice."""

    sentence = "The entity list “{list}” already has a property “{name}”."


class EntityPropertyAlike(Problem):
    """Two properties phones cannot tell apart."""

    sentence = (
        "The entity list “{list}” has a property “{known}”, and “{name}” differs from it only in capital "
        "letters. Write it the same way, or choose another name."
    )


class EntityPropertyUnknown(Problem):
    """A property the list has not got."""

    sentence = "The entity list “{list}” has no property “{name}”. Add it first."


class EntityNotFound(Problem):
    """No such entity in the list."""

    sentence = "There is no entity {uuid} in the list “{list}”."


class EntityVersionNotFound(Problem):
    """A change rests on a version that never was, here."""

    sentence = (
        "The entity {uuid} of the list “{list}” has no version {version}, on which the change rests. "
        "Look at what the record says and correct the entity by hand."
    )


class EntityDeleted(Problem):
    """An entity that the office deleted is created or changed."""

    sentence = "The entity {uuid} has been deleted at the office and is not changed any more."


class EntityElsewhere(Problem):
    """A record changes an entity of places in which its sender does not work."""

    sentence = (
        "The entity {uuid} of the list “{list}” lies where its sender does not work, so it stays as it is. "
        "Correct it by hand if the record is right."
    )


class EntityExists(Problem):
    """Two entities with one id."""

    sentence = "There is already an entity {uuid} in the list “{list}”."


class EntityChangedMeanwhile(Problem):
    """An update by hand that rests on an older version."""

    sentence = (
        "The entity {uuid} is at version {current} by now, and the change rests on version {provided}. Look "
        "at it again, then save once more."
    )


class EntityNotInConflict(Problem):
    """A conflict is resolved that is none."""

    sentence = "The entity {uuid} has no conflict."


class EntityActionNotDeclared(Problem):
    """A submission does what its form does not declare."""

    sentence = "The record wants to {action} an entity of the list “{list}”, which its form does not declare."


class EntitiesNotApplied(Problem):
    """A mistake of the server's; it is in its log."""

    sentence = (
        "The server made a mistake, and the entities of the record are not applied. Tell the office; the log "
        "of the server says more."
    )


class SeveralEntitiesFailed(Problem):
    """Of the entities of one submission some cannot be applied, so none is."""

    sentence = "None of the {total} entities of the record was applied, because of {count}. {error}"

    def __init__(self, total: int, problems: Sequence[tuple[int, Problem]]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            total=total,
            count=len(problems),
            error=" ".join(f"({number}) {problem}" for number, problem in problems),
        )


class EntityIdsDeleted(Problem):
    """Entities are made with ids that deleted ones have."""

    sentence = "These ids belong to deleted entities and cannot be used again: {uuids}. Restore them instead."


class EntityPropertyNotFound(Problem):
    """A property that is to be deleted is not there."""

    sentence = "The entity list “{list}” has no property “{name}”, so there is nothing to delete."


class EntityPropertyComputed(Problem):
    """Somebody writes what the server works out."""

    sentence = "The property “{name}” of the entity list “{list}” is worked out by the server. Leave it out."


class EntityListGone(Problem):
    """A form comes out of the trash whose list was deleted meanwhile."""

    sentence = (
        "The form cannot be taken out of the trash, because the entity list “{list}”, which it writes, was "
        "deleted meanwhile. Create the form anew."
    )


class EntityListInUse(Problem):
    """A list is deleted that forms write or read."""

    sentence = (
        "The entity list “{list}” cannot be deleted, because forms use it: {forms}. Publish them without it, "
        "or delete them first."
    )


class EntityPropertyInUse(Problem):
    """A property is deleted that forms write, or that says something of an entity."""

    sentence = (
        "The property “{name}” cannot be deleted: {forms} forms write it, and {entities} entities have a "
        "value there. Publish the forms without it, and clear the values first."
    )


class RecordsPending(Problem):
    """A list asks for approval no more while records wait for it, and nobody says what becomes of them."""

    sentence = (
        "{count} records wait for approval to make entities of the list. Add convert=true to make them now, "
        "or convert=false to leave them waiting."
    )
