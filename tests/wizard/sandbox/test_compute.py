"""Clusters over REST: what is there, how they change, who may connect to which."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.sandbox_api import Api

UP, DOWN, LEGACY = "1120-221530-quick154", "1120-221532-sleep154", "1120-221535-first104"


async def state(api: Api, id: str) -> str:
    return str((await api.get("/api/2.0/clusters/get", cluster_id=id))[1]["state"])


@pytest.mark.parametrize("version", ["2.0", "2.1"])
async def test_the_default_clusters_cover_the_runtimes(api: Api, version: str) -> None:
    status, found = await api.get(f"/api/{version}/clusters/list")
    assert status == 200
    assert [(each["cluster_id"], each["spark_version"], each["state"]) for each in found["clusters"]] == [
        ("1120-221530-quick154", "15.4.x-scala2.12", "RUNNING"),
        ("1120-221531-quick173", "17.3.x-scala2.13", "RUNNING"),
        ("1120-221532-sleep154", "15.4.x-scala2.12", "TERMINATED"),
        ("1120-221533-older133", "13.3.x-scala2.12", "RUNNING"),
        ("1120-221534-learn143", "14.3.x-cpu-ml-scala2.12", "RUNNING"),
        ("1120-221535-first104", "10.4.x-scala2.12", "TERMINATED"),
    ]
    assert all(re.fullmatch(r"\d{4}-\d{6}-[a-z0-9]{8}", each["cluster_id"]) for each in found["clusters"])


async def test_get_shows_what_list_shows(api: Api) -> None:
    listed = (await api.get("/api/2.1/clusters/list"))[1]["clusters"][0]
    assert await api.get("/api/2.1/clusters/get", cluster_id=UP) == (200, listed)
    assert listed["node_type_id"] == "Standard_DS3_v2"
    assert listed["autotermination_minutes"] == 60


async def test_pages_follow_each_other(api: Api) -> None:
    seen: list[str] = []
    token = "0"
    while token:
        page: dict[str, Any] = (await api.get("/api/2.1/clusters/list", page_size="4", page_token=token))[1]
        seen += [each["cluster_name"] for each in page["clusters"]]
        token = page.get("next_page_token", "")
    assert len(seen) == len(set(seen)) == 6


async def test_an_unknown_cluster_does_not_exist(api: Api) -> None:
    expected = {"error_code": "INVALID_PARAMETER_VALUE", "message": "Cluster 1-2-3 does not exist"}
    assert await api.get("/api/2.1/clusters/get", cluster_id="1-2-3") == (400, expected)
    for verb in ("start", "restart", "delete", "permanent-delete"):
        assert await api.post(f"/api/2.0/clusters/{verb}", cluster_id="1-2-3") == (400, expected)


async def test_a_terminated_cluster_starts_after_some_seconds(api: Api) -> None:
    assert await api.post("/api/2.0/clusters/start", cluster_id=DOWN) == (200, {})
    assert await state(api, DOWN) == "PENDING"
    api.clock.time += 2.9
    assert await state(api, DOWN) == "PENDING"
    api.clock.time += 0.2
    assert await state(api, DOWN) == "RUNNING"


async def test_starting_a_running_cluster_is_an_invalid_state(api: Api) -> None:
    text = f"Cluster {UP} is in unexpected state Running."
    expected = (400, {"error_code": "INVALID_STATE", "message": text})
    assert await api.post("/api/2.0/clusters/start", cluster_id=UP) == expected


async def test_restart_and_delete_pass_through_their_states(api: Api) -> None:
    await api.post("/api/2.0/clusters/restart", cluster_id=UP)
    assert await state(api, UP) == "RESTARTING"
    api.clock.time += 4
    assert await state(api, UP) == "RUNNING"
    await api.post("/api/2.0/clusters/delete", cluster_id=UP)
    assert await state(api, UP) == "TERMINATING"
    api.clock.time += 2
    assert await state(api, UP) == "TERMINATED"
    assert await api.post("/api/2.0/clusters/delete", cluster_id=UP) == (200, {})
    assert await api.post("/api/2.0/clusters/permanent-delete", cluster_id=UP) == (200, {})
    assert (await api.get("/api/2.0/clusters/get", cluster_id=UP))[0] == 400


async def test_restarting_a_terminated_cluster_is_an_invalid_state(api: Api) -> None:
    status, error = await api.post("/api/2.0/clusters/restart", cluster_id=DOWN)
    assert (status, error["error_code"]) == (400, "INVALID_STATE")


async def test_a_created_cluster_comes_up(api: Api) -> None:
    wanted = {"spark_version": "16.4.x-scala2.12", "node_type_id": "Standard_DS4_v2", "num_workers": 2}
    status, made = await api.post("/api/2.1/clusters/create", cluster_name="mine", **wanted)
    assert status == 200
    assert re.fullmatch(r"1114-221320-[a-z0-9]{8}", made["cluster_id"])
    assert await state(api, made["cluster_id"]) == "PENDING"
    api.clock.time += 3
    shown = (await api.get("/api/2.1/clusters/get", cluster_id=made["cluster_id"]))[1]
    assert {name: shown[name] for name in wanted} == wanted
    assert (shown["state"], shown["cluster_name"]) == ("RUNNING", "mine")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"spark_version": "9.9"}, "Invalid spark version 9.9."),
        ({}, "Missing required field: spark_version"),
        ({"spark_version": "15.4.x-scala2.12", "num_workers": -1}, "Field num_workers must be from 0 to 100000."),
        ({"spark_version": "15.4.x-scala2.12", "autoscale": 3}, "Field autoscale must be an object."),
        (
            {"spark_version": "15.4.x-scala2.12", "autoscale": {"min_workers": "two"}},
            "Field min_workers must be an integer.",
        ),
        (
            {"spark_version": "15.4.x-scala2.12", "node_type_id": "huge"},
            "Node type huge is not supported. Supported node types: Standard_DS3_v2, Standard_DS4_v2, Standard_E4ds_v4",
        ),
    ],
)
async def test_a_cluster_that_cannot_be_made_says_why(api: Api, body: dict[str, object], message: str) -> None:
    expected = {"error_code": "INVALID_PARAMETER_VALUE", "message": message}
    assert await api.post("/api/2.0/clusters/create", **body) == (400, expected)


async def test_every_default_cluster_has_a_runtime_and_a_node_type_of_the_tables(api: Api) -> None:
    versions = {each["key"] for each in (await api.get("/api/2.0/clusters/spark-versions"))[1]["versions"]}
    nodes = {each["node_type_id"] for each in (await api.get("/api/2.1/clusters/list-node-types"))[1]["node_types"]}
    for each in (await api.get("/api/2.0/clusters/list"))[1]["clusters"]:
        assert each["spark_version"] in versions
        assert each["node_type_id"] in nodes


async def test_only_a_running_cluster_of_a_new_runtime_lets_spark_connect_in(api: Api) -> None:
    clusters = api.workspace.clusters
    assert clusters.refusal(UP) is None
    assert clusters.refusal(DOWN) == ("FAILED_PRECONDITION", f"Cluster {DOWN} is in unexpected state TERMINATED.")
    clusters.start(DOWN)
    assert clusters.refusal(DOWN) == ("FAILED_PRECONDITION", f"Cluster {DOWN} is in unexpected state Pending.")
    clusters.start(LEGACY)
    api.clock.time += 4
    assert clusters.refusal(DOWN) is None
    assert clusters.refusal(LEGACY) == (
        "UNIMPLEMENTED",
        f"Cluster {LEGACY} has 10.4.x-scala2.12: Spark Connect needs 13.0 or above.",
    )
    assert clusters.refusal("nope") == ("NOT_FOUND", "RESOURCE_DOES_NOT_EXIST: No cluster found matching: nope")
