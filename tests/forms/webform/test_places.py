"""A place is taken by itself at the metres the form names."""

from __future__ import annotations

from lxml import etree

from forms.webform.places import aim

XFORM = """
<html xmlns="http://www.w3.org/2002/xforms"><body>
  <input ref="/data/house" accuracyThreshold="5"/><input ref="/data/field"/>
</body></html>
"""
FORM = '<form><label><input name="/data/house"/></label><label><input name="/data/field"/></label></form>'


def test_the_metres_of_a_question_reach_its_control() -> None:
    form = etree.fromstring(FORM)
    aim(form, etree.fromstring(XFORM))
    asked = {control.get("name"): control.get("data-accuracy-threshold") for control in form.iter("input")}
    assert asked == {"/data/house": "5", "/data/field": None}
