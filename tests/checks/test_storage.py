"""Room on the disk, and how the code reaches its data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import Platform, Ran, Status
from tests.fakes import FakeWorld
from tests.healthy import CODE, PROJECT, found, grep, healthy

HEAD = "Filesystem 1024-blocks Used Available Capacity Mounted on\n"
DF = ("df", "-P", "-k", "/repo")


@pytest.mark.parametrize(
    ("answer", "status", "text"),
    [
        (Ran(0, f"{HEAD}/dev/a 999 1 83886080 2% /\n"), Status.OK, "80 GB are free"),
        (Ran(0, f"{HEAD}/dev/a b 999 1 2097152 98% /my disk\n"), Status.WARNING, "only 2.0 GB are free"),
        (Ran(0, f"{HEAD}/dev/a 999 1 512 100% /\n"), Status.ERROR, "the disk is full but for 0.0 GB"),
        (Ran(0, "hello\n"), Status.UNKNOWN, "the system does not say how much room there is"),
        (Ran(1, "", "no"), Status.UNKNOWN, "the system does not say how much room there is"),
    ],
)
def test_a_disk_that_fills_up_is_told_in_time(answer: Ran, status: Status, text: str) -> None:
    (finding,) = found("storage.disk-space", FakeWorld(programs={DF: answer}))
    assert (finding.status, finding.text) == (status, text)


def test_on_windows_the_system_is_asked_in_its_own_way() -> None:
    said = "Total free bytes                :  85,899,345,920 ( 80.0 GB)\nTotal bytes : 1\n"
    world = FakeWorld(root="C:\\repo", platform=Platform("windows"))
    world.programs["fsutil", "volume", "diskfree", "C:"] = Ran(0, said)
    assert found("storage.disk-space", world)[0].text == "80 GB are free"


DBFS, MOUNT = "/dbfs/", r"dbutils\.fs\.mount"
KEY = r"fs\.azure\.(account\.key|sas)|AccountKey="


def code(pattern: str, text: str) -> FakeWorld:
    world = healthy(project=replace(PROJECT, client="connect"))
    world.files["job.py"] = text
    world.programs[grep(pattern, *CODE)] = Ran(0, "job.py\0")
    return world


@pytest.mark.parametrize(
    ("id", "pattern", "text", "status"),
    [
        ("storage.dbfs-paths", DBFS, 'open("/dbfs/mnt/x.csv")', Status.WARNING),
        ("storage.dbfs-paths", DBFS, "# see https://x/dbfs/y", Status.OK),
        ("storage.mounts", MOUNT, "dbutils.fs.mount(source=x)", Status.WARNING),
        ("storage.mounts", MOUNT, "dbutils.fs.mounts()", Status.OK),
        ("storage.account-key", KEY, 'c["fs.azure.account.key.x.dfs"] = y', Status.OK),
        (
            "storage.account-key",
            KEY,
            'spark.conf.set("fs.azure.account.key.x.dfs", "abcdefghijklmnopqrstuvwxyz")',
            Status.ERROR,
        ),
        (
            "storage.account-key",
            KEY,
            'spark.conf.set("fs.azure.account.key.x", dbutils.secrets.get("s", "k"))',
            Status.OK,
        ),
        ("storage.account-key", KEY, "AccountKey={key};", Status.OK),
    ],
)
def test_what_the_code_does_with_storage_is_told(id: str, pattern: str, text: str, status: Status) -> None:
    findings = found(id, code(pattern, f"import x\n{text}\n"))
    assert [f.status for f in findings] == [status]
    assert "abcdefghijklm" not in repr(findings)
    if status is not Status.OK:
        assert findings[0].about == "job.py:2"


def test_on_the_legacy_track_mounts_are_expected() -> None:
    world = code(MOUNT, "dbutils.fs.mount(x)")
    world.project = replace(world.project, client="")
    assert found("storage.mounts", world)[0].status is Status.EXPECTED


@pytest.mark.parametrize("id", ["storage.dbfs-paths", "storage.mounts", "storage.account-key"])
def test_git_that_does_not_answer_is_unknown(id: str) -> None:
    assert found(id, healthy(programs={}))[0].status is Status.UNKNOWN
