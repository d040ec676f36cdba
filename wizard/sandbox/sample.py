"""A small repo to rehearse with, in the shape of guide 004: module, scripts, old dev container, one commit.

All texts are our own. The same bytes, and the same commit, on every machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from wizard.sandbox.error import SandboxError
from wizard.sandbox.sample_files import FILES

WHO = "mlops-wizard sample"
MAIL = "sample@example.com"
WHEN = "2021-10-11T09:00:00+00:00"


def make_sample(folder: Path) -> None:
    """Write the repo; a folder in which something is already stays as it is.

    It is made beside and renamed, so it is there whole or not at all. Without git on this machine it is a plain
    folder. Raises SandboxError where it cannot be written.
    """
    beside = folder.with_name(f".{folder.name}.{os.getpid()}.making")
    try:
        if folder.exists() and any(folder.iterdir()):
            return
        shutil.rmtree(beside, ignore_errors=True)
        _write(beside)
        _commit(beside)
        if folder.exists():
            folder.rmdir()
        beside.rename(folder)
    except OSError as error:
        text = f"The sample repo cannot be written to {folder}: {error.strerror}. Name another folder."
        raise SandboxError(text) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write(folder: Path) -> None:
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


def _commit(folder: Path) -> None:
    """One commit, by an identity of its own: no configuration, template, hook or signing key of the person's."""
    git = shutil.which("git")
    if git is None:
        return
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": WHO,
        "GIT_AUTHOR_EMAIL": MAIL,
        "GIT_AUTHOR_DATE": WHEN,
        "GIT_COMMITTER_NAME": WHO,
        "GIT_COMMITTER_EMAIL": MAIL,
        "GIT_COMMITTER_DATE": WHEN,
    }
    quiet = ["-c", f"core.hooksPath={os.devnull}", "-c", "commit.gpgSign=false", "-c", "core.autocrlf=false"]
    commands = (
        ["init", "--quiet", "--template="],
        ["symbolic-ref", "HEAD", "refs/heads/main"],
        ["add", "--all"],
        [*quiet, "commit", "--quiet", "--no-verify", "--message", "The sample of mlops-wizard's sandbox"],
    )
    for arguments in commands:
        try:
            subprocess.run(
                [git, *arguments], cwd=folder, env=environment, check=True, capture_output=True, timeout=60, text=True
            )
        except subprocess.SubprocessError as error:
            said = str(getattr(error, "stderr", "") or error).strip()[:300]
            raise SandboxError(
                f"git could not make the sample repo: {said}. See that `git init` works in {folder.parent}."
            ) from error
