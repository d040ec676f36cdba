"""Tokens and log-ins over REST: personal access tokens and OAuth M2M."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox_api import Api

TOKEN = "/oidc/v1/token"
WRONG = (401, {"error": "invalid_client", "error_description": "Client authentication failed"})


async def status(api: Api, token: str) -> int:
    return (await api.call("GET", "/api/2.0/clusters/list", headers={"Authorization": f"Bearer {token}"}))[0]


async def created(api: Api, **body: object) -> tuple[str, dict[str, Any]]:
    made = (await api.post("/api/2.0/token/create", **body))[1]
    return made["token_value"], made["token_info"]


async def test_a_created_token_works_until_its_lifetime_is_over(api: Api) -> None:
    value, info = await created(api, comment="mine", lifetime_seconds=60)
    assert value.startswith("dapi")
    assert len(value) == 36
    assert info["expiry_time"] - info["creation_time"] == 60_000
    assert await status(api, value) == 200
    api.clock.time += 60
    assert await status(api, value) == 403


async def test_a_token_without_a_lifetime_never_expires(api: Api) -> None:
    value, info = await created(api)
    assert (info["expiry_time"], info["comment"]) == (-1, "")
    api.clock.time += 10**9
    assert await status(api, value) == 200


async def test_tokens_are_listed_without_values_and_revoked_by_id(api: Api) -> None:
    value, info = await created(api, comment="mine", lifetime_seconds=60)
    listed = (await api.get("/api/2.0/token/list"))[1]["token_infos"]
    assert listed[1] == info
    assert [each["comment"] for each in listed] == ["test", "mine"]
    assert value not in str(listed)
    assert await api.post("/api/2.0/token/delete", token_id=info["token_id"]) == (200, {})
    assert await status(api, value) == 403
    text = f"Token with ID {info['token_id']} does not exist."
    expected = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": text})
    assert await api.post("/api/2.0/token/delete", token_id=info["token_id"]) == expected


async def test_an_expired_token_is_no_longer_listed(api: Api) -> None:
    await created(api, comment="short", lifetime_seconds=1)
    api.clock.time += 1
    listed = (await api.get("/api/2.0/token/list"))[1]["token_infos"]
    assert [each["comment"] for each in listed] == ["test"]


async def test_one_user_has_600_tokens_at_most(api: Api) -> None:
    for _ in range(599):
        api.workspace.access.mint(api.workspace.access.identify(f"Bearer {api.token}"), lifetime=None)
    code, error = await api.post("/api/2.0/token/create", comment="one too many")
    assert (code, error["error_code"]) == (400, "QUOTA_EXCEEDED")


async def test_no_token_is_kept_as_it_is(api: Api) -> None:
    assert api.token not in repr(vars(api.workspace.access))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_schemes_case_does_not_matter(api: Api, scheme: str) -> None:
    answer = await api.call("GET", "/api/2.0/clusters/list", headers={"Authorization": f"{scheme} {api.token}"})
    assert answer[0] == 200


async def test_metadata_names_the_token_end_point_of_this_host(api: Api) -> None:
    found = (await api.call("GET", "/oidc/.well-known/oauth-authorization-server", headers={"Authorization": ""}))[1]
    assert found["token_endpoint"] == "https://localhost:8443/oidc/v1/token"
    assert found["grant_types_supported"] == ["client_credentials"]


async def test_a_service_principal_logs_in_by_basic_or_form_for_an_hour(api: Api) -> None:
    client_id, secret = api.workspace.access.make_client("ci")
    grant = {"grant_type": "client_credentials", "scope": "all-apis"}
    for fields, auth in (
        (grant, (client_id, secret)),
        ({**grant, "client_id": client_id, "client_secret": secret}, None),
    ):
        code, made = await api.form(TOKEN, fields, auth)
        assert code == 200
        assert {**made, "access_token": ""} == {
            "access_token": "",
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": "all-apis",
        }
        assert await status(api, made["access_token"]) == 200
    api.clock.time += 3600
    assert await status(api, made["access_token"]) == 403


async def test_me_of_a_service_principal_is_its_application_id(api: Api) -> None:
    client_id, secret = api.workspace.access.make_client("ci")
    made = (await api.form(TOKEN, {"grant_type": "client_credentials"}, (client_id, secret)))[1]
    header = {"Authorization": f"Bearer {made['access_token']}"}
    me = (await api.call("GET", "/api/2.0/preview/scim/v2/Me", headers=header))[1]
    assert (me["userName"], me["applicationId"], me["displayName"], me["emails"]) == (client_id, client_id, "ci", [])


async def test_wrong_client_credentials_are_invalid_client(api: Api) -> None:
    client_id, secret = api.workspace.access.make_client("ci")
    grant = {"grant_type": "client_credentials"}
    assert await api.form(TOKEN, grant, (client_id, "no")) == WRONG
    assert await api.form(TOKEN, grant, ("no", secret)) == WRONG
    assert await api.form(TOKEN, grant) == WRONG
    assert await api.form(TOKEN, {**grant, "client_id": client_id, "client_secret": "no"}) == WRONG


@pytest.mark.parametrize(
    ("fields", "error"),
    [({}, "invalid_request"), ({"grant_type": "password"}, "unsupported_grant_type")],
)
async def test_other_grants_are_refused(api: Api, fields: dict[str, str], error: str) -> None:
    code, found = await api.form(TOKEN, fields)
    assert (code, found["error"]) == (400, error)


async def test_a_malformed_basic_header_is_invalid_client(api: Api) -> None:
    async with api.http.post(
        TOKEN, data={"grant_type": "client_credentials"}, headers={"Authorization": "Basic %%%"}
    ) as answer:
        assert answer.status == 401
