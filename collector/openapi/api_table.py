"""What the addresses of our own door take and give."""

from __future__ import annotations

from collections.abc import Mapping

from collector.api.extracts import LINK_ASKED, NEW_EXTRACT
from collector.api.keys import NEW_KEY
from collector.api.releases import NEW_RELEASE, REASON
from collector.api.webhooks import NEW_WEBHOOK, WEBHOOK_PATCH
from collector.openapi import api_shapes as shapes
from collector.openapi import release_shapes
from collector.openapi.operations import CSV, EXCEL, FILE, SUCCESS, Many, Media, Operation, gives

_FIGURES = ("level", "area", "by", "period", "on", "form", "lang")
_FILE = ("code", "area", "level", "period", "by", "lang")
_FINDINGS = ("state", "severity", "check", "form", "place", "owner")

OURS: Mapping[str, Operation] = {
    "api_indicators.listing": gives(Many(shapes.INDICATOR), "lang"),
    "api_indicators.figures": gives(shapes.FIGURES, *_FIGURES),
    "api_indicators.series": gives(shapes.SERIES, "periods", *_FIGURES),
    "api_figures.overview": gives(shapes.OVERVIEW, "period", "area"),
    "api_figures.table": gives(CSV, *_FILE),
    "api_figures.sdmx": gives(Media(("application/vnd.sdmx.data+csv",)), *_FILE),
    "api_figures.workbook": gives(EXCEL, *_FILE),
    "api_figures.records": gives(shapes.BEHIND, "period", "place", "by", "side", "form", "limit", "after"),
    "api_places.listing": gives(Many(shapes.PLACE), "search", "under", "level", "on", "limit"),
    "api_campaigns.listing": gives(Many(shapes.CAMPAIGN)),
    "api_campaigns.single": gives(shapes.CAMPAIGN),
    "api_findings.listing": gives(shapes.FINDINGS, *_FINDINGS, "limit", "after"),
    "api_findings.download": gives(CSV, *_FINDINGS),
    "api_findings.single": gives(shapes.FINDING),
    "api_keys.listing": gives(Many(shapes.KEY)),
    "api_keys.make": gives(shapes.KEY, takes=NEW_KEY),
    "api_keys.revoke": gives(SUCCESS),
    "api_webhooks.listing": gives(Many(shapes.WEBHOOK)),
    "api_webhooks.single": gives(shapes.WEBHOOK),
    "api_webhooks.make": gives(shapes.WEBHOOK, takes=NEW_WEBHOOK),
    "api_webhooks.change": gives(shapes.WEBHOOK, takes=WEBHOOK_PATCH),
    "api_webhooks.remove": gives(SUCCESS),
    "api_webhooks.try_out": gives(shapes.TOLD),
    "api_extracts.listing": gives(Many(release_shapes.EXTRACT)),
    "api_extracts.make": gives(release_shapes.EXTRACT, takes=NEW_EXTRACT),
    "api_extracts.single": gives(release_shapes.EXTRACT),
    "api_extracts.file": gives(FILE, "purpose"),
    "api_extracts.link": gives(release_shapes.LINK, takes=LINK_ASKED),
    "api_releases.listing": gives(Many(release_shapes.RELEASE)),
    "api_releases.make": gives(release_shapes.RELEASE, takes=NEW_RELEASE),
    "api_releases.single": gives(release_shapes.RELEASE),
    "api_releases.approve": gives(release_shapes.RELEASE),
    "api_releases.decline": gives(release_shapes.RELEASE, takes=REASON),
    "api_releases.withdraw": gives(release_shapes.RELEASE, takes=REASON),
    "api_releases.reissue": gives(release_shapes.RELEASE),
    "api_findings.change": gives(shapes.FINDING, takes=shapes.VERDICT),
}
"""Endpoint to operation."""
