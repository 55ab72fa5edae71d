"""A form of its own in an office that others share, and the records programs send to it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from storage.models import Form
from tests.asked import answered, asked
from tests.collector.v1.program import Program
from tests.office import Office

XML = {"content_type": "text/xml"}
_NUMBERS = itertools.count(1)


@dataclass
class Survey:
    """A form of its own, its records, and the administrator who writes them."""

    office: Office
    program: Program
    questions: str = "name:string age:int"

    @cached_property
    def form(self) -> Form:
        """The form, published once it is asked for."""
        return self.office.publish(asked(f"f{next(_NUMBERS)}", "1", self.questions), filename="f.xml")

    @property
    def form_id(self) -> str:
        """What phones call it."""
        return self.form.xml_form_id

    @property
    def records(self) -> str:
        """Where its records are."""
        return f"projects/1/forms/{self.form_id}/submissions"

    def xml(self, instance_id: str, name: str = "Lan", *, replaces: str | None = None, **more: str) -> bytes:
        """An answer; `more` are further questions, or `form_id`, `version`."""
        version, form_id = more.pop("version", "1"), more.pop("form_id", self.form_id)
        rest = "".join(f"<{one}>{said}</{one}>" for one, said in more.items())
        return answered(
            form_id, version, f"<name>{name}</name>{rest}", instance_id=instance_id, replaces=replaces
        )

    def send(self, instance_id: str, name: str = "Lan", **more: Any) -> Any:
        """A new record, taken."""
        return self.program.post(self.records, data=self.xml(instance_id, name, **more), **XML)

    def put(self, instance_id: str, new_id: str, name: str, **more: Any) -> Any:
        """A new version, taken."""
        xml = self.xml(new_id, name, replaces=more.pop("replaces", instance_id), **more)
        response = self.program.ask("PUT", f"{self.records}/{instance_id}", data=xml, **XML)
        assert response.status_code == 200, response.text
        return response.json

    def ids(self, query: str = "") -> list[str]:
        """The listed records."""
        return [one["instanceId"] for one in self.program.get(f"{self.records}{query}")]
