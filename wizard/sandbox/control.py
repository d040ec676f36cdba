"""The control socket: what only the owner may ask. One JSON line in, one JSON line out, the peer's uid checked."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wizard.sandbox.error import SandboxError
from wizard.sandbox.line import LIMIT, peer_uid
from wizard.sandbox.workspace.access import USER
from wizard.sandbox.workspace.error import ApiError
from wizard.sandbox.workspace.state import Workspace
from wizard.secret import Secret

Request = dict[str, Any]
ENTRY_LIMIT = 10_000


class Control:
    """Answers the owner's requests over one workspace, and keeps the wizard's own throw-away secrets in memory."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: dict[tuple[str, str], Secret] = {}
        self._server: asyncio.Server | None = None
        self._ops: dict[str, Callable[[Request], object]] = {
            "token": self._token,
            "client": self._client,
            "get-secret": self._get,
            "put-secret": self._put,
            "delete-secret": self._delete,
            "list-secrets": lambda _: sorted(self._kept),
            "misbehave": self._misbehave,
            "clear": lambda _: self._workspace.behave(),
            "faults": lambda _: self._workspace.faults.names(),
        }

    async def listen(self, path: Path) -> None:
        """Answer on this unix socket, which only its owner may open."""
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        bound.bind(str(path))
        os.chmod(path, 0o600)
        self._server = await asyncio.start_unix_server(self._accept, sock=bound, limit=LIMIT)

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            connection = writer.get_extra_info("socket")
            if peer_uid(connection) in {os.getuid(), None}:
                line = await asyncio.wait_for(reader.readline(), 30.0)
                writer.write(json.dumps(self.answer(line)).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError, TimeoutError):
            writer.write(b'{"ok": false, "error": "The request is not one line of JSON of at most 1 MiB."}\n')
        finally:
            writer.close()

    def answer(self, line: bytes) -> dict[str, object]:
        """The answer to one line; whatever is wrong with it is said in the answer, without repeating values."""
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            return {"ok": False, "error": "The request is not one line of JSON."}
        op = request.get("op") if isinstance(request, dict) else None
        if not isinstance(op, str) or op not in self._ops:
            return {"ok": False, "error": f"The sandbox knows no such request. It knows: {', '.join(self._ops)}."}
        self._workspace.begin()
        try:
            return {"ok": True, "result": self._ops[op](request)}
        except (SandboxError, ApiError) as error:
            return {"ok": False, "error": str(error)}
        finally:
            self._workspace.done()

    def _token(self, request: Request) -> str:
        lifetime, comment = request.get("lifetime_seconds"), request.get("comment", "")
        if lifetime is not None and (isinstance(lifetime, bool) or not isinstance(lifetime, int) or lifetime < 0):
            raise SandboxError("A token's lifetime is a number of seconds from 0 upwards, or none at all.")
        if not isinstance(comment, str) or len(comment) > 1000:
            raise SandboxError("A token's comment is a text of at most 1000 characters.")
        return self._workspace.access.mint(USER, lifetime=lifetime, comment=comment)[0]

    def _client(self, request: Request) -> tuple[str, str]:
        del request
        return self._workspace.access.make_client("mlops-wizard-ci")

    def _get(self, request: Request) -> str | None:
        found = self._kept.get(_entry(request))
        return None if found is None else found.reveal()

    def _put(self, request: Request) -> None:
        value = request.get("value")
        if not isinstance(value, str):
            raise SandboxError("The value to keep must be a text.")
        entry = _entry(request)
        if entry not in self._kept and len(self._kept) >= ENTRY_LIMIT:
            raise SandboxError(f"The sandbox keeps {ENTRY_LIMIT} secrets already. Delete some first.")
        self._kept[entry] = Secret(value)

    def _delete(self, request: Request) -> bool:
        return self._kept.pop(_entry(request), None) is not None

    def _misbehave(self, request: Request) -> None:
        names = request.get("names")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise SandboxError("The names of faults must be a list of texts.")
        self._workspace.misbehave(names)


def _entry(request: Request) -> tuple[str, str]:
    service, user = request.get("service"), request.get("user")
    if not isinstance(service, str) or not isinstance(user, str) or not 0 < len(service) <= 1000 or len(user) > 1000:
        raise SandboxError("An entry is named by a service and a user, texts of at most 1000 characters.")
    return service, user
