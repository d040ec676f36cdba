"""A call that changes something at a cloud. What it did there cannot be taken back by us, and the plan says so."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from wizard.change import ChangeFailed, Data, Doors


@dataclass(frozen=True, slots=True)
class CallApi:
    """`method` of the workspace at `host`, as in `clusters.start`; it looks first, so that a repeat does no harm."""

    host: str
    method: str
    arguments: tuple[tuple[str, str], ...]
    said: str
    kind: str = field(default="call-api", init=False)

    @property
    def title(self) -> str:
        return self.said

    @property
    def about(self) -> str:
        return self.host

    @property
    def reversible(self) -> bool:
        return False

    def preview(self) -> str:
        arguments = json.dumps(dict(self.arguments))
        return f"{self.method} {arguments}  →  {self.host}\n(`mlops-wizard undo` cannot take this back)\n"

    def bind(self, plan: str, number: int) -> CallApi:  # noqa: ARG002  keeps nothing
        return self

    def apply(self, doors: Doors) -> CallApi:
        doors.call(self.host, self.method, dict(self.arguments))
        return self

    def inverse(self) -> CallApi:
        raise ChangeFailed(f"{self.said}: this cannot be undone")

    def data(self) -> Data:
        return {
            "kind": self.kind,
            "host": self.host,
            "method": self.method,
            "arguments": dict(self.arguments),
            "said": self.said,
        }

    @classmethod
    def from_data(cls, data: Data) -> CallApi:
        """Back from a journal."""
        return cls(data["host"], data["method"], tuple(data["arguments"].items()), data["said"])
