"""The one error of the sandbox."""

from __future__ import annotations


class SandboxError(Exception):
    """The sandbox could not do what it was asked; the text says what was found and what to type. It holds no secret."""
