"""Misbehaviour by name: what the failure fixtures of `doctor` and a rehearsal run on."""

from __future__ import annotations

import math
from collections.abc import Iterable

from wizard.sandbox.error import SandboxError

FAULTS: dict[str, str] = {
    "expired-token": "every personal access token counts as expired: 403 on REST, PERMISSION_DENIED on gRPC",
    "wrong-workspace": "another workspace answers: another org id, and no token of this one is known to it",
    "terminated-cluster": "every cluster has been terminated; starting one works",
    "old-runtime": "every cluster reports runtime 13.3, older than a databricks-connect of today",
    "server-error": "500 with a JSON error on REST, INTERNAL on gRPC",
    "slow": "every answer comes late, by 5 seconds or =SECONDS",
    "html-error": "a proxy answers in the workspace's place: an HTML page with status 502 or =STATUS, also to gRPC",
    "ip-access-list": "the workspace's IP access list refuses this machine: 403, PERMISSION_DENIED on gRPC",
    "no-spark": "Spark is down: gRPC answers UNAVAILABLE, which clients retry in silence for ten minutes",
}

NUMBERS: dict[str, tuple[float, float, float]] = {"slow": (5.0, 0.0, 3600.0), "html-error": (502.0, 400.0, 599.0)}
"""name -> (default, least, most) of the faults that take a number."""


def parse(names: Iterable[str]) -> dict[str, float]:
    """`name` or `name=number` each -> {name: number}. Raises SandboxError, which lists the names, on any other."""
    return dict(_one(str(text)) for text in names)


def _one(text: str) -> tuple[str, float]:
    name, equals, number = text.partition("=")
    if name not in FAULTS:
        known = ", ".join(FAULTS)
        raise SandboxError(f"The sandbox knows no misbehaviour {name[:60]!r}. It knows: {known}.")
    default, least, most = NUMBERS.get(name, (0.0, 0.0, 0.0))
    if not equals:
        return name, default
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if name not in NUMBERS:
        raise SandboxError(f"{text[:60]!r}: {name} takes no number; write it without `=`.")
    if not least <= value <= most:
        raise SandboxError(
            f"{text[:60]!r}: {name} takes a number from {least:g} to {most:g}, as in {name}={default:g}."
        )
    return name, value


class Faults:
    """The faults that are on. Changing them takes effect with the next request."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._on: dict[str, float] = {}
        self.add(names)

    def add(self, names: Iterable[str]) -> None:
        """Turn faults on. Raises SandboxError, and changes nothing, where one is unknown."""
        self._on.update(parse(names))

    def clear(self) -> None:
        """Turn all off."""
        self._on.clear()

    def __contains__(self, name: str) -> bool:
        return name in self._on

    def number(self, name: str) -> float:
        """The number of a fault that is on; 0 where it is off."""
        return self._on.get(name, 0.0)

    def names(self) -> list[str]:
        """Those that are on, as they can be given to `add`."""
        return [f"{name}={number:g}" if name in NUMBERS else name for name, number in self._on.items()]
