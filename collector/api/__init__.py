"""The programs' door to what is ours: indicators, campaigns, places, findings."""

from __future__ import annotations

from flask import Blueprint

from collector.api import campaigns, figures, findings, indicators, keys, places, webhooks

BLUEPRINTS: tuple[Blueprint, ...] = (
    indicators.blueprint,
    figures.blueprint,
    campaigns.blueprint,
    places.blueprint,
    findings.blueprint,
    keys.blueprint,
    webhooks.blueprint,
)
