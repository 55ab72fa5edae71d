"""What the server as a whole refuses: to start with a setting it cannot use."""

from __future__ import annotations

from forms.problems import Problem


class SettingUnusable(Problem):
    """An environment variable that says what the server cannot do. The value may be secret: not shown."""

    sentence = "The setting {name} cannot be used: it has to be {wanted}."
