"""All rooms: importing this module fills the registry. A project's own tools come on top (`for_project`)."""

from __future__ import annotations

from checks import auth, ci, connect, devcontainer, env, network, python, secrets, storage, tools
from checks.kinds import tool_at_least
from checks.project import Project
from checks.registry import REGISTRY, Check, Registry

ROOMS = (tools, python, network, auth, secrets, storage, env, connect, devcontainer, ci)
"""The modules, or folders of modules, that declare the checks."""

ORDER = ("tools", "python", "network", "auth", "secrets", "storage", "env", "connect", "devcontainer", "ci")
"""In which the rooms are shown: what rests on something comes after it."""

_SPECIAL = frozenset({"databricks"})
"""Tools with a check of their own, which reads what the blueprint asks of them."""


def rooms() -> tuple[str, ...]:
    """The rooms that have checks, in the order in which they are shown; an organisation's own come last."""
    there = dict.fromkeys(c.room for c in REGISTRY)
    return (*(r for r in ORDER if r in there), *(r for r in there if r not in ORDER))


def for_project(project: Project, *more: Check) -> Registry:
    """The built-in checks, those of the project's own tools, and `more`, room by room.

    A tool that the project names takes the place of the built-in check on it. Raises ValueError where one of `more` has the
    id of another check.
    """
    found = Registry()
    for check in REGISTRY:
        found.put(check)
    for tool in project.tools:
        if tool.id not in _SPECIAL:
            found.put(tool_at_least(tool))
    for check in more:
        found.add(check)
    ordered = Registry()
    names = (*ORDER, *dict.fromkeys(c.room for c in found if c.room not in ORDER))
    for check in sorted(found, key=lambda c: names.index(c.room)):
        ordered.add(check)
    return ordered
