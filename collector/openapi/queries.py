"""What can stand behind the question mark of an address: a name, its kind, and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SWITCH = {"type": "boolean"}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
_DAY = {"type": "string", "format": "date"}

QUERY: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "limit": (_NUMBER, "As many in one answer."),
    "offset": (_NUMBER, "As many are left out before the first."),
    "after": (_TEXT, "The answer begins after this one: the `next`, or the number, of the one before."),
    "deleted": (_SWITCH, "Those that were deleted instead."),
    "publish": (_SWITCH, "Give it to the phones at once."),
    "ignoreWarnings": (_SWITCH, "Take it although there are warnings."),
    "version": (_TEXT, "The version it is to be."),
    "odata": (_SWITCH, "Names as OData spells them."),
    "q": (_TEXT, "What to look for."),
    "id": (_TEXT, "Ids, with commas between."),
    "formID": (_TEXT, "Only this form."),
    "verbose": (_SWITCH, "With descriptions."),
    "listAllVersions": (_SWITCH, "Every version, not only the current one."),
    "deviceID": (_TEXT, "The phone."),
    "force": (_SWITCH, "Whatever version it stands on."),
    "resolve": (_SWITCH, "Its conflict is settled with that."),
    "baseVersion": (_NUMBER, "The version it stands on."),
    "convert": (_SWITCH, "What becomes of the records that wait: entities are made of them, or not."),
    "relevantToConflict": (_SWITCH, "Only versions its conflict rests on."),
    "forms": (_SWITCH, "With the forms of each."),
    "datasets": (_SWITCH, "With the lists of each."),
    "attachments": (_SWITCH, "With the files of the records; without them, `false`."),
    "groupPaths": (_SWITCH, "Columns named with their groups; without them, `false`."),
    "splitSelectMultiples": (_SWITCH, "A column for every choice of a question with several."),
    "deletedFields": (_SWITCH, "Also what earlier versions asked."),
    "labels": (_TEXT, "Labels instead of codes (`true`), or beside them (`both`)."),
    "layout": (_TEXT, "`wide`: rows of repeats beside each other."),
    "bom": (_SWITCH, "The mark by which Excel knows UTF-8."),
    "tz": (_TEXT, "A time zone, `Asia/Ho_Chi_Minh`."),
    "fieldpath": (_TEXT, "The question with the place, `/group/point`."),
    "action": (_TEXT, "One action, or a kind of actions."),
    "start": (_MOMENT, "From this moment."),
    "end": (_MOMENT, "Before this moment."),
    "$top": (_NUMBER, "As many rows."),
    "$skip": (_NUMBER, "As many rows are left out before the first."),
    "$skiptoken": (_TEXT, "Where the page before ended; `@odata.nextLink` holds it."),
    "$count": (_SWITCH, "With the number of all rows."),
    "$filter": (_TEXT, "Only rows for which this is so; any question may stand in it."),
    "$orderby": (_TEXT, "In this order; any question may stand in it."),
    "$select": (_TEXT, "Only these columns."),
    "$expand": ({"type": "string", "enum": ["*"]}, "With the rows of repeats inside."),
    "$wkt": (_SWITCH, "Places as WKT instead of GeoJSON."),
    "$search": (_TEXT, "What stands in any property."),
    "$format": (_TEXT, "`json` or `xml`, whatever `Accept` says."),
    "lang": (_TEXT, "The language of labels; `vi` unless said."),
    "level": (_TEXT, "`village`, `commune`, `district` or `province`."),
    "area": (_TEXT, "The code of a place: only what lies in it."),
    "place": (_TEXT, "The code of a place."),
    "under": (_TEXT, "The code of a place: what lies right in it."),
    "search": (_TEXT, "A name, accents or not, or a code."),
    "on": (_DAY, "The map of this day."),
    "by": (_TEXT, "What it is split by."),
    "side": ({"type": "string", "enum": ["numerator", "denominator", "excluded"]}, "Which rows."),
    "period": (_TEXT, "`2026`, `2026-H1`, `2026-Q3`, `2026-09`, `2025-2026`, `2024..2026`."),
    "periods": (_TEXT, "Several, with commas between."),
    "form": (_TEXT, "The id of a form."),
    "code": (_TEXT, "The code of an indicator."),
    "state": (_TEXT, "How it stands."),
    "severity": (_TEXT, "`error` or `warning`."),
    "check": (_TEXT, "The code of a check."),
    "owner": (_TEXT, "The number of an account."),
    "purpose": (_TEXT, "What for, where people are in the file."),
}
"""Name to JSON Schema and sentence."""
