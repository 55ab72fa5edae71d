"""The programs' door to what is ours: indicators, campaigns, places, findings."""

from __future__ import annotations

from flask import Blueprint

from collector.api import campaigns, findings, indicators, places

BLUEPRINTS: tuple[Blueprint, ...] = (
    indicators.blueprint,
    campaigns.blueprint,
    places.blueprint,
    findings.blueprint,
)
