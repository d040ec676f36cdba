"""/api/2.0 and 2.1 clusters: list, get, create, start, restart, delete, permanent-delete, runtimes, node types."""

from __future__ import annotations

from typing import Any

from wizard.sandbox.workspace.call import Call, Route, both
from wizard.sandbox.workspace.compute import Cluster
from wizard.sandbox.workspace.error import invalid
from wizard.sandbox.workspace.fields import Fields
from wizard.sandbox.workspace.runtimes import NODE_TYPES, RUNTIMES


def listed(call: Call) -> dict[str, Any]:
    """All clusters; by pages where `page_size` asks for them (2.1)."""
    clusters = call.workspace.clusters
    found = clusters.all()
    begin = call.fields.integer_or("page_token", 0)
    size = call.fields.integer_or("page_size", len(found) or 1, least=1)
    page = {"clusters": [clusters.view(cluster) for cluster in found[begin : begin + size]]}
    return page if begin + size >= len(found) else {**page, "next_page_token": str(begin + size)}


def one(call: Call) -> dict[str, Any]:
    """One cluster."""
    clusters = call.workspace.clusters
    return clusters.view(clusters.get(call.fields.text("cluster_id")))


def create(call: Call) -> dict[str, Any]:
    """A new cluster, PENDING; its runtime and node type must be in the tables."""
    clusters, fields = call.workspace.clusters, call.fields
    version = fields.text("spark_version")
    if version not in RUNTIMES:
        raise invalid(f"Invalid spark version {version}.")
    node = fields.text_or("node_type_id", next(iter(NODE_TYPES)))
    if node not in NODE_TYPES:
        raise invalid(f"Node type {node} is not supported. Supported node types: {', '.join(NODE_TYPES)}")
    autoscale = fields.table_or("autoscale") or {}
    workers = fields.integer_or("num_workers", 1, most=100_000)
    workers = Fields(autoscale).integer_or("min_workers", workers, most=100_000)
    id = clusters.new_id()
    made = clusters.create(
        Cluster(
            id,
            fields.text_or("cluster_name", "", limit=100) or id,
            version,
            "PENDING",
            node,
            workers,
            fields.integer_or("autotermination_minutes", 0, most=10_000),
            fields.text_or("data_security_mode", "NONE", limit=60),
        )
    )
    return {"cluster_id": made.id}


def start(call: Call) -> dict[str, Any]:
    """Start a terminated cluster."""
    call.workspace.clusters.start(call.fields.text("cluster_id"))
    return {}


def restart(call: Call) -> dict[str, Any]:
    """Restart a running one."""
    call.workspace.clusters.restart(call.fields.text("cluster_id"))
    return {}


def delete(call: Call) -> dict[str, Any]:
    """Terminate, as the real API's `delete` does."""
    call.workspace.clusters.terminate(call.fields.text("cluster_id"))
    return {}


def permanent_delete(call: Call) -> dict[str, Any]:
    """Forget a cluster for good."""
    call.workspace.clusters.remove(call.fields.text("cluster_id"))
    return {}


def runtimes(_: Call) -> dict[str, Any]:
    """The runtimes to choose from."""
    return {"versions": [{"key": key, "name": name} for key, name in RUNTIMES.items()]}


def node_types(_: Call) -> dict[str, Any]:
    """The node types to choose from."""
    return {
        "node_types": [
            {
                "node_type_id": id,
                "memory_mb": memory,
                "num_cores": cores,
                "description": id,
                "instance_type_id": id,
                "category": category,
                "is_deprecated": False,
            }
            for id, (memory, cores, category) in NODE_TYPES.items()
        ]
    }


ROUTES: list[Route] = [
    *both("GET", "clusters/list", listed),
    *both("GET", "clusters/get", one),
    *both("POST", "clusters/create", create),
    *both("POST", "clusters/start", start),
    *both("POST", "clusters/restart", restart),
    *both("POST", "clusters/delete", delete),
    *both("POST", "clusters/permanent-delete", permanent_delete),
    *both("GET", "clusters/spark-versions", runtimes),
    *both("GET", "clusters/list-node-types", node_types),
]
