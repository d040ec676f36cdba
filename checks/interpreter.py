"""What the project's own Python says of itself: asked once, isolated (`-I`), for all checks that want to know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from checks.finding import Evidence
from checks.say import saw
from checks.world import World

ASK = """
import json, sys, sysconfig
from importlib import metadata
found = {}
for name in ("databricks-connect", "pyspark", "pyspark-client", "databricks-sdk", "numpy", "pandas", "pyarrow", "grpcio"):
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "prefix": sys.prefix, "base": sys.base_prefix,
                  "stdlib": sysconfig.get_path("stdlib"), "found": found}))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that runs: `found` are the distributions of interest that it has, with their versions."""

    version: str
    prefix: str
    base: str
    stdlib: str
    found: Mapping[str, str] = field(default_factory=dict)

    @property
    def minor(self) -> str:
        """As in `3.11`."""
        return ".".join(self.version.split(".")[:2])

    @property
    def isolated(self) -> bool:
        """Whether it is a virtual environment (or conda's) and not the system's own Python."""
        return self.prefix != self.base or "conda" in self.prefix.lower()


def ask(world: World) -> tuple[Interpreter | None, Evidence]:
    """The project's interpreter, None where it does not run; and what was seen."""
    answer = world.run(world.project.python, "-I", "-c", ASK, timeout=15)
    evidence = saw(answer, world.project.python, "-I", "-c", "…")
    try:
        data = json.loads(answer.out.strip().splitlines()[-1]) if answer.code == 0 else {}
        version, prefix, base, stdlib = (str(data[k]) for k in ("version", "prefix", "base", "stdlib"))
        found = {str(k): str(v) for k, v in data["found"].items()}
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):
        return None, evidence
    return Interpreter(version, prefix, base, stdlib, found), evidence
