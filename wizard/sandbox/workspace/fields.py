"""What a request brings, query or JSON body: looked at for type and size before anything is done with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from wizard.sandbox.workspace.error import ApiError, invalid

TEXT_LIMIT = 4096
"""Characters of an ordinary text field."""

BODY_LIMIT = 2 * 1024 * 1024
"""Bytes of a JSON body."""

INT_LIMIT = 2**53


class Fields:
    """The named values of one request. Getters raise ApiError 400 INVALID_PARAMETER_VALUE on a wrong type."""

    def __init__(self, values: Mapping[str, Any], *, query: bool = False) -> None:
        self._values = values
        self._query = query

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, *, limit: int = TEXT_LIMIT) -> str:
        """A text that must be there and not be empty."""
        found = self.text_or(name, "", limit=limit)
        if not found:
            raise invalid(f"Missing required field: {name}")
        return found

    def text_or(self, name: str, default: str, *, limit: int = TEXT_LIMIT) -> str:
        """A text that may be missing."""
        found = self._values.get(name)
        if found is None:
            return default
        if not isinstance(found, str):
            raise invalid(f"Field {name} must be a string.")
        if len(found) > limit:
            raise invalid(f"Field {name} is longer than {limit} characters.")
        if any("\ud800" <= sign <= "\udfff" for sign in found):
            raise invalid(f"Field {name} is not Unicode text.")
        return found

    def integer_or(self, name: str, default: int, *, least: int = 0, most: int = INT_LIMIT) -> int:
        """A whole number within bounds; in a query it is written in digits."""
        found = self._values.get(name)
        if found is None:
            return default
        if isinstance(found, str) and (self._query or found.isascii()) and found.isdigit() and len(found) < 17:
            found = int(found)
        if isinstance(found, bool) or not isinstance(found, int):
            raise invalid(f"Field {name} must be an integer.")
        if not least <= found <= most:
            raise invalid(f"Field {name} must be from {least} to {most}.")
        return found

    def flag_or(self, name: str, default: bool) -> bool:
        """A boolean; in a query and in forms it is written `true` or `false`."""
        found = self._values.get(name)
        if found is None:
            return default
        if isinstance(found, str) and self._query:
            found = {"true": True, "false": False}.get(found.lower(), found)
        if not isinstance(found, bool):
            raise invalid(f"Field {name} must be a boolean.")
        return found

    def table_or(self, name: str) -> dict[str, Any] | None:
        """A JSON object that may be missing."""
        found = self._values.get(name)
        if found is not None and not isinstance(found, dict):
            raise invalid(f"Field {name} must be an object.")
        return found


def query(request: web.Request) -> Fields:
    """The fields of a GET."""
    return Fields(dict(request.query), query=True)


async def body(request: web.Request) -> Fields:
    """The fields of a POST with a JSON object; an empty body has none."""
    raw = await request.read()
    if len(raw) > BODY_LIMIT:
        raise invalid(f"The request's body is larger than {BODY_LIMIT} bytes.")
    try:
        found = json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError):
        raise _malformed() from None
    if not isinstance(found, dict):
        raise _malformed()
    return Fields(found)


def _malformed() -> ApiError:
    return invalid("The request's body must be a JSON object.")
