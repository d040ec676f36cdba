"""/api/2.0/dbfs over a real folder, the same that Spark reads as `dbfs:/`: what is put here can be queried there."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import stat
from pathlib import Path
from typing import Any

from wizard.sandbox.workspace.call import Call, Route
from wizard.sandbox.workspace.error import ApiError, exists, invalid, missing
from wizard.sandbox.workspace.scopes import from_base64

BLOCK_BYTES = 1024 * 1024
"""Bytes of one `read` or `put`: the vendor's own limit."""


HANDLE_LIMIT = 1000
NAME_BYTES = 255

ROWS = "day,trips,distance\n2021-10-11,120,431.5\n2021-10-12,98,377.0\n2021-10-13,143,512.25\n"
"""A small table that every sandbox has, at dbfs:/databricks-datasets/sandbox/trips.csv."""


def fill(files: Path) -> None:
    """What is there at first: the folders of a real workspace's root, and one small table."""
    for name in ("FileStore", "mnt", "tmp", "user", "databricks-datasets/sandbox"):
        (files / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    (files / "databricks-datasets" / "sandbox" / "trips.csv").write_text(ROWS, encoding="ascii")


def _place(call: Call) -> tuple[str, Path]:
    """The path as DBFS says it, and where it is on this machine; nothing outside the folder can be named."""
    text = call.fields.text("path").removeprefix("dbfs:")
    parts = [part for part in text.split("/") if part]
    if not text.startswith("/") or any(part in {".", ".."} or "\0" in part for part in parts):
        raise invalid(f"Path must be absolute and without dots: {text}")
    if any(len(part.encode()) > NAME_BYTES for part in parts):
        raise invalid(f"A name in a path has at most {NAME_BYTES} bytes.")
    return "/" + "/".join(parts), call.workspace.files.joinpath(*parts)


def _found(call: Call) -> tuple[str, Path, os.stat_result]:
    path, place = _place(call)
    try:
        return path, place, place.stat()
    except OSError:
        raise missing(f"No file or directory exists on path {path}.") from None


def _shown(path: str, found: os.stat_result) -> dict[str, Any]:
    folder = stat.S_ISDIR(found.st_mode)
    size = 0 if folder else found.st_size
    return {"path": path, "is_dir": folder, "file_size": size, "modification_time": int(found.st_mtime * 1000)}


def get_status(call: Call) -> dict[str, Any]:
    """One file or folder."""
    path, _, found = _found(call)
    return _shown(path, found)


def listed(call: Call) -> dict[str, Any]:
    """What is in a folder; a file lists itself."""
    path, place, found = _found(call)
    if not stat.S_ISDIR(found.st_mode):
        return {"files": [_shown(path, found)]}
    with os.scandir(place) as entries:
        there = sorted((entry.name, entry.stat()) for entry in entries if entry.is_file() or entry.is_dir())
    above = path.rstrip("/")
    return {"files": [_shown(f"{above}/{name}", found) for name, found in there]}


def read(call: Call) -> dict[str, Any]:
    """A piece of a file, in base64."""
    path, place, found = _found(call)
    if not stat.S_ISREG(found.st_mode):
        raise invalid(f"Cannot read a directory: {path}")
    offset = call.fields.integer_or("offset", 0)
    length = call.fields.integer_or("length", BLOCK_BYTES // 2, most=BLOCK_BYTES)
    with place.open("rb") as file:
        file.seek(offset)
        data = file.read(length)
    return {"bytes_read": len(data), "data": base64.b64encode(data).decode()}


def put(call: Call) -> dict[str, Any]:
    """The contents in base64, at most 1 MiB, or a form's file of any size that the app lets in."""
    data = _block(call, "contents") if call.upload is None else call.upload
    place = _new_file(call)
    place.write_bytes(data)
    return {}


def create(call: Call) -> dict[str, Any]:
    """Open a new file to be filled block by block: a handle, as databricks-sdk's own `fs.put` does it."""
    handles = call.workspace.handles
    if len(handles) >= HANDLE_LIMIT:
        raise ApiError(400, "RESOURCE_LIMIT_EXCEEDED", f"There are {HANDLE_LIMIT} open handles. Close some first.")
    place = _new_file(call)
    place.write_bytes(b"")
    handle = secrets.randbelow(2**50) + 1
    handles[handle] = place
    return {"handle": handle}


def add_block(call: Call) -> dict[str, Any]:
    """Append a block in base64 to the file behind a handle."""
    place = _handle(call)[1]
    data = _block(call, "data")
    with place.open("ab") as file:
        file.write(data)
    return {}


def close(call: Call) -> dict[str, Any]:
    """Forget a handle."""
    del call.workspace.handles[_handle(call)[0]]
    return {}


def _handle(call: Call) -> tuple[int, Path]:
    handle = call.fields.integer_or("handle", 0)
    place = call.workspace.handles.get(handle)
    if place is None or not place.is_file():
        raise missing(f"No stream found for handle: {handle}")
    return handle, place


def _block(call: Call, name: str) -> bytes:
    data = from_base64(call.fields.text_or(name, "", limit=BLOCK_BYTES * 4 // 3 + 4))
    if len(data) > BLOCK_BYTES:
        raise ApiError(400, "MAX_BLOCK_SIZE_EXCEEDED", f"A block has at most {BLOCK_BYTES} bytes.")
    return data


def _new_file(call: Call) -> Path:
    """Where a file may be written: its folder is made, and what is there is replaced only if `overwrite` says so."""
    path, place = _place(call)
    overwrite = call.fields.flag_or("overwrite", False)
    if place.is_dir():
        raise exists(f"A directory exists on path {path}.")
    if place.exists() and not overwrite:
        raise exists(f"A file or directory already exists at the input path dbfs:{path}.")
    _make(place.parent, path)
    return place


def mkdirs(call: Call) -> dict[str, Any]:
    """Make a folder and those above it."""
    path, place = _place(call)
    _make(place, path)
    return {}


def _make(folder: Path, path: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise exists(f"A file exists on the way to {path}, or a name in it is not possible.") from None


def delete(call: Call) -> dict[str, Any]:
    """Nothing there is no error; a folder that is not empty needs `recursive`. The root stays."""
    path, place = _place(call)
    recursive = call.fields.flag_or("recursive", False)
    if path == "/":
        raise invalid("The root directory cannot be deleted.")
    if place.is_symlink() or place.is_file():
        place.unlink()
    elif place.is_dir():
        if any(place.iterdir()) and not recursive:
            raise ApiError(400, "IO_ERROR", f"The directory {path} is not empty: recursive must be true.")
        shutil.rmtree(place)
    return {}


ROUTES: list[Route] = [
    ("GET", "/api/2.0/dbfs/get-status", get_status),
    ("GET", "/api/2.0/dbfs/list", listed),
    ("GET", "/api/2.0/dbfs/read", read),
    ("POST", "/api/2.0/dbfs/put", put),
    ("POST", "/api/2.0/dbfs/create", create),
    ("POST", "/api/2.0/dbfs/add-block", add_block),
    ("POST", "/api/2.0/dbfs/close", close),
    ("POST", "/api/2.0/dbfs/mkdirs", mkdirs),
    ("POST", "/api/2.0/dbfs/delete", delete),
]
