"""A blueprint: all that is known of one MLOps system, from one TOML; a team's `mlops-wizard.toml` extends one.

What differs between systems is data; nothing else in the wizard says a system's name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from json import dumps
from typing import Any

from checks import Tool, Variable, World

TEAM_FILE = "mlops-wizard.toml"


class BlueprintProblem(Exception):
    """A blueprint says something that cannot be meant; names file, line and key."""


@dataclass(frozen=True, slots=True)
class Target:
    """An environment that people work against: dev, staging, prod."""

    name: str
    host: str = ""
    production: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A variable of `.env` and where its value comes from: a fact's name, or a text with `{folder}` in it."""

    variable: Variable
    source: str = ""
    value: str = ""
    prompt: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Container:
    """What the dev container is to have."""

    extensions: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    features: Mapping[str, Any] = field(default_factory=dict)
    pythonpath: str = ""
    """Below the repo's root, as in `src/modules`."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One system."""

    id: str
    title: str
    detect: tuple[str, ...] = ()
    """Paths that a repo of this system has."""
    targets: tuple[Target, ...] = ()
    tools: tuple[Tool, ...] = ()
    rules: tuple[Rule, ...] = ()
    container: Container = field(default_factory=Container)
    answers: Mapping[str, str] = field(default_factory=dict)
    silenced: tuple[tuple[str, str], ...] = ()
    host_help: str = ""
    unused: tuple[str, ...] = ()
    """Keys of the file that this version does not act on."""

    def target(self, name: str = "") -> Target:
        """The target of this name, the first where none is named. Raises BlueprintProblem."""
        if not name:
            return self.targets[0] if self.targets else Target("dev")
        found = next((t for t in self.targets or (Target("dev"),) if t.name == name), None)
        if found is None:
            known = ", ".join(t.name for t in self.targets) or "none"
            raise BlueprintProblem(f"There is no target {name!r} in {self.id}; it knows: {known}.")
        return found


_KEYS: dict[str, tuple[str, ...]] = {
    "": (
        "schema",
        "id",
        "title",
        "extends",
        "requires",
        "detect",
        "target",
        "tool",
        "variable",
        "devcontainer",
        "answers",
        "silence",
        "host",
    ),
    "target": ("host", "production", "branch", "account"),
    "tool": ("id", "require", "probe", "optional", "why", "packages", "link"),
    "variable": ("name", "secret", "match", "from", "value", "alias", "optional", "prompt", "help"),
    "devcontainer": ("extensions", "settings", "features", "pythonpath"),
    "silence": ("id", "reason", "until"),
    "detect": ("files",),
    "host": ("help",),
}


LATER = ("tracks", "input", "credential", "storage", "compute", "permission", "ci", "action", "guide")
"""Keys that the design has and this version does not act on: accepted, and named by `blueprint check`."""


LIMIT = 1_000_000
"""Characters of a blueprint."""

PERSONAL = ("trust.", "setup.", "secrets.plaintext", "auth.token", "auth.client_secret", "env.")
"""Answers, by how their ids begin, that only a person gives: a repo neither consents on its own behalf nor holds secrets."""


