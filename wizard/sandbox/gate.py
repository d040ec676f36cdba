"""The gRPC door: looks at who comes and to which cluster, and relays all else, bytes for bytes, to Spark Connect.

Every method is relayed as a stream of streams, so reattachable execution, errors' codes, details and trailing metadata
(in which Spark packs an exception's class) arrive unchanged.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import grpc
import grpc.aio

from wizard.sandbox.workspace.error import ApiError
from wizard.sandbox.workspace.pages import blocked
from wizard.sandbox.workspace.state import Workspace
from wizard.secret import Secret

SERVICE = "/spark.connect.SparkConnectService/"
OPTIONS: list[tuple[str, int]] = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_metadata_size", 4 * 1024 * 1024),
    ("grpc.absolute_max_metadata_size", 8 * 1024 * 1024),
]
"""Sizes are Spark's and the client's to limit, not the door's."""

KEPT_BY_GRPC = {"content-type", "te", "user-agent", "authorization"}
NO_SPARK = (
    "Spark of this sandbox has ended or was not started. "
    "Type: mlops-wizard sandbox stop, then: mlops-wizard sandbox start"
)

NO_COMPUTE = "Missing required header: x-databricks-cluster-id or x-databricks-session-id."

Refusal = tuple[grpc.StatusCode, str]
Metadata = tuple[tuple[str, str | bytes], ...]


class Gate(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Relays the calls of one workspace to the Spark that answers on `port` behind `token`."""

    def __init__(self, workspace: Workspace, spark_runs: Callable[[], bool]) -> None:
        self._workspace = workspace
        self._spark_runs = spark_runs
        self._channel: Any = None
        self._server: Any = None
        self._token = Secret("")

    async def listen(self, path: str) -> None:
        """Answer on this unix socket."""
        self._server = grpc.aio.server(options=OPTIONS)
        self._server.add_generic_rpc_handlers((self,))
        self._server.add_insecure_port(f"unix:{path}")
        await self._server.start()

    def connect(self, port: int, token: Secret) -> None:
        """Where Spark is."""
        self._token = token
        self._channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=OPTIONS)

    async def close(self) -> None:
        """End all calls."""
        if self._server is not None:
            await self._server.stop(0.2)
        if self._channel is not None:
            await self._channel.close()

    def service(self, handler_call_details: Any) -> Any:
        """The handler of a call by its path; None (UNIMPLEMENTED) for what is not Spark Connect's."""
        method = handler_call_details.method
        if not method.startswith(SERVICE):
            return None
        return grpc.stream_stream_rpc_method_handler(functools.partial(self._relay, method))

    async def _relay(self, method: str, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        self._workspace.begin()
        try:
            sent = {key.lower(): value for key, value in context.invocation_metadata() or ()}
            refusal = await self._refusal(sent)
            if refusal is not None:
                await context.abort(*refusal)
            async for message in self._forward(method, requests, context):
                yield message
        finally:
            self._workspace.done()

    async def _forward(self, method: str, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        metadata = (*relayed(context.invocation_metadata()), ("authorization", f"Bearer {self._token.reveal()}"))
        call = self._channel.stream_stream(method)(
            _messages(requests), metadata=metadata, timeout=context.time_remaining()
        )
        try:
            await context.send_initial_metadata(relayed(await call.initial_metadata()))
            async for message in call:
                yield message
            context.set_trailing_metadata(relayed(await call.trailing_metadata()))
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE and not self._spark_runs():
                await context.abort(grpc.StatusCode.FAILED_PRECONDITION, NO_SPARK)
            await context.abort(error.code(), error.details() or "", relayed(error.trailing_metadata()))
        finally:
            call.cancel()

    async def _refusal(self, sent: dict[str, Any]) -> Refusal | None:
        """Why this call goes no further; None where it may."""
        faults, status = self._workspace.faults, grpc.StatusCode
        if "slow" in faults:
            await asyncio.sleep(faults.number("slow"))
        if "server-error" in faults:
            return status.INTERNAL, "Internal error happened. Please try again later."
        if "ip-access-list" in faults:
            return status.PERMISSION_DENIED, blocked(self._workspace.org_id)
        try:
            self._workspace.access.identify(_text(sent.get("authorization")))
        except ApiError as error:
            code = status.UNAUTHENTICATED if error.status == 401 else status.PERMISSION_DENIED
            return code, error.message
        return self._compute_refusal(_text(sent.get("x-databricks-cluster-id")), "x-databricks-session-id" in sent)

    def _compute_refusal(self, cluster: str, serverless: bool) -> Refusal | None:
        status = grpc.StatusCode
        if not cluster and not serverless:
            return status.INVALID_ARGUMENT, NO_COMPUTE
        if cluster and (found := self._workspace.clusters.refusal(cluster)):
            return status[found[0]], found[1]
        if "no-spark" in self._workspace.faults:
            return status.UNAVAILABLE, "failed to connect to all addresses; last error: Connection refused"
        if self._channel is None or not self._spark_runs():
            return status.FAILED_PRECONDITION, NO_SPARK
        return None


async def _messages(requests: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for message in requests:
        yield message


def relayed(metadata: Iterable[tuple[str, str | bytes]] | None) -> Metadata:
    """Metadata without what belongs to one hop; `grpc-status-details-bin` is Spark's, and goes on."""
    return tuple(
        (key, value)
        for key, value in metadata or ()
        if key not in KEPT_BY_GRPC and (not key.startswith("grpc-") or key == "grpc-status-details-bin")
    )


def _text(value: str | bytes | None) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else value or ""
