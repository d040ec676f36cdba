"""A world that looks once: several checks ask the same server the same thing, and within one report one answer will do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import TypeVar, cast

from checks.project import Platform, Project
from checks.world import Ran, Reply, Stat, World

T = TypeVar("T")


class Memo:
    """Hands on to the world behind it; `run`, `get`, `which`, `kept` and `store` are asked once for the same question.

    Lives as long as one report, so that a look after a repair is a new look. Threads that ask the same thing at the same
    time wait for the first one's answer.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[Hashable, Future[object]] = {}
        self._lock = threading.Lock()

    @property
    def env(self) -> Mapping[str, str]:
        return self._world.env

    @property
    def root(self) -> str:
        return self._world.root

    @property
    def home(self) -> str:
        return self._world.home

    @property
    def platform(self) -> Platform:
        return self._world.platform

    @property
    def project(self) -> Project:
        return self._world.project

    @property
    def trusted(self) -> bool:
        return self._world.trusted

    @property
    def offline(self) -> bool:
        return self._world.offline

    def now(self) -> datetime:
        return self._world.now()

    def read(self, path: str, limit: int = 1_000_000) -> bytes | None:
        return self._world.read(path, limit)

    def stat(self, path: str) -> Stat | None:
        return self._world.stat(path)

    def list(self, path: str) -> tuple[str, ...]:
        return self._world.list(path)

    def which(self, program: str) -> tuple[str, ...]:
        return self._once(("which", program), lambda: self._world.which(program))

    def run(self, *argv: str, timeout: float = 10, env: Mapping[str, str] | None = None, input: str = "") -> Ran:
        key = ("run", argv, timeout, tuple(sorted((env or {}).items())), input)
        return self._once(key, lambda: self._world.run(*argv, timeout=timeout, env=env, input=input))

    def get(self, url: str, *, bearer: str = "", timeout: float = 5) -> Reply:
        key = ("get", url, bearer, timeout)
        return self._once(key, lambda: self._world.get(url, bearer=bearer, timeout=timeout))

    def kept(self, entry: str) -> bool | None:
        return self._once(("kept", entry), lambda: self._world.kept(entry))

    def store(self) -> tuple[str, str]:
        return self._once(("store",), self._world.store)

    def _once(self, key: Hashable, look: Callable[[], T]) -> T:
        with self._lock:
            known = self._known.get(key)
            mine = known is None
            if known is None:
                known = self._known[key] = Future()
        if mine:
            try:
                known.set_result(look())
            except BaseException as error:  # noqa: BLE001  whoever waits must hear of it
                known.set_exception(error)
        return cast("T", known.result())
