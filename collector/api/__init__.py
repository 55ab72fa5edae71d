"""The programs' door to what is ours: indicators, campaigns, places, findings."""

from __future__ import annotations

from flask import Blueprint

from collector.api import (
    campaigns,
    extracts,
    figures,
    findings,
    indicators,
    keys,
    places,
    releases,
    webhooks,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    indicators.blueprint,
    figures.blueprint,
    campaigns.blueprint,
    places.blueprint,
    findings.blueprint,
    keys.blueprint,
    webhooks.blueprint,
    extracts.blueprint,
    releases.blueprint,
)
