"""The real Spark process: who can reach it, how long it lives."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import grpc
import pytest

from wizard.sandbox import client, process, record
from wizard.sandbox.client import Running
from wizard.sandbox.paths import Paths

pytestmark = pytest.mark.xdist_group("spark")


def spark_port(running: Running) -> int:
    log = Path(running.log).with_name("spark.log").read_text()
    found = re.search(r"started at: \S+:(\d+)", log)
    assert found is not None
    return int(found[1])


def recorded(running: Running) -> record.Record:
    found = record.read(Paths(Path(running.log).parents[1]).record)
    assert found is not None
    return found


def _link(path: str) -> str:
    """Where a descriptor leads; empty where it was closed in the meantime."""
    try:
        return os.readlink(path)
    except FileNotFoundError:
        return ""


def listening(pid: int) -> set[str]:
    """Addresses, in the kernel's hexadecimal, on which a process listens."""
    links = [link for name in os.listdir(f"/proc/{pid}/fd") if (link := _link(f"/proc/{pid}/fd/{name}"))]
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                found.add(fields[1].partition(":")[0])
    return found


@pytest.mark.parametrize("metadata", [(), (("authorization", "Bearer guessed"),)])
def test_spark_itself_refuses_whoever_does_not_come_through_the_gate(
    running: Running, metadata: tuple[tuple[str, str], ...]
) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{spark_port(running)}") as channel:
        call = channel.unary_unary("/spark.connect.SparkConnectService/Config")
        with pytest.raises(grpc.RpcError) as raised:
            call(b"", timeout=30, metadata=metadata)
    assert raised.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_spark_and_the_server_listen_on_loopback_alone(running: Running) -> None:
    loopback = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
    assert listening(recorded(running).spark_pid) <= loopback
    assert listening(running.pid) <= loopback


def test_sparks_token_is_in_no_argument_and_no_file(running: Running) -> None:
    found = recorded(running)
    environment = Path(f"/proc/{found.spark_pid}/environ").read_bytes()
    token = environment.split(b"SPARK_CONNECT_AUTHENTICATE_TOKEN=")[1].split(b"\0")[0]
    assert token not in Path(f"/proc/{found.spark_pid}/cmdline").read_bytes()
    for file in Path(running.log).parent.rglob("*"):
        if file.is_file():
            assert token not in file.read_bytes(), file


def test_the_server_is_small(running: Running) -> None:
    status = Path(f"/proc/{running.pid}/status").read_text()
    resident = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert resident is not None
    assert int(resident[1]) < 150_000


@pytest.mark.parametrize("how", ["kill -9", "stop"])
def test_neither_server_nor_spark_outlives_the_end(tmp_path: Path, spark_home: Path, how: str) -> None:
    running = client.start(tmp_path, spark_home=spark_home)
    found = recorded(running)
    assert found.spark_runs()
    if how == "stop":
        assert client.stop(tmp_path) is True
    else:
        os.kill(running.pid, signal.SIGKILL)
        until = time.monotonic() + 20
        while found.spark_runs() and time.monotonic() < until:
            time.sleep(0.05)
    assert process.identity(running.pid) is None
    assert not found.spark_runs()
    assert client.status(tmp_path) is None
    assert sorted(os.listdir(tmp_path / "sandbox")) == ["lock", "sandbox.log", "spark.log"]
