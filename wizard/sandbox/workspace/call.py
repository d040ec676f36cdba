"""One authenticated request, and the table form in which the API families list their handlers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wizard.sandbox.workspace.access import Principal
from wizard.sandbox.workspace.fields import Fields
from wizard.sandbox.workspace.state import Workspace


@dataclass(frozen=True)
class Call:
    """What a handler works with; it returns the JSON object of the answer or raises ApiError."""

    workspace: Workspace
    who: Principal
    fields: Fields
    upload: bytes | None = None
    """The file of a form."""


Handler = Callable[[Call], dict[str, Any]]
Route = tuple[str, str, Handler]
"""(method, path, handler)."""


def both(method: str, name: str, handler: Handler) -> list[Route]:
    """The route in versions 2.0 and 2.1: `both("GET", "clusters/list", …)`."""
    return [(method, f"/api/{version}/{name}", handler) for version in ("2.0", "2.1")]
