"""`running.json`: which sandbox runs, for those who come later. No secret is in it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from wizard.sandbox import process

SCHEMA = 1
LIMIT = 64 * 1024
"""Bytes; a record is under 2 KiB."""


@dataclass(frozen=True)
class Record:
    """One run: the server's process, Spark's process, and where they answer."""

    pid: int
    identity: str
    ready: bool
    host: str
    org_id: str
    ca_bundle: str
    sockets: str
    log: str
    spark_pid: int = 0
    spark_identity: str = ""
    schema: int = SCHEMA

    @property
    def control(self) -> str:
        return os.path.join(self.sockets, "control.sock")

    def server_runs(self) -> bool:
        return process.runs(self.pid, self.identity)

    def spark_runs(self) -> bool:
        return process.runs(self.spark_pid, self.spark_identity)

    def with_spark(self, pid: int) -> Record:
        return replace(self, spark_pid=pid, spark_identity=process.identity(pid) or "")


def read(path: Path) -> Record | None:
    """The record in this file; None where there is none or it is not one of ours."""
    try:
        with path.open("rb") as file:
            text = file.read(LIMIT + 1)
        found = json.loads(text) if len(text) <= LIMIT else None
    except (OSError, ValueError):
        return None
    return _parse(found)


def _parse(found: Any) -> Record | None:
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        return None
    kinds = {"int": int, "str": str, "bool": bool}
    wanted = {field.name: kinds[str(field.type)] for field in fields(Record)}
    if set(found) != set(wanted) or any(type(found[name]) is not kind for name, kind in wanted.items()):
        return None
    return Record(**found)


def write(path: Path, record: Record) -> None:
    """Replace the file by this record, 0600, whole or not at all."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(record), file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
