"""What is wrong with an entity that a program sends as JSON."""

from __future__ import annotations

from forms.problems import Problem


class EntityAttributeUnknown(Problem):
    """A key beside those an entity has."""

    sentence = "An entity has the keys {expected}, and this one says {actual}. Leave the others out."


class EntityAttributeMissing(Problem):
    """A key that has to be there."""

    sentence = "The request lacks {field}. Add it and send it again."


class EntityValueNotText(Problem):
    """A number, a list or null where every value is text."""

    sentence = "The value of {field} has to be {expected}. Write it so and send it again."


class EntityLabelBlank(Problem):
    """A label that says nothing."""

    sentence = "The label of an entity cannot be blank. Say what it is called."


class EntityEmpty(Problem):
    """Neither a label nor a property."""

    sentence = "The entity says nothing: give it a label, or data."
