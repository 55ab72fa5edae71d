"""What the phones' door itself refuses, before a submission is read."""

from __future__ import annotations

from forms.problems import Problem


class OpenRosaVersionMissing(Problem):
    """`/v1` wants the header that shows an OpenRosa client."""

    sentence = "The header X-OpenRosa-Version: 1.0 is missing."
