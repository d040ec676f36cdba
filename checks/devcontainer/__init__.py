"""The dev container: its files (`files`) and the engine that runs it (`engine`).

The rules about `devcontainer.json` itself are the top-level room `devcontainer/`'s, which this one does not know. Whoever
builds the registry hands its functions over (`declare`); before that the checks that need them are not there.
"""

from __future__ import annotations

from checks.devcontainer import engine, files
from checks.devcontainer.files import declare

__all__ = ["declare", "engine", "files"]
