"""Misbehaviour by name: parsing, REST, a proxy's page over HTTP/2."""

from __future__ import annotations

import grpc
import pytest

from tests.sandbox_api import Api, Fetch
from wizard.sandbox.client import Control, Running
from wizard.sandbox.error import SandboxError
from wizard.sandbox.faults import FAULTS, Faults, parse
from wizard.sandbox.workspace.state import OTHER_ORG_ID

ME = "/api/2.0/preview/scim/v2/Me"
REFUSED = (403, {"error_code": 403, "message": "Invalid access token."})


def test_every_fault_has_one_line() -> None:
    assert all(text and "\n" not in text for text in FAULTS.values())


def test_names_are_parsed_with_their_numbers() -> None:
    assert parse(["slow", "html-error=403", "no-spark"]) == {"slow": 5.0, "html-error": 403.0, "no-spark": 0.0}
    assert parse(["slow=0.25"]) == {"slow": 0.25}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bad", "The sandbox knows no misbehaviour 'bad'. It knows: expired-token, "),
        ("", "The sandbox knows no misbehaviour ''."),
        ("slow=", "'slow=': slow takes a number from 0 to 3600, as in slow=5."),
        ("slow=nan", "'slow=nan': slow takes a number"),
        ("slow=-1", "'slow=-1': slow takes a number"),
        ("html-error=200", "'html-error=200': html-error takes a number from 400 to 599, as in html-error=502."),
        ("no-spark=1", "'no-spark=1': no-spark takes no number; write it without `=`."),
    ],
)
def test_what_is_no_fault_is_refused_by_name(name: str, message: str) -> None:
    faults = Faults(["server-error"])
    with pytest.raises(SandboxError) as raised:
        faults.add(["slow", name])
    assert str(raised.value).startswith(message)
    assert faults.names() == ["server-error"]


async def test_expired_token_holds_for_new_ones_too(api: Api) -> None:
    api.workspace.misbehave(["expired-token"])
    assert await api.get(ME) == REFUSED
    api.workspace.behave()
    assert (await api.get(ME))[0] == 200


async def test_expired_token_leaves_service_principals_alone(api: Api) -> None:
    client_id, secret = api.workspace.access.make_client("ci")
    api.workspace.misbehave(["expired-token"])
    grant = {"grant_type": "client_credentials"}
    made = (await api.form("/oidc/v1/token", grant, (client_id, secret)))[1]
    assert (await api.call("GET", ME, headers={"Authorization": f"Bearer {made['access_token']}"}))[0] == 200


async def test_wrong_workspace_shows_another_id_and_knows_no_token(api: Api) -> None:
    api.workspace.misbehave(["wrong-workspace"])
    assert await api.get(ME) == REFUSED
    assert api.headers["X-Databricks-Org-Id"] == OTHER_ORG_ID
    assert (await api.get("/.well-known/databricks-config"))[1]["workspace_id"] == OTHER_ORG_ID


async def test_terminated_cluster_can_be_mended_by_starting_it(api: Api) -> None:
    api.workspace.misbehave(["terminated-cluster"])
    found = (await api.get("/api/2.1/clusters/list"))[1]["clusters"]
    assert {each["state"] for each in found} == {"TERMINATED"}
    assert found[0]["termination_reason"]["code"] == "INACTIVITY"
    await api.post("/api/2.0/clusters/start", cluster_id=found[0]["cluster_id"])
    api.clock.time += 4
    states = [each["state"] for each in (await api.get("/api/2.1/clusters/list"))[1]["clusters"]]
    assert states[:2] == ["RUNNING", "TERMINATED"]
    api.workspace.behave()
    states = [each["state"] for each in (await api.get("/api/2.1/clusters/list"))[1]["clusters"]]
    assert states == ["RUNNING", "RUNNING", "TERMINATED", "RUNNING", "RUNNING", "TERMINATED"]


async def test_old_runtime_is_reported_by_every_cluster(api: Api) -> None:
    api.workspace.misbehave(["old-runtime"])
    found = (await api.get("/api/2.1/clusters/list"))[1]["clusters"]
    assert {each["spark_version"] for each in found} == {"13.3.x-scala2.12"}


async def test_server_error_is_json_of_the_usual_form(api: Api) -> None:
    api.workspace.misbehave(["server-error"])
    text = "Internal error happened. Please try again later."
    assert await api.get(ME) == (500, {"error_code": "INTERNAL_ERROR", "message": text})


async def test_the_ip_access_list_names_the_workspace(api: Api) -> None:
    api.workspace.misbehave(["ip-access-list"])
    text = f"Source IP address: 127.0.0.1 is blocked by Databricks IP ACL for workspace: {api.workspace.org_id}"
    assert await api.get(ME) == (403, {"error_code": 403, "message": text})


def test_a_proxys_page_answers_rest_without_the_workspaces_header(running: Running, fetch: Fetch) -> None:
    Control(running).misbehave("html-error=503")
    status, headers, text = fetch(running, ME)
    assert (status, headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "X-Databricks-Org-Id" not in headers
    assert text.startswith("<!DOCTYPE html>\n<html>\n<head><title>503 Service Unavailable</title>")
    Control(running).clear()
    assert fetch(running, ME)[0] == 401


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("html-error", grpc.StatusCode.UNAVAILABLE),
        ("html-error=403", grpc.StatusCode.PERMISSION_DENIED),
        ("html-error=404", grpc.StatusCode.UNIMPLEMENTED),
    ],
)
def test_a_proxys_page_reaches_grpc_clients_as_a_bare_http_status(
    running: Running, fault: str, code: grpc.StatusCode
) -> None:
    Control(running).misbehave(fault)
    with open(running.ca_bundle, "rb") as file:
        credentials = grpc.ssl_channel_credentials(file.read())
    with grpc.secure_channel(running.host.removeprefix("https://"), credentials) as channel:
        call = channel.unary_unary("/spark.connect.SparkConnectService/Config")
        for _ in range(2):
            with pytest.raises(grpc.RpcError) as raised:
                call(b"", timeout=20)
            assert raised.value.code() is code
            status = fault.partition("=")[2] or "502"
            assert raised.value.details() == f"Received http2 header with status: {status}"


def test_a_slow_answer_comes_late_but_comes(running: Running, fetch: Fetch) -> None:
    import time

    Control(running).misbehave("slow=0.4")
    begin = time.monotonic()
    assert fetch(running, ME)[0] == 401
    assert time.monotonic() - begin >= 0.4


def test_faults_can_be_given_at_the_start(state: object, fetch: Fetch) -> None:
    from pathlib import Path

    from wizard.sandbox import client

    assert isinstance(state, Path)
    running = client.start(state, spark=False, misbehave=["wrong-workspace", "html-error=418"])
    assert running.org_id == OTHER_ORG_ID
    assert fetch(running, ME)[0] == 418
