"""All that the workspace remembers while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from wizard.sandbox.faults import Faults
from wizard.sandbox.workspace.access import Access
from wizard.sandbox.workspace.compute import Clusters
from wizard.sandbox.workspace.scopes import Scopes

ORG_ID = "6051921418418893"
OTHER_ORG_ID = "7405612098334121"
"""The id that answers carry under the fault `wrong-workspace`."""

ACCOUNT_ID = "5ab0a1f2-3c4d-4e5f-8a6b-7c8d9e0f1a2b"


@dataclass
class Workspace:
    """The state behind REST and gRPC. `now` gives epoch seconds; `files` is the folder behind `dbfs:/`."""

    host: str
    files: Path
    now: Callable[[], float]
    faults: Faults = field(default_factory=Faults)
    ticks: Callable[[], float] = time.monotonic
    """Seconds that do not pass while the machine sleeps: the idle clock."""
    last_request: float = 0.0
    open_requests: int = 0

    def __post_init__(self) -> None:
        self.access = Access(self.now, self.faults)
        self.clusters = Clusters(self.now, self.faults)
        self.scopes = Scopes(self.now)
        self.handles: dict[int, Path] = {}
        self.folders = {"/", "/Shared", "/Users", "/Repos"}
        self.last_request = self.ticks()
        if "terminated-cluster" in self.faults:
            self.clusters.fell()

    @property
    def org_id(self) -> str:
        return OTHER_ORG_ID if "wrong-workspace" in self.faults else ORG_ID

    def misbehave(self, names: Iterable[str]) -> None:
        """Turn faults on; raises SandboxError on an unknown name."""
        before = "terminated-cluster" in self.faults
        self.faults.add(names)
        if "terminated-cluster" in self.faults and not before:
            self.clusters.fell()

    def behave(self) -> None:
        """Turn all faults off."""
        self.faults.clear()
        self.clusters.raise_again()

    def begin(self) -> None:
        """A request has come: the workspace is not idle."""
        self.open_requests += 1
        self.last_request = self.ticks()

    def done(self) -> None:
        """A request has been answered."""
        self.open_requests -= 1
        self.last_request = self.ticks()

    def idle_seconds(self) -> float:
        """For how long nobody has asked anything; 0 while something is being answered."""
        return 0.0 if self.open_requests else self.ticks() - self.last_request
