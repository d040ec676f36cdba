"""The scripts that run in the project's interpreter, run in a real one: without the client they say so, as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from checks import EMPTY, Status
from checks.connect.client import client
from checks.connect.first_row import IMPORT, SCRIPT
from checks.connect.way import first_row
from checks.interpreter import ask
from checks.python import environment
from wizard.machine import Machine


def world(root: Path, **project: str) -> Machine:
    values = {"python": sys.executable, "client": "connect", "host": "https://localhost:1", "profile": "DEV", **project}
    return Machine(str(root), replace(EMPTY, **values), trusted=True)  # type: ignore[arg-type]


def test_an_interpreter_tells_its_version_prefix_and_distributions(tmp_path: Path) -> None:
    found, _ = ask(world(tmp_path))
    assert found is not None
    assert found.version == ".".join(str(n) for n in sys.version_info[:3])
    assert (found.prefix, found.base) == (sys.prefix, sys.base_prefix)
    assert [f.status for f in environment(world(tmp_path))] == [Status.OK]


def test_a_file_of_the_repo_is_not_imported_in_the_place_of_a_module(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the decoy was imported')")
    (tmp_path / "sysconfig.py").write_text("raise SystemExit('the decoy was imported')")
    assert ask(world(tmp_path))[0] is not None


def test_the_import_of_a_client_that_is_not_there_is_a_chain_of_causes(tmp_path: Path) -> None:
    ran = world(tmp_path).run(
        sys.executable, "-I", "-c", IMPORT.replace("databricks.connect", "no_such_client"), "connect"
    )
    assert json.loads(ran.out) == {"error": ["ModuleNotFoundError: No module named 'no_such_client'"]}


def test_the_first_row_without_a_profile_is_an_error_with_its_cause(tmp_path: Path) -> None:
    (tmp_path / "cfg").write_text("[OTHER]\nhost = https://localhost:1\n")
    asked = {
        "client": "connect",
        "config": {"profile": "DEV", "config_file": str(tmp_path / "cfg"), "http_timeout_seconds": 1},
    }
    ran = world(tmp_path).run(sys.executable, "-I", "-c", SCRIPT, input=json.dumps(asked), timeout=30)
    assert (ran.code, ran.problem) == (1, "")
    causes = json.loads(ran.out.splitlines()[-1])["error"]
    assert "has no DEV profile configured" in causes[0]


def test_a_client_that_is_not_installed_is_an_error_and_no_crash(tmp_path: Path) -> None:
    (found, *_) = client(world(tmp_path, client="pyspark"))
    assert found.status in {Status.ERROR, Status.OK}
    (row,) = first_row(world(tmp_path, config_file=str(tmp_path / "nowhere")))
    assert row.status is Status.ERROR
