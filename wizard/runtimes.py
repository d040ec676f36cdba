"""Which Python and which client a Databricks Runtime needs: from a table shipped in the package, so it works offline."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Runtime:
    """One runtime: `name` as in `15.4`, `python` as in `3.11`; `connect` is empty where no Spark Connect client exists."""

    name: str
    python: str
    connect: str
    ended: str = ""

    @property
    def requirement(self) -> str:
        """What pip is to install, as in `databricks-connect==15.4.*`; empty where there is nothing."""
        return f"databricks-connect=={self.connect}.*" if self.connect else ""


@cache
def table() -> tuple[Runtime, ...]:
    """All runtimes that the package knows, the oldest first."""
    data = tomllib.loads(files("wizard").joinpath("runtimes.toml").read_text(encoding="utf-8"))
    rows = (Runtime(n, r["python"], r["connect"], r.get("ended", "")) for n, r in data["runtime"].items())
    return tuple(sorted(rows, key=lambda r: _number(r.name)))


def runtime_of(key: str) -> Runtime | None:
    """The runtime of a version key such as `15.4.x-scala2.12` or `15.4.x-cpu-ml-scala2.12`.

    One that is not in the table (`15.2`) goes by the next LTS at or below it of the same major version; None where the
    text is no version key (`custom:…`).
    """
    found = re.match(r"(\d+)\.(\d+)", key)
    if not found:
        return None
    wanted = (int(found[1]), int(found[2]))
    same = [r for r in table() if _number(r.name)[0] == wanted[0]]
    exact = next((r for r in same if _number(r.name) == wanted), None)
    if exact or not same:
        return exact
    name = f"{wanted[0]}.{wanted[1]}"
    return Runtime(name, same[0].python, name if same[0].connect else "", same[0].ended)


def _number(name: str) -> tuple[int, int]:
    major, minor = name.split(".")
    return int(major), int(minor)
