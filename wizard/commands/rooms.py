"""The checks that exist for a project: the built-in rooms, with the dev container's rules, and the tools of its blueprint."""

from __future__ import annotations

from functools import cache

from checks import Project, Registry
from checks.builtin import for_project
from checks.devcontainer import declare
from devcontainer import jsonc, lint, merge


def checks_for(project: Project) -> Registry:
    """All checks, in the order of the rooms."""
    _introduce()
    return for_project(project)


@cache
def _introduce() -> None:
    """The two pure rooms do not know each other: here they meet."""
    declare(parse=jsonc.parse, leaks=lint.leaks, problems=lint.problems, old_shapes=merge.old_shapes)
