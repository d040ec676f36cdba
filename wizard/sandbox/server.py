"""The sandbox's process: `python -I -m wizard.sandbox.server …`, started by `launch`, detached from any terminal.

It writes JSON lines to the pipe until it is ready, answers until SIGTERM or until nobody has asked for long enough,
and takes Spark with it, also when it is killed (see `keeper`).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import math
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web

from wizard.sandbox import process, record, tls
from wizard.sandbox.control import Control
from wizard.sandbox.engine import Engine
from wizard.sandbox.error import SandboxError
from wizard.sandbox.front import Front
from wizard.sandbox.gate import Gate
from wizard.sandbox.paths import Paths, make_sockets, remove_sockets
from wizard.sandbox.spark import SparkHome
from wizard.sandbox.workspace import dbfs
from wizard.sandbox.workspace.app import build
from wizard.sandbox.workspace.state import Workspace

log = logging.getLogger("wizard.sandbox")

LOOK_SECONDS = 3.0
"""How often the server looks whether it is still wanted."""


@dataclass(frozen=True)
class Options:
    """The command line, parsed."""

    state: Path
    pipe: int
    port: int
    misbehave: tuple[str, ...]
    extra_ca: tuple[Path, ...]
    idle_minutes: float | None
    spark_env: Path | None


def parse(argv: Sequence[str]) -> Options:
    """The options out of the arguments that `launch.Order` writes."""
    parser = argparse.ArgumentParser(prog="wizard.sandbox.server", description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--pipe", type=int, required=True, help="file descriptor for JSON lines")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--misbehave", action="append", default=[], metavar="FAULT")
    parser.add_argument("--extra-ca", action="append", default=[], type=Path, metavar="PEM")
    parser.add_argument("--idle-minutes", type=float)
    parser.add_argument("--spark-env", type=Path)
    found = parser.parse_args(argv)
    found.misbehave, found.extra_ca = tuple(found.misbehave), tuple(found.extra_ca)
    return Options(**vars(found))


class Server:
    """Everything of one run, started and ended in order."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._paths = Paths(options.state).make()
        self._sockets = make_sockets()
        self._runner: web.AppRunner | None = None
        self._engine = Engine(SparkHome(options.spark_env), self._paths) if options.spark_env else None
        self.workspace = Workspace("https://localhost", self._paths.scratch / "dbfs", time.time)
        self.workspace.misbehave(options.misbehave)
        self._gate = Gate(self.workspace, lambda: self._engine is not None and self._engine.running)
        self._control = Control(self.workspace)
        self._front: Front | None = None
        self._record = record.Record(
            pid=os.getpid(),
            identity=process.identity(os.getpid()) or "",
            ready=False,
            host="",
            org_id=self.workspace.org_id,
            ca_bundle=str(self._paths.bundle),
            sockets=str(self._sockets),
            log=str(self._paths.log),
        )
        self._write(self._record)

    def _write(self, changed: record.Record) -> None:
        self._record = changed
        record.write(self._paths.record, changed)

    async def start(self, tell: Pipe) -> None:
        """Open every door; the record says ready when this returns. Raises SandboxError."""
        shutil.rmtree(self._paths.scratch, ignore_errors=True)
        dbfs.fill(self.workspace.files)
        tell.progress("Making the certificates and opening the workspace.")
        made = tls.make_certificates()
        self._front = Front(tls.server_context(made, self._sockets), self._rest, self._grpc, self._page)
        port = await self._front.listen(self._options.port)
        self.workspace.host = "https://localhost" if port == 443 else f"https://localhost:{port}"
        await self._listen_inside()
        tls.write_bundle(self._paths.bundle, tls.bundle(made.authority, self._options.extra_ca))
        if self._engine is not None:
            tell.progress("Starting Spark.")
            await self._engine.start(lambda pid: self._write(self._record.with_spark(pid)))
            self._gate.connect(self._engine.port, self._engine.token)
        self._write(replace(self._record, ready=True, host=self.workspace.host))

    async def _listen_inside(self) -> None:
        self._runner = web.AppRunner(build(self.workspace), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.UnixSite(self._runner, str(self._rest)).start()
        await self._gate.listen(str(self._grpc))
        await self._control.listen(self._sockets / "control.sock")

    @property
    def _rest(self) -> Path:
        return self._sockets / "rest.sock"

    @property
    def _grpc(self) -> Path:
        return self._sockets / "grpc.sock"

    def _page(self) -> int | None:
        faults = self.workspace.faults
        return int(faults.number("html-error")) if "html-error" in faults else None

    async def unwanted(self) -> None:
        """Return when nobody has asked anything for as long as was said, or the state folder is no longer ours."""
        minutes = self._options.idle_minutes
        seconds = math.inf if minutes is None else minutes * 60
        while (left := seconds - self.workspace.idle_seconds()) > 0:
            if not self._recorded():
                log.warning("the record of this run has gone; it ends")
                return
            await asyncio.sleep(min(left, LOOK_SECONDS))
        log.info("nobody asked anything for %g minutes", minutes)

    def _recorded(self) -> bool:
        """Whether the record still names this process: the folder may have been removed, or be another run's."""
        found = record.read(self._paths.record)
        return found is not None and (found.pid, found.identity) == (self._record.pid, self._record.identity)

    async def close(self) -> None:
        """Close every door, end Spark, remove the files of this run."""
        self._control.close()
        if self._front is not None:
            await self._front.close()
        await self._gate.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._engine is not None:
            await self._engine.stop()
        if self._recorded():
            self._paths.clear_run(str(self._sockets))
        remove_sockets(self._sockets)


class Pipe:
    """The lines to whoever started us."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1)

    def progress(self, text: str) -> None:
        """How far the start is. A starter that has gone meanwhile is noticed at the end."""
        with contextlib.suppress(BrokenPipeError):
            self._say({"progress": text})

    def failed(self, text: str) -> None:
        """The start failed, and why."""
        with contextlib.suppress(BrokenPipeError):
            self._say({"error": text})

    def ready(self) -> None:
        """The start is over. Raises BrokenPipeError where the starter has gone: then nobody wants us."""
        self._say({"ready": True})
        self._file.close()

    def _say(self, message: dict[str, object]) -> None:
        self._file.write(json.dumps(message) + "\n")


async def serve(options: Options, tell: Pipe) -> int:
    """Run until told to stop; the exit code."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    server = Server(options)
    try:
        return await _until_stopped(server, tell, stopped)
    finally:
        await server.close()
        log.info("ended")


async def _until_stopped(server: Server, tell: Pipe, stopped: asyncio.Event) -> int:
    stopping = asyncio.create_task(stopped.wait())
    try:
        starting = asyncio.create_task(server.start(tell))
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            tell.failed("The sandbox was stopped while it was starting. Type `mlops-wizard sandbox start` again.")
            return 1
        starting.result()
        tell.ready()
    except SandboxError as error:
        log.error("%s", error)  # noqa: TRY400 - told to a person, without a traceback
        tell.failed(str(error))
        return 1
    except BrokenPipeError:
        log.warning("whoever started this sandbox has gone; it ends")
        return 1
    log.info("ready on %s", server.workspace.host)
    unwanted = asyncio.create_task(server.unwanted())
    await asyncio.wait({unwanted, stopping}, return_when=asyncio.FIRST_COMPLETED)
    unwanted.cancel()
    return 0


def main(argv: Sequence[str]) -> int:
    """Fork, so that the starter has no child to wait for, and serve."""
    options = parse(argv)
    if os.fork():
        os._exit(0)
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    tell = Pipe(options.pipe)
    try:
        return asyncio.run(serve(options, tell))
    except SandboxError as error:
        log.error("%s", error)  # noqa: TRY400 - told to a person, without a traceback
        tell.failed(str(error))
        return 1
    except OSError as error:
        log.exception("the sandbox failed")
        tell.failed(f"The sandbox failed: {error.strerror or error}. Look at {Paths(options.state).log}.")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
