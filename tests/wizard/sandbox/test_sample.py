"""The sample repo."""

from __future__ import annotations

import compileall
import csv
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from wizard.sandbox.error import SandboxError
from wizard.sandbox.sample import make_sample
from wizard.sandbox.sample_files import FILES


def git(folder: Path, *arguments: str) -> str:
    argv = ["git", "-C", str(folder), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    folder = tmp_path / "sample"
    make_sample(folder)
    return folder


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def test_every_file_is_there_and_nothing_else(sample: Path) -> None:
    found = {
        str(file.relative_to(sample)): file.read_bytes().decode()
        for file in sample.rglob("*")
        if file.is_file() and ".git" not in file.relative_to(sample).parts
    }
    assert found == FILES
    assert os.listdir(sample.parent) == ["sample"]


@needs_git
def test_it_is_a_clean_repo_with_one_commit_of_its_own_identity(sample: Path) -> None:
    assert git(sample, "status", "--porcelain") == ""
    assert git(sample, "log", "--format=%an %ae %s", "main") == (
        "mlops-wizard sample sample@example.com The sample of mlops-wizard's sandbox\n"
    )


@needs_git
def test_the_commit_is_the_same_everywhere(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the person's own git is told to do, hooks and signing included."""
    (tmp_path / "hooks").mkdir()
    hook = tmp_path / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(
        f"[core]\n\thooksPath = {tmp_path}/hooks\n\tautocrlf = true\n[commit]\n\tgpgSign = true\n"
        "[init]\n\tdefaultBranch = trunk\n[user]\n\tname = Somebody\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    make_sample(tmp_path / "second")
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    assert git(tmp_path / "second", "rev-parse", "main") == git(sample, "rev-parse", "main")


def test_a_folder_with_something_in_it_stays_as_it_is(sample: Path, tmp_path: Path) -> None:
    (sample / "README.md").write_text("mine now")
    make_sample(sample)
    assert (sample / "README.md").read_text() == "mine now"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("")
    make_sample(tmp_path / "other")
    assert os.listdir(tmp_path / "other") == ["file"]


def test_an_empty_folder_becomes_the_repo(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    make_sample(tmp_path / "empty")
    assert (tmp_path / "empty" / "README.md").exists()


def test_without_git_it_is_a_plain_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    make_sample(tmp_path / "plain")
    assert (tmp_path / "plain" / "README.md").exists()
    assert not (tmp_path / "plain" / ".git").exists()


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SandboxError, match="Name another folder"):
        make_sample(tmp_path / "file" / "sample")


def test_it_has_the_shape_of_the_guide() -> None:
    """S4's shape: `.env` not ignored, no end of the last line, the old schema with comments and top-level settings."""
    assert not FILES[".gitignore"].endswith("\n")
    assert ".env" not in FILES[".gitignore"].splitlines()
    container = FILES[".devcontainer/devcontainer.json"]
    assert '"runArgs": ["--env-file", ".env"]' in container
    bare = re.sub(r"(?m)^\s*//.*$", "", container)
    parsed = json.loads(re.sub(r",(\s*[}\]])", r"\1", bare))
    assert {"build", "runArgs", "settings", "extensions", "remoteUser"} <= set(parsed)
    assert "ARG VARIANT=3.7" in FILES[".devcontainer/Dockerfile"]
    assert "databricks-connect" in FILES["requirements.txt"].splitlines()
    json.loads(FILES["src/tutorial/cluster_config.json"])
    json.loads(FILES["workspace.code-workspace"])


def test_its_scripts_compile_and_its_table_reads(sample: Path) -> None:
    assert compileall.compile_dir(sample / "src", quiet=1, force=True)
    with open(sample / "src/tutorial/scripts/framework_testing/trips.csv", newline="") as file:
        assert [row["trips"] for row in csv.DictReader(file)] == ["120", "98", "143"]
