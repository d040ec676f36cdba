"""The real databricks-sdk, in a process of its own, against the sandbox."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from wizard.sandbox.client import Control, Running
from wizard.secret import Secret

pytest.importorskip("databricks.sdk", reason="databricks-sdk is not installed")
pytestmark = pytest.mark.xdist_group("spark")

Environment = Callable[..., dict[str, str]]
Script = Callable[..., Any]

WALK = """
import base64, json
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import ResourceAlreadyExists
w = WorkspaceClient()
found = {"me": w.current_user.me().user_name, "workspace": w.get_workspace_id(), "auth": w.config.auth_type}
found["clusters"] = len(list(w.clusters.list()))
found["runtime"] = w.clusters.select_spark_version(long_term_support=True)
found["node"] = w.clusters.select_node_type(min_memory_gb=16)
w.secrets.create_scope("walk")
try:
    w.secrets.create_scope("walk")
except ResourceAlreadyExists as error:
    found["again"] = str(error)
w.secrets.put_secret("walk", "key", string_value="value")
found["secret"] = base64.b64decode(w.secrets.get_secret("walk", "key").value).decode()
found["dbutils"] = w.dbutils.secrets.get("walk", "key")
w.secrets.put_acl("walk", "users", __import__("databricks.sdk.service.workspace", fromlist=["x"]).AclPermission.READ)
found["acls"] = sorted(item.principal for item in w.secrets.list_acls("walk"))
w.secrets.delete_secret("walk", "key")
w.secrets.delete_scope("walk")
made = w.tokens.create(comment="walk", lifetime_seconds=60)
found["listed"] = "walk" in [token.comment for token in w.tokens.list()]
w.tokens.delete(made.token_info.token_id)
found["deleted"] = "walk" not in [token.comment for token in w.tokens.list()]
made = w.clusters.create(spark_version="15.4.x-scala2.12", cluster_name="walk", num_workers=1,
                         node_type_id="Standard_DS3_v2").result()
found["made"] = made.state.value
found["ended"] = w.clusters.delete(made.cluster_id).result().state.value
found["started"] = w.clusters.ensure_cluster_is_running(made.cluster_id) or "RUNNING"
w.clusters.permanent_delete(made.cluster_id)
w.dbutils.fs.put("/tmp/walk.txt", "hello", True)
found["head"] = w.dbutils.fs.head("/tmp/walk.txt")
w.dbutils.fs.rm("/tmp/walk.txt")
found["folders"] = [item.path for item in w.workspace.list("/")]
print(json.dumps(found))
"""

CALL = """
import json, sys
try:
    from databricks.sdk import WorkspaceClient
    w = WorkspaceClient()
    answer = eval(sys.argv[1])
    print(json.dumps(["fine", str(answer)]))
except Exception as error:
    print(json.dumps([type(error).__name__, str(error)]))
"""


def walked(me: str, auth: str) -> dict[str, object]:
    return {
        "me": me,
        "workspace": 6051921418418893,
        "auth": auth,
        "clusters": 6,
        "runtime": "16.4.x-scala2.12",
        "node": "Standard_E4ds_v4",
        "again": "Scope walk already exists!",
        "secret": "value",
        "dbutils": "value",
        "acls": sorted([me, "users"]),
        "listed": True,
        "deleted": True,
        "made": "RUNNING",
        "ended": "TERMINATED",
        "started": "RUNNING",
        "head": "hello",
        "folders": ["/Repos", "/Shared", "/Users"],
    }


def test_a_token_walks_through_the_whole_workspace(environment: Environment, script: Script) -> None:
    assert script(sys.executable, WALK, environment()) == walked("ada.sandbox@example.com", "pat")


def test_a_service_principal_walks_through_the_whole_workspace(
    environment: Environment, script: Script, control: Control
) -> None:
    client = control.client()
    assert script(sys.executable, WALK, environment(client=client)) == walked(client[0], "oauth-m2m")


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        ("w.clusters.get('1-2-3')", "ResourceDoesNotExist", "Cluster 1-2-3 does not exist"),
        ("w.clusters.start('1120-221530-quick154')", "InvalidState", "is in unexpected state Running."),
        ("w.secrets.get_secret('no', 'k')", "ResourceDoesNotExist", "Scope no does not"),
        ("list(w.catalogs.list())", "NotFound", "Unity Catalog is not provided by the sandbox"),
        ("w.api_client.do('GET', '/api/2.0/nowhere')", "NotFound", "No API found for 'GET /api/2.0/nowhere'"),
    ],
)
def test_errors_become_the_sdks_own_classes(
    environment: Environment, script: Script, call: str, error: str, text: str
) -> None:
    found = script(sys.executable, CALL, environment(), call)
    assert found[0] == error
    assert text in found[1]


@pytest.mark.parametrize("call", ["w.current_user.me()", "w.clusters.get('1120-221530-quick154')"])
def test_a_wrong_token_is_permission_denied(environment: Environment, script: Script, call: str) -> None:
    error, text = script(sys.executable, CALL, environment(token=Secret("dapi0")), call)
    assert (error, text.partition(" Config:")[0]) == ("PermissionDenied", "Invalid access token.")


def test_an_expired_token_is_permission_denied(environment: Environment, script: Script, control: Control) -> None:
    expired = control.token(lifetime_seconds=0)
    error, _ = script(sys.executable, CALL, environment(token=expired), "w.current_user.me()")
    assert error == "PermissionDenied"


def test_a_wrong_client_secret_is_invalid_client(environment: Environment, script: Script, control: Control) -> None:
    wrong = (control.client()[0], Secret("no"))
    error, text = script(sys.executable, CALL, environment(client=wrong), "w.current_user.me()")
    assert error == "ValueError"
    assert "invalid_client: Client authentication failed" in text


@pytest.mark.parametrize(
    ("fault", "error", "text"),
    [
        ("expired-token", "PermissionDenied", "Invalid access token."),
        ("wrong-workspace", "PermissionDenied", "Invalid access token."),
        ("ip-access-list", "PermissionDenied", "is blocked by Databricks IP ACL for workspace"),
        ("server-error", "InternalError", "Internal error happened. Please try again later."),
        ("html-error=403", "PermissionDenied", ""),
    ],
)
def test_faults_reach_the_client_as_errors(
    environment: Environment, script: Script, control: Control, fault: str, error: str, text: str
) -> None:
    ready = environment(retry_timeout_seconds=2)
    control.misbehave(fault)
    found = script(sys.executable, CALL, ready, "w.current_user.me()")
    assert found[0] == error
    assert text in found[1]


def test_an_old_runtime_and_terminated_clusters_are_seen(
    environment: Environment, script: Script, control: Control
) -> None:
    control.misbehave("old-runtime", "terminated-cluster")
    call = "sorted({(c.spark_version, c.state.value) for c in w.clusters.list()})"
    assert script(sys.executable, CALL, environment(), call) == ["fine", "[('13.3.x-scala2.12', 'TERMINATED')]"]


def test_the_answers_are_this_sandboxes_and_its_files_hold_no_token(
    environment: Environment, script: Script, control: Control, running: Running
) -> None:
    token = control.token()
    script(sys.executable, CALL, environment(token=token), "w.current_user.me()")
    with open(running.log, encoding="utf-8") as file:
        log = file.read()
    assert "GET /api/2.0/preview/scim/v2/Me 200" in log
    assert token.reveal() not in log
    assert json.dumps(running.org_id) not in log
