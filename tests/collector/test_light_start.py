"""A web process does without what only files need: its memory is the server's floor."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("pyarrow", "pandas", "numpy", "pyreadstat", "xlsxwriter", "docx", "docxtpl", "typst", "duckdb")


def test_the_web_app_starts_without_the_libraries_of_files() -> None:
    loaded = f"import sys, collector.app; print([one for one in {HEAVY!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_worker_starts_without_them_too() -> None:
    loaded = f"import sys, collector.actions.work; print([one for one in {HEAVY!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
