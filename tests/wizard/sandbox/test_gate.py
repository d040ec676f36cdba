"""The gRPC door in front of a small server of our own: who is let in, and that the rest arrives unchanged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from wizard.sandbox.gate import NO_SPARK, Gate
from wizard.sandbox.workspace.access import USER
from wizard.sandbox.workspace.state import Workspace
from wizard.secret import Secret

UP, DOWN = "1120-221530-quick154", "1120-221532-sleep154"
EXECUTE = "/spark.connect.SparkConnectService/ExecutePlan"
DETAIL = ("grpc-status-details-bin", b"\x01\x02class")


class Upstream(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Stands where Spark stands: echoes thrice, with metadata both ways; `fail` fails as Spark does."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def service(self, handler_call_details: Any) -> Any:
        return grpc.stream_stream_rpc_method_handler(self._echo)

    async def _echo(self, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        self.seen.append(dict(context.invocation_metadata()))
        await context.send_initial_metadata((("first", "yes"),))
        async for message in requests:
            if message == b"fail":
                await context.abort(grpc.StatusCode.INTERNAL, "[TABLE_NOT_FOUND] ünknown", (DETAIL, ("why", "because")))
            for _ in range(3):
                yield message
        context.set_trailing_metadata((("last", "yes"),))


@dataclass
class Door:
    workspace: Workspace
    upstream: Upstream
    channel: Any
    token: str
    spark: dict[str, bool]

    async def ask(self, *messages: bytes, method: str = EXECUTE, **changed: Any) -> Any:
        """(messages, initial metadata, trailing metadata) of one call; raises what the gate refuses."""
        metadata = {"authorization": f"Bearer {self.token}", "x-databricks-cluster-id": UP, "x-own": "kept"}
        sent = {name.replace("_", "-"): value for name, value in changed.items()}
        both = {name: value for name, value in {**metadata, **sent}.items() if value is not None}

        async def each() -> AsyncIterator[bytes]:
            for message in messages:
                yield message

        call = self.channel.stream_stream(method)(each(), metadata=tuple(both.items()), timeout=20)
        found = [message async for message in call]
        return found, dict(await call.initial_metadata()), dict(await call.trailing_metadata())

    async def refused(self, **changed: Any) -> tuple[str, str]:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await self.ask(b"x", **changed)
        return raised.value.code().name, raised.value.details() or ""


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    upstream = Upstream()
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((upstream,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    workspace = Workspace("https://localhost", tmp_path, lambda: 1000.0)
    token, _ = workspace.access.mint(USER, lifetime=None)
    spark = {"runs": True}
    gate = Gate(workspace, lambda: spark["runs"])
    await gate.listen(str(tmp_path / "g"))
    gate.connect(port, Secret("sesame"))
    channel = grpc.aio.insecure_channel(f"unix:{tmp_path / 'g'}", options=[("grpc.default_authority", "localhost")])
    yield Door(workspace, upstream, channel, token, spark)
    await channel.close()
    await gate.close()
    await server.stop(0)


async def test_messages_and_metadata_go_through_both_ways(door: Door) -> None:
    found, first, last = await door.ask(b"one", b"\x00" * 200_000)
    assert found == [b"one"] * 3 + [b"\x00" * 200_000] * 3
    assert first["first"] == "yes"
    assert last["last"] == "yes"


async def test_spark_gets_its_own_token_and_never_the_users(door: Door) -> None:
    await door.ask(b"one")
    (seen,) = door.upstream.seen
    assert seen["authorization"] == "Bearer sesame"
    assert seen["x-own"] == "kept"
    assert door.token not in str(seen)


async def test_an_error_keeps_its_code_text_and_details(door: Door) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await door.ask(b"fail")
    assert raised.value.code() is grpc.StatusCode.INTERNAL
    assert raised.value.details() == "[TABLE_NOT_FOUND] ünknown"
    trailing = dict(raised.value.trailing_metadata())
    assert trailing["why"] == "because"
    assert trailing[DETAIL[0]] == DETAIL[1]


async def test_who_may_not_come_in(door: Door) -> None:
    missing = "Credential was not sent or was of an unsupported type for this API."
    assert await door.refused(authorization=None) == ("UNAUTHENTICATED", missing)
    assert await door.refused(authorization="Basic abc") == ("UNAUTHENTICATED", missing)
    assert await door.refused(authorization="Bearer dapi0") == ("PERMISSION_DENIED", "Invalid access token.")
    assert door.upstream.seen == []


async def test_to_which_cluster_nobody_may_go(door: Door) -> None:
    state = "is in unexpected state"
    assert await door.refused(x_databricks_cluster_id=None) == (
        "INVALID_ARGUMENT",
        "Missing required header: x-databricks-cluster-id or x-databricks-session-id.",
    )
    assert await door.refused(x_databricks_cluster_id="no") == (
        "NOT_FOUND",
        "RESOURCE_DOES_NOT_EXIST: No cluster found matching: no",
    )
    down = ("FAILED_PRECONDITION", f"Cluster {DOWN} {state} TERMINATED.")
    assert await door.refused(x_databricks_cluster_id=DOWN) == down
    door.workspace.clusters.start(DOWN)
    pending = ("FAILED_PRECONDITION", f"Cluster {DOWN} {state} Pending.")
    assert await door.refused(x_databricks_cluster_id=DOWN) == pending


async def test_serverless_names_a_session_in_place_of_a_cluster(door: Door) -> None:
    found = await door.ask(b"one", x_databricks_cluster_id=None, x_databricks_session_id="s")
    assert found[0] == [b"one"] * 3


async def test_methods_of_other_services_are_unimplemented(door: Door) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await door.ask(b"one", method="/other.Service/Method")
    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize(
    ("fault", "code", "text"),
    [
        ("expired-token", "PERMISSION_DENIED", "Invalid access token."),
        ("wrong-workspace", "PERMISSION_DENIED", "Invalid access token."),
        ("server-error", "INTERNAL", "Internal error happened. Please try again later."),
        (
            "ip-access-list",
            "PERMISSION_DENIED",
            "Source IP address: 127.0.0.1 is blocked by Databricks IP ACL for workspace: 6051921418418893",
        ),
        ("no-spark", "UNAVAILABLE", "failed to connect to all addresses; last error: Connection refused"),
        ("terminated-cluster", "FAILED_PRECONDITION", f"Cluster {UP} is in unexpected state TERMINATED."),
    ],
)
async def test_faults_are_answered_until_they_are_cleared(door: Door, fault: str, code: str, text: str) -> None:
    door.workspace.misbehave([fault])
    assert await door.refused() == (code, text)
    door.workspace.behave()
    assert (await door.ask(b"one"))[0] == [b"one"] * 3


async def test_a_spark_that_has_ended_is_said_at_once(door: Door) -> None:
    door.spark["runs"] = False
    assert await door.refused() == ("FAILED_PRECONDITION", NO_SPARK)


async def test_an_open_call_is_no_idleness(door: Door) -> None:
    assert door.workspace.open_requests == 0
    await door.ask(b"one")
    assert door.workspace.open_requests == 0
