"""A published form for a phone's browser: how it is made, and what its engine cannot do.

Knows: enketo-core and the two sheets of enketo-transformer that belong to it; no other engine.
"""

from forms.webform.lacks import Lack, lacking
from forms.webform.sheets import FORM_SHEET, MODEL_SHEET, Sheets
from forms.webform.transforming import Drawn, WebForm, draw, transform

__all__ = [
    "FORM_SHEET",
    "MODEL_SHEET",
    "Drawn",
    "Lack",
    "Sheets",
    "WebForm",
    "draw",
    "lacking",
    "transform",
]