def shipped() -> tuple[str, ...]:
    """The ids of the blueprints in the package."""
    names = (entry.name for entry in files("wizard.blueprints").iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


def load(id: str) -> Blueprint:
    """A shipped blueprint. Raises BlueprintProblem where there is none of this id."""
    if id not in shipped():
        raise BlueprintProblem(f"There is no blueprint {id!r}; there are: {', '.join(shipped())}.")
    text = files("wizard.blueprints").joinpath(f"{id}.toml").read_text(encoding="utf-8")
    return parse(text, f"{id}.toml")


def parse(text: str, name: str = TEAM_FILE) -> Blueprint:
    """A blueprint from its TOML; one that extends another is laid over it. Raises BlueprintProblem."""
    if len(text) > LIMIT:
        raise BlueprintProblem(f"{name} has more than {LIMIT:,} characters; make it smaller.")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BlueprintProblem(f"{name} is not valid TOML: {error}.") from error
    except RecursionError:
        raise BlueprintProblem(f"{name} is nested deeper than anybody means; make it flatter.") from None
    reader = _Reader(text, name)
    reader.keys(data, "")
    reader.answers(data)
    if "schema" in data and data["schema"] != 1:
        raise reader.problem("schema", f"this wizard reads schema 1, not {data['schema']!r}")
    over = reader.blueprint(data)
    return _laid_over(load(reader.text(data, "extends")), over) if "extends" in data else over


def recognise(world: World) -> tuple[str, str]:
    """Which shipped system the repo is, and from what that was concluded; empty where none fits."""
    best: tuple[int, str, str] = (0, "", "")
    for id in shipped():
        detect = load(id).detect
        seen = [path for path in detect if world.stat(path) is not None]
        if detect and len(seen) * 2 >= len(detect) and len(seen) > best[0]:
            best = (len(seen), id, ", ".join(seen))
    return best[1], best[2]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes typed values out of a parsed TOML, and knows the line to blame."""

    source: str
    name: str

    def problem(self, key: str, text: str) -> BlueprintProblem:
        word = re.compile(rf"^\s*\[*\"?{re.escape(key)}\b")
        line = next((n for n, row in enumerate(self.source.splitlines(), 1) if word.match(row)), 1)
        return BlueprintProblem(f"{self.name}, line {line}, key {key}: {text}.")

    def keys(self, data: Mapping[str, Any], kind: str) -> None:
        for key in data:
            if key not in _KEYS[kind] and not (kind == "" and key in LATER):
                raise self.problem(key, f"not a key here; there are: {', '.join(_KEYS[kind])}")

    def text(self, data: Mapping[str, Any], key: str, default: str = "") -> str:
        value = data.get(key, default)
        if not isinstance(value, str):
            raise self.problem(key, f"a text is wanted, not {value!r}")
        return value

    def flag(self, data: Mapping[str, Any], key: str) -> bool:
        value = data.get(key, False)
        if not isinstance(value, bool):
            raise self.problem(key, f"true or false is wanted, not {value!r}")
        return value

    def texts(self, data: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.problem(key, "a list of texts is wanted")
        return tuple(value)

    def table(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = data.get(key, {})
        if not isinstance(value, dict):
            raise self.problem(key, f"a table is wanted: [{key}]")
        return value

    def tables(self, data: Mapping[str, Any], key: str) -> tuple[Mapping[str, Any], ...]:
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.problem(key, f"a list of tables is wanted: [[{key}]]")
        for entry in value:
            self.keys(entry, key)
        return tuple(value)

    def answers(self, data: Mapping[str, Any]) -> None:
        for id in _flat(self.table(data, "answers")):
            if id.startswith(PERSONAL):
                raise self.problem(id, "this answer is a person's to give; take it out of [answers]")

    def json(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """A table of what JSON can say: no dates, no infinity."""
        value = self.table(data, key)
        try:
            dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            raise self.problem(
                key, "it goes into a JSON file, which knows texts, numbers, true, false and lists"
            ) from None
        return value

    def blueprint(self, data: Mapping[str, Any]) -> Blueprint:
        detect, container, host = self.table(data, "detect"), self.table(data, "devcontainer"), self.table(data, "host")
        for kind, table in (("detect", detect), ("devcontainer", container), ("host", host)):
            self.keys(table, kind)
        return Blueprint(
            self.text(data, "id"), self.text(data, "title"), self.texts(detect, "files"),
            tuple(self.target(name, t) for name, t in self.table(data, "target").items()),
            tuple(self.tool(t) for t in self.tables(data, "tool")),
            tuple(self.rule(v) for v in self.tables(data, "variable")),
            Container(self.texts(container, "extensions"), self.json(container, "settings"),
                      self.json(container, "features"), self.text(container, "pythonpath")),
            {k: str(v) for k, v in _flat(self.table(data, "answers")).items()},
            tuple((self.text(s, "id"), self.text(s, "reason")) for s in self.tables(data, "silence")),
            self.text(host, "help"),
            tuple(key for key in data if key in LATER),
        )  # fmt: skip

    def target(self, name: str, data: Any) -> Target:
        if not isinstance(data, dict):
            raise self.problem(name, f"a table is wanted: [target.{name}]")
        self.keys(data, "target")
        return Target(name, self.text(data, "host"), self.flag(data, "production"))

    def tool(self, data: Mapping[str, Any]) -> Tool:
        packages = tuple((str(k), str(v)) for k, v in self.table(data, "packages").items())
        return Tool(self.text(data, "id"), self.texts(data, "probe"), self.text(data, "require"), self.flag(data, "optional"),
                    self.text(data, "why"), packages, self.text(data, "link"))  # fmt: skip

    def rule(self, data: Mapping[str, Any]) -> Rule:
        match = self.text(data, "match")
        try:
            re.compile(match)
        except re.error as error:
            raise self.problem("match", f"not a regular expression ({error})") from error
        name = self.text(data, "name")
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise self.problem("name", f"{name!r} cannot be the name of a variable")
        variable = Variable(name, self.flag(data, "secret"), match, None, self.text(data, "alias"),
                            optional=self.flag(data, "optional"))  # fmt: skip
        return Rule(
            variable,
            self.text(data, "from"),
            self.text(data, "value"),
            self.text(data, "prompt"),
            self.text(data, "help"),
        )


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in table.items():
        out |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return out


def _laid_over(base: Blueprint, over: Blueprint) -> Blueprint:
    """A team's file over a shipped one: entries of the same name are replaced, others added."""
    tools = {t.id: t for t in base.tools} | {t.id: t for t in over.tools}
    rules = {r.variable.name: r for r in base.rules} | {r.variable.name: r for r in over.rules}
    targets = over.targets or base.targets
    box, more = base.container, over.container
    container = Container(
        tuple(dict.fromkeys(box.extensions + more.extensions)), {**box.settings, **more.settings},
        {**box.features, **more.features}, more.pythonpath or box.pythonpath,
    )  # fmt: skip
    return Blueprint(
        over.id or base.id, over.title or base.title, base.detect, targets, tuple(tools.values()), tuple(rules.values()),
        container, {**base.answers, **over.answers}, over.silenced, over.host_help or base.host_help, over.unused,
    )  # fmt: skip
