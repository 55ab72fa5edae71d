"""The words over the columns of a file of figures, and for its codes, in the reader's language."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext

from collector.actions.figure_files import Worded, Words


def words_for_people(language: str, split: Worded | None = None) -> Words:
    """What a file for people says; `split` names what a line is split by and its part."""
    words = Words(language, (gettext("Figures"), gettext("Notes")), _heads(), _codes(), _notes())
    return replace(words, split=split)


def _heads() -> dict[str, str]:
    return {
        "indicator": gettext("Code of the indicator"),
        "label": gettext("Indicator"),
        "unit": gettext("Unit"),
        "period": gettext("Period"),
        "place": gettext("Code of the place"),
        "place_name": gettext("Place"),
        "level": gettext("Level"),
        "parent": gettext("Code of the place around it"),
        "parent_name": gettext("In"),
        "split": gettext("Split by"),
        "split_value": gettext("Part"),
        "numerator": gettext("Numerator"),
        "denominator": gettext("Denominator"),
        "value": gettext("Value"),
        "counted": gettext("Rows counted"),
        "expected": gettext("Units to report"),
        "received": gettext("Units that reported"),
        "completeness": gettext("Reported, percent"),
        "target": gettext("Target"),
        "comparison": gettext("Comparison"),
        "deadline": gettext("Deadline"),
        "target_plan": gettext("Plan"),
        "target_source": gettext("Source of the target"),
        "to_reach": gettext("Still to reach"),
        "status": gettext("Status"),
        "state": gettext("Signed"),
        "computed_at": gettext("Worked out at"),
    }


def _codes() -> dict[str, str]:
    return {
        "country": gettext("the whole country"),
        "province": gettext("province"),
        "commune": gettext("commune"),
        "village": gettext("village"),
        "met": gettext("met"),
        "on_way": gettext("on the way"),
        "behind": gettext("behind"),
        "no_data": gettext("no data"),
        "confirmed": gettext("confirmed"),
        "locked": gettext("locked"),
    }


def _notes() -> dict[str, str]:
    return {
        "data": gettext("The data"),
        "as_of": gettext("As of"),
        "pending": gettext("Changes not in it yet"),
        "area": gettext("Place"),
        "period": gettext("Period"),
        "indicators": gettext("Indicators: code, name, definition, source, unit, direction"),
    }
