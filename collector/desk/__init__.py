"""⑨ The people's door: pages in Vietnamese, readable without JavaScript, on a phone and on a PC."""

from __future__ import annotations

from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = ()
