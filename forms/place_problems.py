"""What cannot be done to the map, with its sentence: where, what, what now."""

from __future__ import annotations

from forms.problems import Problem


class PlaceNotInForce(Problem):
    """An operation on a unit that has ended."""

    sentence = "{name} ({code}) is not in force any more since {day}. Choose the unit that took its place."


class PlaceCodeTaken(Problem):
    """A new unit under a code that is in force, or was given to a village once."""

    sentence = "The code {code} belongs to {name}. Give the new unit another code."


class PlaceCodeUnusable(Problem):
    """A code of the wrong shape for its level."""

    sentence = (
        "“{code}” cannot be the code of a {level}: a province has 2 digits, a district 3, a commune 5, and a "
        "village the code of its commune, a hyphen and 3 digits other than 000."
    )


class PlaceNameMissing(Problem):
    """A unit without a name."""

    sentence = "A place needs a name of 1 to {limit} characters. Write its name and try again."


class PlaceLevelsDiffer(Problem):
    """An operation across levels, or on too few units."""

    sentence = (
        "{names}: only units of one level can be merged, at least two of them. Choose communes with "
        "communes, or villages with villages."
    )


class PlaceParentUnusable(Problem):
    """A commune in a commune, a village in a province, a unit in itself."""

    sentence = (
        "A {level} cannot lie in {parent}. A village lies in a commune, a commune in a province or a "
        "district, a district in a province."
    )


class PlaceDayUnusable(Problem):
    """A day before the unit began, or one that has not come."""

    sentence = (
        "{day} cannot be the day: it has to lie after {since}, when the latest change of {name} took effect, "
        "and not after today, {today}. Correct the date."
    )


class PlaceNotEmpty(Problem):
    """Closing a unit in which others still lie."""

    sentence = (
        "{name} ({code}) cannot be closed while {number} places lie in it, {example} for one. Move or close "
        "them first, or merge {name} into another unit."
    )


class PlacePartsUnusable(Problem):
    """A split that leaves something nowhere."""

    sentence = (
        "{name} cannot be divided like this: {cause}. Name at least two parts, and for each place in it the "
        "part it goes to."
    )


class PlaceChangeUnknown(Problem):
    """An operation nobody recorded."""

    sentence = "There is no operation {number} on places."


class PlaceChangeDone(Problem):
    """Undoing what is undone, or what was loaded with the map."""

    sentence = "Operation {number} cannot be undone: {cause}."


class PlaceChangeOverlaid(Problem):
    """Undoing what later changes rest on."""

    sentence = (
        "Operation {number} cannot be undone, because {cause} since. Undo the later change first, the last "
        "one first."
    )


class VillageFileUnreadable(Problem):
    """A file that is no list of villages or communes."""

    sentence = (
        "The list cannot be read. {cause} Save it in Excel as “Excel workbook (.xlsx)” "
        "or “CSV UTF-8” and send it again."
    )


class VillageColumnsMissing(Problem):
    """A list without the columns every village needs."""

    sentence = (
        "The list of villages has no column {columns} in its first 15 rows. It needs a column with the name "
        "of the village (label, or Tên thôn/bản) and one with the commune's code (commune_code, or Mã xã)."
    )


class VillageListFaulty(Problem):
    """A list with rows that cannot be entered; nothing of it was."""

    sentence = (
        "Nothing was entered: {number} cells of the list are wrong. The first: {first} Correct them and "
        "try again."
    )


class VillageImportGone(Problem):
    """Undoing an import that is none, was undone, or that something rests on."""

    sentence = "The import {number} cannot be undone: {cause}."


class FactColumnsMissing(Problem):
    """A list of communes without their codes, or with nothing to say of them."""

    sentence = (
        "The list has no column {columns} in its first 15 rows. It needs the commune's code (commune_code, "
        "or Mã xã) and at least one of: zone (Khu vực), border (Biên giới), especially_difficult (Đặc biệt "
        "khó khăn), ethnic_mountainous (Dân tộc, miền núi)."
    )


class PlaceBatchGone(Problem):
    """Undoing a list of communes that is none, was undone, or that a later change rests on."""

    sentence = "The list {number} cannot be taken back: {cause}."


class DayUnreadable(Problem):
    """A day a program asks for that is none."""

    sentence = "“{value}” is no day. Write it like 2024-12-31."
