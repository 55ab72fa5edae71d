"""What the browser's engine cannot do, said to the author of a form and to whoever fills it in.

Each was looked up in enketo-core 9.0.1 and its sheets; docs/web-forms.md says what happens instead. A
warning is hard: the form has to be filled in with the app.
"""

from __future__ import annotations

from collections.abc import Mapping

from forms.remarks import Remark, Weight

FEATURES: Mapping[str, Remark] = {
    "barcode": Remark(
        "“{label}” ({question}) reads a barcode; in a browser its code is typed by hand.",
        "Where it has to be scanned, let the form be filled in with ODK Collect.",
        weight=Weight.NOTICE,
    ),
    "trace": Remark(
        "“{label}” ({question}) is a line or an area; in a browser it is made point by point while walking, "
        "without a map.",
        "Where it has to be drawn on a map, let the form be filled in with ODK Collect.",
        weight=Weight.NOTICE,
    ),
    "map": Remark(
        "“{label}” ({question}) shows a map; in a browser there is none: a choice is a list, a point is "
        "where the phone is.",
        "Where the map matters, let the form be filled in with ODK Collect.",
        weight=Weight.NOTICE,
    ),
    "recording": Remark(
        "The form records sound while it is filled in (background-audio); a browser records nothing.",
        "Where the recording matters, let the form be filled in with ODK Collect.",
        weight=Weight.NOTICE,
    ),
    "audit": Remark(
        "The form keeps a log of how it was filled in (audit); a browser keeps none.",
        "Where the log matters, let the form be filled in with ODK Collect.",
        weight=Weight.NOTICE,
    ),
    "app": Remark(
        "“{label}” ({question}) is answered by another app on the phone; in a browser it is typed by hand.",
        "Where the other app matters, let the form be filled in with ODK Collect.",
        weight=Weight.NOTICE,
    ),
    "printer": Remark(
        "“{label}” ({question}) prints; a browser prints nothing there.",
        "Where the print matters, let the form be filled in with ODK Collect.",
        weight=Weight.NOTICE,
    ),
    "readonly": Remark(
        "“{label}” ({question}) can be changed only under a condition (readonly); in a browser it can always "
        "be changed.",
        "Use relevant with two questions, or a constraint, in place of the condition.",
        weight=Weight.NOTICE,
    ),
    "masked": Remark(
        "“{label}” ({question}) hides what is typed; a browser shows it.",
        "Where it must stay hidden, let the form be filled in with ODK Collect.",
        weight=Weight.NOTICE,
    ),
    "compass": Remark(
        "“{label}” ({question}) reads the compass; in a browser the number is typed by hand.",
        "Where the compass matters, let the form be filled in with ODK Collect.",
        weight=Weight.NOTICE,
    ),
    "calendar": Remark(
        "“{label}” ({question}) asks for a day of another calendar; a browser shows the common one.",
        "Where the other calendar matters, let the form be filled in with ODK Collect.",
        weight=Weight.NOTICE,
    ),
    "encryption": Remark(
        "The form is encrypted with its own key; a browser cannot encrypt it.",
        "Let the form be filled in with ODK Collect, or take public_key out of the settings sheet.",
        weight=Weight.WARNING,
    ),
    "entities": Remark(
        "What the form adds to the list “{detail}” is shown in other forms in the browser only after it was "
        "sent and they were fetched again.",
        weight=Weight.NOTICE,
    ),
    "search": Remark(
        "“{label}” ({question}) takes its answers from a file by search(), which a browser cannot read.",
        "Use select_one_from_file with a choice_filter instead.",
        weight=Weight.WARNING,
    ),
    "external": Remark(
        "“{label}” ({question}) is a select_one_external, whose list a browser cannot read.",
        "Use select_one_from_file with a choice_filter instead.",
        weight=Weight.WARNING,
    ),
    "phone": Remark(
        "The answer {question} is a property of the phone ({detail}) that a browser does not know; it stays "
        "blank.",
        weight=Weight.NOTICE,
    ),
    "control": Remark(
        "“{label}” ({question}) is a kind of question ({detail}) that a browser does not show.",
        "Ask it in another way, or let the form be filled in with ODK Collect.",
        weight=Weight.WARNING,
    ),
    "function": Remark(
        "An expression of {question} uses {detail}(), which a browser cannot work out.",
        "Say it with other functions, or let the form be filled in with ODK Collect.",
        weight=Weight.WARNING,
    ),
    "condition": Remark(
        "An expression of {question} looks for {detail} between brackets by its whole path; a browser then "
        "counts all of them, or none.",
        "Between the brackets, write ./ and the name, without braces: ${{people}}[./age < 15].",
        weight=Weight.WARNING,
    ),
    "unmade": Remark(
        "The form cannot be shown in a browser: {detail}.",
        "Correct it in the workbook and send it again, or let the form be filled in with ODK Collect.",
        weight=Weight.WARNING,
    ),
}
"""Each by a short name for programs. `question` is its name, `label` how it is asked."""
