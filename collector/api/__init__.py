"""The programs' door to what is ours: indicators."""

from __future__ import annotations

from flask import Blueprint

from collector.api import indicators

BLUEPRINTS: tuple[Blueprint, ...] = (indicators.blueprint,)
