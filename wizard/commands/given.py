"""Answers that come from elsewhere than a question: file, environment, flags, stdin, the memory."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tomllib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from checks.redact import secret_shaped
from wizard import files
from wizard.answers import Answers, Source, given
from wizard.commands.failure import Usage
from wizard.question import Value
from wizard.secret import Secret

if TYPE_CHECKING:
    from wizard.commands.standing import Standing
    from wizard.step import Scene

PREFIX = "MLOPS_WIZARD_"
SECRETS = ("auth.token", "auth.client_secret")
TEXTS = (
    "trust.repo", "setup.resume", "setup.databricks", "setup.sandbox", "secrets.store", "secrets.plaintext", "auth.host", "auth.profile", "auth.method", "auth.client_id",
    "connect.client", "connect.cluster", "devcontainer.modernise",
)  # fmt: skip
LIMIT = 1_000_000


def answers(args: argparse.Namespace) -> Answers:
    """All that was given: default < remembered < file < environment < flag. Raises Usage."""
    found = Answers()
    if args.answers:
        found = given(_file(args.answers), Source.FILE, found)
    found = given(_environment(), Source.ENVIRONMENT, found)
    if args.secrets:
        found = given(_stdin(args.secrets), Source.FLAG, found)
    return given(dict(_flag(text) for text in args.sets), Source.FLAG, found)


def remembered(standing: Standing, scene: Scene, found: Answers) -> Answers:
    """With what the last set-up of this repo was answered, unless it was for another sandbox."""
    last = standing.remembered
    if last is None or last.sandbox != (scene.sandbox is not None):
        return found
    known: dict[str, Value] = {k: v for k, v in last.answers.items() if not k.startswith(("trust.", "setup."))}
    if scene.sandbox and known.get("auth.host") != scene.sandbox.host:
        known.pop("auth.host", None)
    return given(known, Source.REMEMBERED, found)


def save(path: str, found: Answers) -> None:
    """Write an answers file: everything but the secrets. Raises FileProblem."""
    import tomlkit

    document = tomlkit.document()
    document.add("schema", 1)
    for id, value in found.open().items():
        if id.startswith(("trust.", "setup.")):
            continue
        table, _, key = id.rpartition(".")
        if table not in document:
            document.add(table, tomlkit.table())
        document[table][key] = value
    files.write(os.path.abspath(path), tomlkit.dumps(document).encode(), 0o644)


def is_secret(id: str) -> bool:
    """Whether the id is a secret's: the log-in's, and `env.<name>` (which asks for nothing else)."""
    return id in SECRETS or id.startswith("env.")


def _file(path: str) -> Mapping[str, Value]:
    try:
        data = files.read(path)
        if data is None:
            raise Usage(f"There is no answers file {path}.")
        raw = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Usage(f"{path} is not valid TOML: {error}.") from error
    if raw.pop("schema", None) != 1:
        raise Usage(f"{path}: write schema = 1 at its top; this wizard reads no other.")
    return dict(_checked(path, id, value) for id, value in _flat(raw))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _checked(where: str, id: str, value: Any) -> tuple[str, Value]:
    if is_secret(id):
        raise Usage(
            f"{where}: {id} is a secret and is not taken from here; use {environment_name(id)}, or --secrets - on stdin."
        )
    if id not in TEXTS:
        raise Usage(f"{where}: there is no question {id[:80]!r}; there are: {', '.join(TEXTS)}.")
    if not isinstance(value, str | bool):
        raise Usage(f"{where}: {id} takes a text or true/false, not {type(value).__name__}.")
    if isinstance(value, str) and secret_shaped(value):
        raise Usage(f"{where}: the value of {id} looks like a secret and is not taken from here.")
    return id, value


def _environment() -> Mapping[str, Value]:
    """MLOPS_WIZARD_<ID> in capitals, `_` for `.` and `-`; an empty variable is as none."""
    names = {environment_name(id): id for id in (*TEXTS, *SECRETS)}
    found: dict[str, Value] = {}
    for name, value in os.environ.items():
        id = names.get(name) or (
            f"env.{name.removeprefix(PREFIX + 'ENV_').lower()}" if name.startswith(f"{PREFIX}ENV_") else ""
        )
        if id and value:
            found[id] = Secret(value) if is_secret(id) else value
    return found


def environment_name(id: str) -> str:
    """The environment variable that answers a question."""
    return PREFIX + id.upper().replace(".", "_").replace("-", "_")


def _flag(text: str) -> tuple[str, Value]:
    id, equals, value = text.partition("=")
    if not equals:
        raise Usage("--set takes ID=VALUE, as in --set auth.method=pat.")
    return _checked("--set", id.strip(), value)


def _stdin(word: str) -> Mapping[str, Value]:
    if word != "-":
        raise Usage(
            "--secrets takes `-`: a JSON object id -> value on stdin. Secrets are never read from a named file."
        )
    try:
        raw = json.loads(sys.stdin.read(LIMIT))
    except ValueError as error:
        raise Usage("--secrets -: what came on stdin is not a JSON object id -> value.") from error.__cause__
    if not isinstance(raw, dict) or not all(isinstance(v, str) for v in raw.values()):
        raise Usage("--secrets -: what came on stdin is not a JSON object id -> text.")
    for id in raw:
        if not is_secret(id):
            raise Usage(f"--secrets -: there is no secret {id[:80]!r}; there are {', '.join(SECRETS)} and env.<name>.")
    return {id: Secret(value) for id, value in raw.items()}
