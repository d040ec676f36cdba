"""Forms: fields, and the one file that an upload may have with them."""

from __future__ import annotations

import urllib.parse
from email.message import Message
from email.parser import BytesHeaderParser

from aiohttp import web

from wizard.sandbox.workspace.error import ApiError, invalid

Form = tuple[dict[str, str], bytes | None]
"""(fields, the uploaded file's bytes)."""

PARTS = 20
HEAD_BYTES = 4096


def is_form(request: web.Request) -> bool:
    """Whether the body is a form of either kind."""
    return request.content_type in {"multipart/form-data", "application/x-www-form-urlencoded"}


def parse(content_type: str, body: bytes) -> Form:
    """Fields and upload of a form; raises ApiError 400 on what is none.

    Own code: the legacy CLI labels the file itself `multipart/form-data`, without a boundary, which aiohttp takes for
    a form within the form and refuses, and the standard library's parser (it is one for mail) changes ends of lines.
    """
    if not content_type.lower().startswith("multipart/"):
        return _encoded(body), None
    fields: dict[str, str] = {}
    upload: bytes | None = None
    for head, data in _parts(content_type, body):
        name = head.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise _unreadable()
        if head.get_filename() is not None:
            upload = data
        else:
            fields[name] = data.decode("utf-8", "replace")
    return fields, upload


def _parts(content_type: str, body: bytes) -> list[tuple[Message, bytes]]:
    """(headers, contents) of each part: RFC 2046, 5.1.1, without parts in parts."""
    whole = Message()
    whole["Content-Type"] = "".join(sign for sign in content_type if sign.isprintable())
    boundary = whole.get_boundary()
    _, *sections = (b"\r\n" + body).split(b"\r\n--" + (boundary or "").encode())
    if not boundary or not 0 < len(sections) <= PARTS + 1 or not sections[-1].startswith(b"--"):
        raise _unreadable()
    found = []
    for section in sections[:-1]:
        head, blank, data = section.partition(b"\r\n\r\n")
        if not blank or len(head) > HEAD_BYTES:
            raise _unreadable()
        found.append((BytesHeaderParser().parsebytes(head.lstrip()), data))
    return found


def _unreadable() -> ApiError:
    return invalid("The form could not be read.")


def _encoded(body: bytes) -> dict[str, str]:
    try:
        return dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=PARTS))
    except ValueError:
        raise _unreadable() from None
