"""The TLS door: one port for both protocols. A client that chose `h2` goes to the gate, any other to the REST side.

Only on loopback, on 127.0.0.1 and ::1 alike: `localhost` must never be answered by somebody else's program.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from wizard.sandbox import h2page
from wizard.sandbox.error import SandboxError

CHUNK = 256 * 1024
CONNECTION_LIMIT = 1000
HANDSHAKE_SECONDS = 15.0
TRIES = 20

log = logging.getLogger("wizard.sandbox")


class Front:
    """Accepts TLS and pipes the bytes to unix sockets. `page` gives the status of the fault `html-error`, or None."""

    def __init__(self, context: ssl.SSLContext, rest: Path, gate: Path, page: Callable[[], int | None]) -> None:
        self._context = context
        self._rest = rest
        self._gate = gate
        self._page = page
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.Task[None]] = set()

    async def listen(self, port: int) -> int:
        """Listen on this port, or on a free one for 0; the port. Raises SandboxError where it cannot be had."""
        for bound in bind_loopback(port):
            server = await asyncio.start_server(
                self._accept, sock=bound, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )
            self._servers.append(server)
        return int(self._servers[0].sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        for server in self._servers:
            server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._open) >= CONNECTION_LIMIT:
            writer.close()
            return
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError) as error:
            log.debug("a connection ended: %s", type(error).__name__)
        except asyncio.CancelledError:
            log.debug("a connection was cut")
        finally:
            self._open.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tls = writer.get_extra_info("ssl_object")
        http2 = tls is not None and tls.selected_alpn_protocol() == "h2"
        if http2 and (status := self._page()) is not None:
            await h2page.answer(reader, writer, status)
            return
        inner = self._gate if http2 else self._rest
        inner_reader, inner_writer = await asyncio.open_unix_connection(inner, limit=CHUNK)
        try:
            await _join(reader, writer, inner_reader, inner_writer)
        finally:
            inner_writer.close()


async def _join(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    inner_reader: asyncio.StreamReader,
    inner_writer: asyncio.StreamWriter,
) -> None:
    """Pipe both ways until the inner side has said its last; a client's end is passed on as an end."""
    inwards = asyncio.create_task(_pipe(reader, inner_writer))
    try:
        await _pipe(inner_reader, writer)
    finally:
        inwards.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await inwards


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    except OSError as error:
        log.debug("a connection ended: %s", type(error).__name__)
    if writer.can_write_eof():
        with suppress(OSError):
            writer.write_eof()


def bind_loopback(port: int) -> list[socket.socket]:
    """Sockets bound to the same port of 127.0.0.1 and, where there is one, ::1. Raises SandboxError."""
    for _ in range(TRIES):
        try:
            first = _bind(socket.AF_INET, "127.0.0.1", port)
        except OSError as error:
            raise SandboxError(_refused(port, error)) from None
        got = first.getsockname()[1]
        try:
            return [first, _bind(socket.AF_INET6, "::1", got)]
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return [first]  # no IPv6 on this machine
            first.close()
            if port:
                raise SandboxError(_refused(port, error)) from None
    raise SandboxError("No port is free on both 127.0.0.1 and ::1. Type the command again.")


def _bind(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((address, port))
    except OSError:
        made.close()
        raise
    return made


def _refused(port: int, error: OSError) -> str:
    if error.errno == errno.EACCES:
        return f"Port {port} may be opened by root alone. Leave the port out, and a free one is taken."
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use by another program. Leave the port out, and a free one is taken."
    return f"Port {port} of 127.0.0.1 cannot be opened: {error.strerror}. Look at this machine's loopback interface."
