"""Clusters as a state machine over a clock: what they are, and what starting and ending one does to it."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wizard.sandbox.faults import Faults
from wizard.sandbox.workspace.access import USER
from wizard.sandbox.workspace.error import ApiError, invalid
from wizard.sandbox.workspace.runtimes import CLUSTERS, NODE_TYPES, OLD_RUNTIME, major

PENDING_SECONDS = 3.0
ENDING_SECONDS = 1.0
CLUSTER_LIMIT = 10_000
NEXT = {"PENDING": "RUNNING", "RESTARTING": "RUNNING", "TERMINATING": "TERMINATED"}


@dataclass
class Cluster:
    """One cluster. `until` (epoch seconds) is when a passing state becomes its next."""

    id: str
    name: str
    spark_version: str
    state: str
    node_type_id: str = "Standard_DS3_v2"
    num_workers: int = 1
    autotermination_minutes: int = 60
    data_security_mode: str = "USER_ISOLATION"
    started: float = 0.0
    until: float = 0.0
    felled: bool = False
    """Whether it was the fault `terminated-cluster` that ended it."""

    def become(self, state: str, until: float = 0.0) -> None:
        """Change the state."""
        self.state, self.until, self.felled = state, until, False


@dataclass
class Clusters:
    """The clusters of the workspace. Look-ups settle what time has done."""

    now: Callable[[], float]
    faults: Faults
    pending_seconds: float = PENDING_SECONDS
    _all: dict[str, Cluster] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for id, name, version, state in CLUSTERS:
            self._all[id] = Cluster(id, name, version, state, started=self.now())

    def all(self) -> list[Cluster]:
        """Every cluster, in the order in which they were made."""
        return [self._settled(cluster) for cluster in self._all.values()]

    def get(self, id: str) -> Cluster:
        """The cluster; raises INVALID_PARAMETER_VALUE as real workspaces do for an unknown id."""
        if id not in self._all:
            raise invalid(f"Cluster {id} does not exist")
        return self._settled(self._all[id])

    def _settled(self, cluster: Cluster) -> Cluster:
        if cluster.state in NEXT and self.now() >= cluster.until:
            cluster.become(NEXT[cluster.state])
        return cluster

    def create(self, made: Cluster) -> Cluster:
        """Add a cluster, PENDING. Raises QUOTA_EXCEEDED."""
        if len(self._all) >= CLUSTER_LIMIT:
            raise ApiError(400, "QUOTA_EXCEEDED", f"The workspace has {CLUSTER_LIMIT} clusters. Delete some first.")
        self._all[made.id] = made
        self._begin(made, "PENDING")
        return made

    def new_id(self) -> str:
        """An id in Databricks' form, `MMDD-HHMMSS-` and eight letters or digits."""
        signs = string.ascii_lowercase + string.digits
        while True:
            tail = "".join(secrets.choice(signs) for _ in range(8))
            id = f"{time.strftime('%m%d-%H%M%S', time.gmtime(self.now()))}-{tail}"
            if id not in self._all:
                return id

    def start(self, id: str) -> None:
        """TERMINATED -> PENDING -> RUNNING; raises INVALID_STATE in any other state."""
        cluster = self.get(id)
        _expect(cluster, "TERMINATED")
        self._begin(cluster, "PENDING")

    def restart(self, id: str) -> None:
        """RUNNING -> RESTARTING -> RUNNING; raises INVALID_STATE in any other state."""
        cluster = self.get(id)
        _expect(cluster, "RUNNING")
        self._begin(cluster, "RESTARTING")

    def terminate(self, id: str) -> None:
        """-> TERMINATING -> TERMINATED; a terminated one stays so."""
        cluster = self.get(id)
        if cluster.state not in {"TERMINATED", "TERMINATING"}:
            cluster.become("TERMINATING", self.now() + ENDING_SECONDS)

    def remove(self, id: str) -> None:
        """Forget a cluster for good."""
        del self._all[self.get(id).id]

    def _begin(self, cluster: Cluster, state: str) -> None:
        cluster.become(state, self.now() + self.pending_seconds)
        cluster.started = self.now()

    def fell(self) -> None:
        """The fault `terminated-cluster`: end every one that is up."""
        for cluster in self.all():
            if cluster.state != "TERMINATED":
                cluster.become("TERMINATED")
                cluster.felled = True

    def raise_again(self) -> None:
        """The fault is over: those that it ended, and that nobody has started since, run."""
        for cluster in self.all():
            if cluster.felled:
                cluster.become("RUNNING")

    def view(self, cluster: Cluster) -> dict[str, Any]:
        """The cluster as the REST API shows it."""
        memory, cores, _ = NODE_TYPES[cluster.node_type_id]
        shown: dict[str, Any] = {
            "cluster_id": cluster.id,
            "cluster_name": cluster.name,
            "state": cluster.state,
            "state_message": "Inactive cluster terminated (inactive for 60 minutes)." if cluster.felled else "",
            "spark_version": OLD_RUNTIME if "old-runtime" in self.faults else cluster.spark_version,
            "node_type_id": cluster.node_type_id,
            "driver_node_type_id": cluster.node_type_id,
            "num_workers": cluster.num_workers,
            "autotermination_minutes": cluster.autotermination_minutes,
            "data_security_mode": cluster.data_security_mode,
            "creator_user_name": USER.user_name,
            "cluster_source": "UI",
            "start_time": int(cluster.started * 1000),
            "cluster_cores": cores * (1 + cluster.num_workers),
            "cluster_memory_mb": memory * (1 + cluster.num_workers),
        }
        if cluster.state == "TERMINATED":
            why = "INACTIVITY" if cluster.felled else "USER_REQUEST"
            shown["termination_reason"] = {"code": why, "type": "SUCCESS", "parameters": {}}
        return shown

    def refusal(self, id: str) -> tuple[str, str] | None:
        """Why Spark Connect may not go to this cluster: a gRPC status by name and its text; None where it may.

        `state Pending` makes databricks-connect wait. An unknown id is told at once, with NOT_FOUND: a real workspace
        is said to answer UNAVAILABLE, which the client retries in silence for ten minutes.
        """
        if id not in self._all:
            return "NOT_FOUND", f"RESOURCE_DOES_NOT_EXIST: No cluster found matching: {id}"
        cluster = self.get(id)
        if cluster.state in {"PENDING", "RESTARTING"}:
            return "FAILED_PRECONDITION", f"Cluster {id} is in unexpected state Pending."
        if cluster.state != "RUNNING":
            return "FAILED_PRECONDITION", f"Cluster {id} is in unexpected state {cluster.state}."
        if major(cluster.spark_version) < 13:
            return "UNIMPLEMENTED", f"Cluster {id} has {cluster.spark_version}: Spark Connect needs 13.0 or above."
        return None


def _expect(cluster: Cluster, state: str) -> None:
    if cluster.state != state:
        text = f"Cluster {cluster.id} is in unexpected state {cluster.state.capitalize()}."
        raise ApiError(400, "INVALID_STATE", text)
