"""The programs' door to what is ours: indicators, campaigns."""

from __future__ import annotations

from flask import Blueprint

from collector.api import campaigns, indicators, places

BLUEPRINTS: tuple[Blueprint, ...] = (indicators.blueprint, campaigns.blueprint, places.blueprint)
