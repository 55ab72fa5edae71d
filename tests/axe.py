"""What axe-core says of a page: whatever it knows to be wrong for who sees, hears or moves otherwise.

Knows: axe-core, as the package `axe-playwright-python` brings it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from playwright.sync_api import Page

_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_COLOURS_AND_SIZES = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size")
EVERYTHING: Mapping[str, object] = {"type": "tag", "values": _TAGS}
LAID_OUT: Mapping[str, object] = {"type": "rule", "values": _COLOURS_AND_SIZES}
"""The rules that a page may break in another size or in the dark only."""

_RUN = """async ([only, targets]) => {
  const rules = targets ? {"target-size": {enabled: true}} : {};
  const {violations} = await axe.run(document, {runOnly: only, resultTypes: ["violations"], rules});
  const told = (nodes) => nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" ; ");
  return violations.map((one) => `${one.id}: ${told(one.nodes)}`);
}"""


@cache
def _script() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def faults(page: Page, only: Mapping[str, object] = EVERYTHING) -> list[str]:
    """What is wrong with the page as it stands: each line a rule and the first elements that break it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_script())
    found: list[str] = page.evaluate(_RUN, [only, only is EVERYTHING])
    return found
