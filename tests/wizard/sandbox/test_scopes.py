"""Secret scopes over REST."""

from __future__ import annotations

import base64

import pytest

from tests.sandbox_api import Api

S = "/api/2.0/secrets"


@pytest.fixture
async def scope(api: Api) -> str:
    assert await api.post(f"{S}/scopes/create", scope="mine") == (200, {})
    return "mine"


async def test_scopes_are_made_listed_and_deleted(api: Api, scope: str) -> None:
    assert await api.get(f"{S}/scopes/list") == (200, {"scopes": [{"name": "mine", "backend_type": "DATABRICKS"}]})
    again = (400, {"error_code": "RESOURCE_ALREADY_EXISTS", "message": "Scope mine already exists!"})
    assert await api.post(f"{S}/scopes/create", scope=scope) == again
    assert await api.post(f"{S}/scopes/delete", scope=scope) == (200, {})
    gone = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Scope mine does not exist!"})
    assert await api.post(f"{S}/scopes/delete", scope=scope) == gone
    assert await api.get(f"{S}/list", scope=scope) == gone
    assert await api.get(f"{S}/scopes/list") == (200, {"scopes": []})


@pytest.mark.parametrize(
    ("field", "sent", "value"),
    [
        ("string_value", "pä$$ word\n", "pä$$ word\n".encode()),
        ("string_value", "", b""),
        ("bytes_value", base64.b64encode(b"\x00\xff").decode(), b"\x00\xff"),
    ],
)
async def test_a_value_comes_back_in_base64(api: Api, scope: str, field: str, sent: str, value: bytes) -> None:
    assert await api.post(f"{S}/put", scope=scope, key="k", **{field: sent}) == (200, {})
    expected = {"key": "k", "value": base64.b64encode(value).decode()}
    assert await api.get(f"{S}/get", scope=scope, key="k") == (200, expected)


async def test_list_shows_keys_and_times_and_no_values(api: Api, scope: str) -> None:
    await api.post(f"{S}/put", scope=scope, key="k", string_value="v")
    expected = {"secrets": [{"key": "k", "last_updated_timestamp": int(api.clock.time * 1000)}]}
    assert await api.get(f"{S}/list", scope=scope) == (200, expected)


async def test_a_deleted_secret_is_gone(api: Api, scope: str) -> None:
    await api.post(f"{S}/put", scope=scope, key="k", string_value="v")
    assert await api.post(f"{S}/delete", scope=scope, key="k") == (200, {})
    gone = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Secret k does not exist in scope mine!"}
    assert await api.get(f"{S}/get", scope=scope, key="k") == (404, gone)
    assert await api.post(f"{S}/delete", scope=scope, key="k") == (404, gone)


@pytest.mark.parametrize(
    "body",
    [
        {"key": "k"},
        {"key": "k", "string_value": "a", "bytes_value": "YQ=="},
        {"key": "k", "bytes_value": "not base64!"},
        {"key": "a/b", "string_value": "v"},
        {"key": "k" * 129, "string_value": "v"},
        {"key": "k", "string_value": "v" * (128 * 1024 + 1)},
        {"key": "k", "string_value": "ü" * (128 * 1024)},
    ],
)
async def test_what_cannot_be_kept_is_refused_without_repeating_it(api: Api, scope: str, body: dict[str, str]) -> None:
    status, error = await api.post(f"{S}/put", scope=scope, **body)
    assert (status, error["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert "not base64!" not in error["message"]
    assert await api.get(f"{S}/list", scope=scope) == (200, {"secrets": []})


async def test_access_lists_say_who_may_what(api: Api, scope: str) -> None:
    creator = {"principal": "ada.sandbox@example.com", "permission": "MANAGE"}
    assert await api.get(f"{S}/acls/list", scope=scope) == (200, {"items": [creator]})
    assert await api.post(f"{S}/acls/put", scope=scope, principal="ci", permission="READ") == (200, {})
    ci = {"principal": "ci", "permission": "READ"}
    assert await api.get(f"{S}/acls/get", scope=scope, principal="ci") == (200, ci)
    assert await api.get(f"{S}/acls/list", scope=scope) == (200, {"items": [creator, ci]})
    assert await api.post(f"{S}/acls/delete", scope=scope, principal="ci") == (200, {})
    assert (await api.get(f"{S}/acls/get", scope=scope, principal="ci"))[0] == 404
    status, error = await api.post(f"{S}/acls/put", scope=scope, principal="ci", permission="OWN")
    assert (status, error["message"]) == (400, "A permission is one of READ, WRITE, MANAGE.")


async def test_a_scope_may_be_given_to_all_users(api: Api) -> None:
    await api.post(f"{S}/scopes/create", scope="all", initial_manage_principal="users")
    items = (await api.get(f"{S}/acls/list", scope="all"))[1]["items"]
    assert {"principal": "users", "permission": "MANAGE"} in items


async def test_a_key_vaults_scope_is_refused_and_says_so(api: Api) -> None:
    answer = await api.post(f"{S}/scopes/create", scope="kv", scope_backend_type="AZURE_KEYVAULT")
    text = "The sandbox has no key vault: scope_backend_type AZURE_KEYVAULT is not there, DATABRICKS is."
    assert answer == (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": text})


@pytest.mark.parametrize("name", ["a" * 129, "semi;colon", "new\nline"])
async def test_a_scopes_name_is_checked(api: Api, name: str) -> None:
    assert (await api.post(f"{S}/scopes/create", scope=name))[0] == 400


async def test_no_value_is_in_a_representation(api: Api, scope: str) -> None:
    await api.post(f"{S}/put", scope=scope, key="k", string_value="planted")
    assert base64.b64encode(b"planted").decode() not in repr(api.workspace.scopes)
