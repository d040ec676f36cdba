"""A Databricks workspace as the steps see it: a small protocol, so that they can be tried without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from wizard.secret import Secret

Trouble = Literal["refused", "forbidden", "unreachable", "tls", "slow", "server", "missing", "library"]


class CloudError(Exception):
    """A cloud's answer that is no answer: `kind` tells the sorts apart, the text ends with what to do."""

    def __init__(self, text: str, kind: Trouble) -> None:
        super().__init__(text)
        self.kind: Trouble = kind


@dataclass(frozen=True, slots=True)
class Credential:
    """How to log in at a host: a token (`pat`), or a service principal's id and secret (`m2m`)."""

    method: Literal["pat", "m2m"]
    secret: Secret
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class Me:
    """Who the workspace says we are, and which workspace it says it is."""

    user: str
    org_id: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster; `runtime` is Databricks' version key as in `15.4.x-scala2.12`."""

    id: str
    name: str
    state: str
    runtime: str
    idle_minutes: int = 0


class Workspace(Protocol):
    """One host with one credential. Every method raises CloudError and answers within seconds."""

    @property
    def host(self) -> str: ...
    def me(self) -> Me: ...
    def clusters(self) -> tuple[Cluster, ...]: ...
    def start_cluster(self, id: str) -> None:
        """Start it and return at once; one that runs or starts already is left alone."""
        ...
