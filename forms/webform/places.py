"""How good a place must be before a phone takes it by itself, where the form says so.

Why: the sheets leave that out, and a browser's button waits for the same metres as the phone's.
"""

from __future__ import annotations

from lxml import etree

_INPUT = "{http://www.w3.org/2002/xforms}input"


def aim(form: etree._Element, html: etree._Element) -> None:
    """Write `accuracyThreshold` of the XForm's questions, in metres, on the controls of a made form.

    Source: https://getodk.github.io/xforms-spec/#body-attributes
    """
    for asked in html.iter(_INPUT):
        metres, path = asked.get("accuracyThreshold"), str(asked.get("ref", ""))
        if metres is not None and path:
            for control in form.xpath(".//input[@name=$path]", path=path):
                control.set("data-accuracy-threshold", str(metres))
