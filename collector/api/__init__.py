"""The programs' door to what is ours: indicators, campaigns."""

from __future__ import annotations

from flask import Blueprint

from collector.api import campaigns, indicators

BLUEPRINTS: tuple[Blueprint, ...] = (indicators.blueprint, campaigns.blueprint)
