"""One JSON line to the control socket, one JSON line back: the client's half, and who is at the other end."""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
from typing import Any

from wizard.sandbox.error import SandboxError

LIMIT = 1024 * 1024
"""Bytes of one line, either way."""

SECONDS = 30.0
AGAIN = "Type `mlops-wizard sandbox start`."


def peer_uid(connection: socket.socket) -> int | None:
    """The user at the other end of a unix socket, as the kernel knows it; None where the system does not tell."""
    if sys.platform == "linux":
        size = struct.calcsize("3i")
        return int(struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[1])
    if sys.platform == "darwin":
        local_peercred = 0x001  # <sys/un.h>; struct xucred: version, uid, …
        return int(struct.unpack_from("=II", connection.getsockopt(0, local_peercred, 76))[1])
    return None


def ask(path: str, request: dict[str, Any]) -> Any:
    """Send one request and return the `result` of the answer. Raises SandboxError with what to do."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(SECONDS)
            connection.connect(path)
            if peer_uid(connection) not in {os.getuid(), None}:
                raise SandboxError(f"{path} belongs to another user; nothing was sent. {AGAIN}")
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer = _receive(connection)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SandboxError(f"The sandbox does not answer on {path} ({reason}). {AGAIN}") from None
    return _result(answer)


def _receive(connection: socket.socket) -> bytes:
    parts = bytearray()
    while not parts.endswith(b"\n") and len(parts) <= LIMIT:
        part = connection.recv(65536)
        if not part:
            break
        parts += part
    return bytes(parts)


def _result(answer: bytes) -> Any:
    try:
        found = json.loads(answer)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("ok"), bool):
        raise SandboxError(f"The sandbox's control socket answered something else than its own protocol. {AGAIN}")
    if not found["ok"]:
        raise SandboxError(str(found.get("error", "The sandbox refused.")))
    return found.get("result")
