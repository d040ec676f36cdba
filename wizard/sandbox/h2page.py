"""Just enough HTTP/2 to answer every request with an HTML page, as a proxy does: the fault `html-error` for gRPC.

Own code and not the `h2` library: one kind of answer, 60 lines, and no dependency for a fault.
"""

from __future__ import annotations

import asyncio

from wizard.sandbox.workspace.pages import proxy_page

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PING = 0x0, 0x1, 0x4, 0x6
ACK = END_STREAM = 0x1
END_HEADERS = 0x4
FRAME_LIMIT = 16384
"""Bytes of a frame's payload; the protocol's default, which we do not raise."""


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int) -> None:
    """Serve one connection: the page, with this status, to each request on it, until the client ends."""
    if await reader.readexactly(len(PREFACE)) != PREFACE:
        return
    writer.write(_frame(SETTINGS, 0, 0, b""))
    while True:
        head = await reader.readexactly(9)
        length, kind, flags = int.from_bytes(head[:3]), head[3], head[4]
        stream = int.from_bytes(head[5:]) & 0x7FFFFFFF
        if length > FRAME_LIMIT:
            return
        payload = await reader.readexactly(length)
        if kind in {SETTINGS, PING} and not flags & ACK:
            writer.write(_frame(kind, ACK, 0, payload if kind == PING else b""))
        elif kind == HEADERS:
            writer.write(_page(stream, status))
        await writer.drain()


def _page(stream: int, status: int) -> bytes:
    text = proxy_page(status).encode()
    return _frame(HEADERS, END_HEADERS, stream, _header_block(status)) + _frame(DATA, END_STREAM, stream, text)


def _header_block(status: int) -> bytes:
    """`:status` and `content-type`, literal and not indexed (RFC 7541, 6.2.2; names 8 and 31 of its static table)."""
    return b"\x08" + _text(str(status)) + b"\x0f\x10" + _text("text/html; charset=utf-8")


def _text(value: str) -> bytes:
    return bytes([len(value)]) + value.encode("ascii")


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload
