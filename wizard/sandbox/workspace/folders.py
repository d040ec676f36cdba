"""/api/2.0/workspace: the tree of folders, without notebooks; what the legacy CLI's `workspace ls` looks at."""

from __future__ import annotations

import zlib
from typing import Any

from wizard.sandbox.workspace.call import Call, Route
from wizard.sandbox.workspace.error import ApiError, invalid, missing

FOLDER_LIMIT = 10_000


def _path(call: Call) -> str:
    path = call.fields.text("path")
    if not path.startswith("/") or any(part in {".", ".."} for part in path.split("/")):
        raise invalid(f"Path ({path}) must be absolute.")
    return "/" + "/".join(part for part in path.split("/") if part)


def _shown(path: str) -> dict[str, Any]:
    return {"path": path, "object_type": "DIRECTORY", "object_id": zlib.crc32(path.encode())}


def _there(call: Call) -> str:
    path = _path(call)
    if path not in call.workspace.folders:
        raise missing(f"Path ({path}) doesn't exist.")
    return path


def get_status(call: Call) -> dict[str, Any]:
    """One folder."""
    return _shown(_there(call))


def listed(call: Call) -> dict[str, Any]:
    """The folders in a folder; an empty one answers `{}`, as the real API does."""
    above = _there(call)
    inside = [path for path in call.workspace.folders if path != "/" and (path.rpartition("/")[0] or "/") == above]
    return {"objects": [_shown(path) for path in sorted(inside)]} if inside else {}


def mkdirs(call: Call) -> dict[str, Any]:
    """Make a folder and those above it."""
    path, folders = _path(call), call.workspace.folders
    if len(folders) >= FOLDER_LIMIT:
        raise ApiError(400, "RESOURCE_LIMIT_EXCEEDED", f"The workspace has {FOLDER_LIMIT} folders.")
    parts = path.split("/")
    folders.update("/".join(parts[: end + 1]) for end in range(1, len(parts)))
    return {}


ROUTES: list[Route] = [
    ("GET", "/api/2.0/workspace/get-status", get_status),
    ("GET", "/api/2.0/workspace/list", listed),
    ("POST", "/api/2.0/workspace/mkdirs", mkdirs),
]
