"""What holds for every call of the REST side."""

from __future__ import annotations

import io
import logging

import pytest

from tests.sandbox_api import Api
from wizard.sandbox.workspace.app import ROUTES, UPLOAD_LIMIT
from wizard.sandbox.workspace.fields import BODY_LIMIT
from wizard.sandbox.workspace.state import ACCOUNT_ID, ORG_ID

MISSING = {"error_code": 401, "message": "Credential was not sent or was of an unsupported type for this API."}
REFUSED = {"error_code": 403, "message": "Invalid access token."}


def invalid(message: str) -> tuple[int, dict[str, str]]:
    return 400, {"error_code": "INVALID_PARAMETER_VALUE", "message": message}


async def test_an_unknown_path_is_endpoint_not_found(api: Api) -> None:
    expected = {"error_code": "ENDPOINT_NOT_FOUND", "message": "No API found for 'GET /api/2.0/nowhere'"}
    assert await api.get("/api/2.0/nowhere") == (404, expected)
    assert (await api.post("/api/2.0/clusters/list"))[1]["error_code"] == "ENDPOINT_NOT_FOUND"


@pytest.mark.parametrize(
    ("path", "name"),
    [("/api/2.1/unity-catalog/catalogs", "Unity Catalog"), ("/api/2.0/mlflow/experiments/list", "MLflow")],
)
async def test_what_the_sandbox_does_not_provide_is_said_by_name(api: Api, path: str, name: str) -> None:
    text = f"{name} is not provided by the sandbox, which has plain Spark: use a real workspace."
    assert await api.get(path) == (404, {"error_code": "ENDPOINT_NOT_FOUND", "message": text})


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in ROUTES])
async def test_every_route_wants_a_token(api: Api, method: str, path: str) -> None:
    for header, expected in (("", (401, MISSING)), ("Basic dG9rZW46eA==", (401, MISSING))):
        assert await api.call(method, path, headers={"Authorization": header}) == expected
    assert await api.call(method, path, headers={"Authorization": "Bearer dapi0"}) == (403, REFUSED)


async def test_an_unknown_path_without_a_token_says_only_that(api: Api) -> None:
    assert await api.call("GET", "/api/2.0/nowhere", headers={"Authorization": ""}) == (401, MISSING)


async def test_every_answer_carries_the_workspaces_id(api: Api) -> None:
    for path in ("/.well-known/databricks-config", "/api/2.0/preview/scim/v2/Me", "/api/2.0/nowhere"):
        await api.get(path)
        assert api.headers["X-Databricks-Org-Id"] == ORG_ID


async def test_an_errors_sentence_is_in_the_reason_header_too(api: Api) -> None:
    await api.get("/api/2.0/clusters/get", cluster_id="a\nb€")
    assert api.headers["X-Databricks-Reason-Phrase"] == "Cluster a b? does not exist"


async def test_databricks_config_is_open_and_names_this_host(api: Api) -> None:
    status, found = await api.call("GET", "/.well-known/databricks-config", headers={"Authorization": ""})
    assert status == 200
    assert found == {
        "oidc_endpoint": "https://localhost:8443/oidc",
        "account_id": ACCOUNT_ID,
        "workspace_id": ORG_ID,
        "cloud": "Azure",
        "host_type": "WORKSPACE_HOST",
    }


async def test_me_is_the_default_user(api: Api) -> None:
    status, me = await api.get("/api/2.0/preview/scim/v2/Me")
    assert status == 200
    assert (me["userName"], me["displayName"], me["active"]) == ("ada.sandbox@example.com", "Ada Sandbox", True)
    assert [group["display"] for group in me["groups"]] == ["users", "admins"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff\xfe", b"[" * 100_000])
async def test_a_body_that_is_no_json_object_is_refused(api: Api, body: bytes) -> None:
    assert await api.call("POST", "/api/2.0/token/create", body) == invalid("The request's body must be a JSON object.")


async def test_a_body_that_is_too_large_is_refused(api: Api) -> None:
    body = b'{"comment": "' + b"x" * BODY_LIMIT + b'"}'
    assert await api.call("POST", "/api/2.0/token/create", body) == invalid(
        f"The request's body is larger than {BODY_LIMIT} bytes."
    )


async def test_an_upload_that_is_too_large_is_refused(api: Api) -> None:
    async with api.http.post(
        "/api/2.0/dbfs/put",
        data=io.BytesIO(b"x" * (UPLOAD_LIMIT + 1)),
        headers={"Authorization": f"Bearer {api.token}"},
    ) as answer:
        assert (answer.status, (await answer.json())["message"]) == (
            400,
            f"The request's body is larger than {UPLOAD_LIMIT} bytes.",
        )


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("clusters/start", {}, "Missing required field: cluster_id"),
        ("clusters/start", {"cluster_id": 7}, "Field cluster_id must be a string."),
        ("clusters/start", {"cluster_id": "x" * 5000}, "Field cluster_id is longer than 4096 characters."),
        ("token/create", {"lifetime_seconds": "soon"}, "Field lifetime_seconds must be an integer."),
        ("token/create", {"lifetime_seconds": True}, "Field lifetime_seconds must be an integer."),
        ("token/create", {"lifetime_seconds": 1.5}, "Field lifetime_seconds must be an integer."),
        ("token/create", {"lifetime_seconds": 0}, "Field lifetime_seconds must be from 1 to 315360000."),
        ("dbfs/delete", {"path": "/tmp/x/y", "recursive": "yes"}, "Field recursive must be a boolean."),
        ("dbfs/mkdirs", {"path": "/\ud800"}, "Field path is not Unicode text."),
        ("dbfs/put", {"path": "/tmp", "contents": []}, "Field contents must be a string."),
    ],
)
async def test_types_and_sizes_of_fields_are_checked(
    api: Api, path: str, body: dict[str, object], message: str
) -> None:
    assert await api.post(f"/api/2.0/{path}", **body) == invalid(message)


async def test_the_log_holds_method_path_and_status_and_nothing_else(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "wizard.sandbox")
    await api.post("/api/2.0/secrets/scopes/create", scope="mine")
    await api.post("/api/2.0/secrets/put", scope="mine", key="k", string_value="planted-value")
    await api.get("/api/2.0/clusters/get", cluster_id="planted-id")
    assert caplog.messages == [
        "POST /api/2.0/secrets/scopes/create 200",
        "POST /api/2.0/secrets/put 200",
        "GET /api/2.0/clusters/get 400",
    ]
    assert "planted" not in caplog.text
    assert api.token not in caplog.text


async def test_a_line_break_in_a_path_does_not_make_a_line_in_the_log(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "wizard.sandbox")
    await api.get("/api/2.0/%0Afaked%1b[31m")
    assert caplog.messages == ["GET /api/2.0/\\nfaked\\x1b[31m 404"]


async def test_requests_push_the_idle_clock_back(api: Api) -> None:
    api.clock.time += 100
    assert api.workspace.idle_seconds() == 100
    await api.get("/api/2.0/clusters/list")
    assert api.workspace.idle_seconds() == 0
    api.clock.time += 5
    assert api.workspace.idle_seconds() == 5


async def test_a_request_that_is_being_answered_is_no_idleness(api: Api) -> None:
    api.workspace.begin()
    api.clock.time += 10_000
    assert api.workspace.idle_seconds() == 0
    api.workspace.done()
    assert api.workspace.idle_seconds() == 0
