"""What a process tree costs: processor time and memory, read from /proc."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def _families() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found.setdefault(int(fields[1]), []).append(int(entry.name))
    return found


def children(root: int) -> list[int]:
    """The processes right below one."""
    return _families().get(root, [])


def command(number: int) -> list[str]:
    """What a process was called with; nothing where it has ended."""
    try:
        return Path(f"/proc/{number}/cmdline").read_text().rstrip("\0").split("\0")
    except OSError:
        return []


def tree(root: int) -> list[int]:
    """A process and all below it."""
    families = _families()
    found, waiting = [], [root]
    while waiting:
        number = waiting.pop()
        found.append(number)
        waiting += families.get(number, [])
    return found


def cpu_seconds(root: int) -> float:
    """Processor seconds the tree has used; those of children that ended count with their parent."""
    total = 0.0
    for number in tree(root):
        try:
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15])) / _TICKS
    return total


def memory_mb(root: int) -> float:
    """Megabytes the tree holds, shared pages divided among their holders (summed PSS)."""
    total = 0
    for number in tree(root):
        try:
            lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024
