"""What the sandbox's tests share: a clock, a caller of the REST app, and a look at processes."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp.test_utils import TestClient

from wizard.sandbox.workspace.state import Workspace

Fetch = Callable[..., tuple[int, dict[str, str], str]]
"""(running, path, token="", host="") -> (status, headers, text)."""


@dataclass
class Clock:
    """A clock that goes only when told to."""

    time: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.time


@dataclass
class Api:
    """The REST app of one workspace, in this process, called by its default user."""

    workspace: Workspace
    clock: Clock
    http: TestClient[Any, Any]
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, body: object = None, **more: Any) -> tuple[int, Any]:
        """(status, JSON) of a call with the user's token."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        if isinstance(body, bytes):
            more["data"] = io.BytesIO(body)
        elif body is not None:
            more["data"] = io.BytesIO(json.dumps(body).encode())
        async with self.http.request(method, path, headers=headers, **more) as answer:
            self.headers = dict(answer.headers)
            return answer.status, await answer.json()

    async def get(self, path: str, /, **query: str) -> tuple[int, Any]:
        return await self.call("GET", path, params=query)

    async def post(self, path: str, /, **body: object) -> tuple[int, Any]:
        return await self.call("POST", path, body)

    async def form(self, path: str, fields: dict[str, str], basic: tuple[str, str] | None = None) -> tuple[int, Any]:
        """(status, JSON) of a form that is sent without the user's token."""
        value = base64.b64encode(":".join(basic).encode()).decode() if basic else ""
        async with self.http.post(
            path, data=fields, headers={"Authorization": f"Basic {value}"} if basic else {}
        ) as answer:
            return answer.status, await answer.json()


def alive(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in {b"Z", b"X"}
    except OSError:
        return False
