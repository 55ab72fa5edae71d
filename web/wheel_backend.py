"""setuptools' build hooks, with the web forms built first; what pyproject.toml names as the build backend.

A source distribution carries what was built, so that installing it asks neither for Node nor for npm.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from setuptools import build_meta

import build

Settings = Mapping[str, Any] | None

# What needs nothing built is setuptools' own.
get_requires_for_build_editable = build_meta.get_requires_for_build_editable
prepare_metadata_for_build_editable = build_meta.prepare_metadata_for_build_editable
prepare_metadata_for_build_wheel = build_meta.prepare_metadata_for_build_wheel


def _needed() -> list[str]:
    """Node, where something is to be built and the machine has none."""
    return [] if not build.is_wanted() or build.is_built() or build.node() else [build.NODE_WHEEL]


def _ready() -> None:
    if not build.is_wanted():
        return
    try:
        build.ensure()
    except build.CannotBuild as problem:
        raise SystemExit(str(problem)) from None
    # setuptools packs what an earlier build left here, and these files change their names.
    shutil.rmtree(build.ROOT / "build" / "lib" / "collector" / "webforms" / "built", ignore_errors=True)


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """What `pip install .` puts beside setuptools."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_needed()]


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    """What making a source distribution needs beside setuptools."""
    return [*build_meta.get_requires_for_build_sdist(config_settings), *_needed()]


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """A wheel with the web forms in it."""
    _ready()
    return str(build_meta.build_wheel(wheel_directory, config_settings, metadata_directory))


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """A source distribution with web/ and what was built from it."""
    _ready()
    return str(build_meta.build_sdist(sdist_directory, config_settings))


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """An installation of the checkout itself; `make web` builds what it serves."""
    return str(build_meta.build_editable(wheel_directory, config_settings, metadata_directory))
