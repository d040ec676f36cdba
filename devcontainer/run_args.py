"""The options in `runArgs`: arguments of `docker run`, each with or without its value in the next one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_ABSOLUTE = re.compile(r"/|~|[A-Za-z]:[\\/]|\\\\")


@dataclass(frozen=True, slots=True)
class Option:
    """One option: `args[index:index + count]`. `value` is empty where there is none."""

    name: str
    value: str
    index: int
    count: int

    @property
    def env_file(self) -> bool:
        """Whether it hands a file of variables to the container."""
        return self.name == "--env-file"

    @property
    def variable(self) -> tuple[str, str | None] | None:
        """(name, value) of the variable that it sets; the value is None where it comes from the host's environment."""
        if self.name not in {"-e", "--env"} or not self.value:
            return None
        name, equals, value = self.value.partition("=")
        return name.strip(), value if equals else None

    @property
    def build_arg(self) -> tuple[str, str | None] | None:
        """(name, value) of the build argument that it sets."""
        name, equals, value = self.value.partition("=")
        return (name.strip(), value if equals else None) if self.name == "--build-arg" and name else None


def options(args: Sequence[object]) -> list[Option]:
    """The options in `args`, in order. What is no text is passed over."""
    found: list[Option] = []
    index = 0
    while index < len(args):
        one = args[index]
        following = args[index + 1] if index + 1 < len(args) else None
        option = _option(one, following, index) if isinstance(one, str) and one.startswith("-") else None
        if option:
            found.append(option)
        index += option.count if option else 1
    return found


def _option(text: str, following: object, index: int) -> Option:
    if text.startswith("--"):
        name, value = re.fullmatch(r"([^=\s]*)(?:[=\s]\s*(.*))?", text, re.DOTALL).groups()  # type: ignore[union-attr]
    else:
        name, value = text[:2], text[2:].removeprefix("=").strip() or None
    if value is not None:
        return Option(name, value, index, 1)
    if isinstance(following, str) and not following.startswith("-"):
        return Option(name, following, index, 2)
    return Option(name, "", index, 1)


def inside_repo(path: str) -> bool:
    """Whether a path in `runArgs` lies in the repo: docker runs in the workspace folder."""
    path = path.strip().replace("${localWorkspaceFolder}", ".", 1)
    if path.startswith("${") or _ABSOLUTE.match(path):
        return False
    depth = 0
    for part in re.split(r"[\\/]+", path):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            return False
    return True
