"""Whether a description is DDI-Codebook as we mean to write it: elements, their order, their references."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lxml import etree

_CONTRACT = Path(__file__).parents[3] / "contracts" / "ddi" / "codebook-2.5-as-written.rng"
NAMES = {"d": "ddi:codebook:2_5"}


@cache
def _grammar() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(_CONTRACT))


def faults(document: bytes) -> list[str]:
    """What is wrong with it, nothing where it is right."""
    root = etree.fromstring(document)
    grammar = _grammar()
    found = [] if grammar.validate(root) else [str(one) for one in grammar.error_log]
    ids = [str(one) for one in root.xpath("//@ID")]
    named = [
        name for one in root.xpath("//@files | //@keyvar | //@recGrp | //@var") for name in str(one).split()
    ]
    twice = {one for one in ids if ids.count(one) > 1} if len(ids) != len(set(ids)) else set()
    return [*found, *(f"{one} twice" for one in twice), *(f"no {one}" for one in {*named} - {*ids})]
