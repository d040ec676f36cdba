"""The running sandbox's own memory: throw-away secrets on a machine without a keyring, gone when it stops."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.secret import USER, Secret, StoreError, StoreGone

if TYPE_CHECKING:
    from wizard.sandbox.client import Control


class SandboxStore:
    """Secrets in the memory of the sandbox that runs below this state folder. All methods raise StoreError."""

    def __init__(self, state: str) -> None:
        self._state = Path(state)

    @property
    def name(self) -> str:
        return "sandbox"

    @property
    def title(self) -> str:
        return "the sandbox's memory"

    def get(self, service: str) -> Secret | None:
        """The entry; None where there is none."""
        with self._control() as control:
            return control.get_secret(service, USER)

    def put(self, service: str, value: Secret) -> None:
        """Keep the value until the sandbox stops."""
        if not value:
            raise StoreError(f"The value for {service} is empty; type the secret itself, or delete the entry.")
        with self._control() as control:
            control.put_secret(service, USER, value)

    def delete(self, service: str) -> bool:
        """Forget the entry; whether there was one."""
        with self._control() as control:
            return control.delete_secret(service, USER)

    @contextlib.contextmanager
    def _control(self) -> Iterator[Control]:
        from wizard.sandbox import client

        try:
            running = client.status(self._state)
            if running is None:
                raise StoreGone("No sandbox runs here, and its secrets went with it: `mlops-wizard setup --sandbox`.")
            yield client.Control(running)
        except client.SandboxError as error:
            raise StoreError(str(error)) from None
        except (OSError, ValueError, UnicodeError) as error:
            raise StoreError(
                f"The sandbox does not answer ({type(error).__name__}). Type `mlops-wizard sandbox status`."
            ) from None
