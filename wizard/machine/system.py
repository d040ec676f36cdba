"""Which machine this is, in the words that remedies are chosen by; and which copies of a program PATH has."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Mapping

from checks import Platform

_MANAGERS = {
    "linux": (("apt", "apt-get"), ("dnf", "dnf"), ("apk", "apk"), ("pacman", "pacman"), ("zypper", "zypper")),
    "macos": (("brew", "brew"),),
    "windows": (("winget", "winget"),),
}
_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}


def look(env: Mapping[str, str], path: str | None = None) -> Platform:
    """The machine that this process runs on. `path` is where package managers are looked for (PATH by default)."""
    system = _SYSTEMS.get(sys.platform, "linux")
    kernel = _text("/proc/sys/kernel/osrelease").lower()
    managers = (name for name, program in _MANAGERS[system] if copies(program, env, path=path))
    return Platform(
        system=system,
        distribution=_distribution() if system == "linux" else "",
        package_manager=next(managers, ""),
        machine=platform.machine(),
        wsl=system == "linux" and ("microsoft" in kernel or "WSL_DISTRO_NAME" in env),
        container=in_container(env),
        root=hasattr(os, "geteuid") and os.geteuid() == 0,
        python=platform.python_version(),
    )


def in_container(env: Mapping[str, str]) -> bool:
    """Whether this is the inside of a container: docker's and podman's marks, and what dev containers set."""
    if any(os.path.exists(mark) for mark in ("/.dockerenv", "/run/.containerenv")):
        return True
    named = ("REMOTE_CONTAINERS", "DEVCONTAINER", "CODESPACES", "KUBERNETES_SERVICE_HOST")
    return any(env.get(n) for n in named) or env.get("container", "") in {"docker", "podman", "oci", "lxc"}


def _distribution() -> str:
    for line in (_text("/etc/os-release") or _text("/usr/lib/os-release")).splitlines():
        name, _, value = line.partition("=")
        if name == "ID":
            return value.strip().strip("\"'").lower()
    return ""


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(20_000)
    except OSError:
        return ""


def copies(program: str, env: Mapping[str, str], *, path: str | None = None, outside: str = "") -> tuple[str, ...]:
    """All copies of a program on PATH, in order, each once; none inside the folder `outside`.

    Empty and relative entries of PATH are passed over: they mean the folder one stands in, which may be a stranger's clone.
    """
    if not program or os.sep in program or "/" in program or (os.altsep and os.altsep in program) or "\0" in program:
        return ()
    found: dict[str, str] = {}
    for folder in (path if path is not None else env.get("PATH", "")).split(os.pathsep):
        folder = folder.strip('"') if sys.platform == "win32" else folder  # noqa: PLW2901
        if not os.path.isabs(folder):
            continue
        for name in _names(program, env):
            full = os.path.join(folder, name)
            if _runs(full) and not (outside and (inside(full, outside) or inside(folder, outside))):
                found.setdefault(os.path.normcase(os.path.realpath(full)), full)
    return tuple(found.values())


def _names(program: str, env: Mapping[str, str]) -> Iterator[str]:
    if sys.platform != "win32":
        yield program
        return
    endings = [e for e in env.get("PATHEXT", ".COM;.EXE;.BAT;.CMD").split(";") if e]
    if any(program.lower().endswith(e.lower()) for e in endings):
        yield program
    yield from (program + e for e in endings)


def _runs(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


def inside(path: str, folder: str) -> bool:
    """Whether the path lies in the folder, as written or where its links lead."""
    root = os.path.realpath(folder)
    for place in (os.path.realpath(path), os.path.normpath(path)):
        try:
            if os.path.commonpath((os.path.normcase(root), os.path.normcase(place))) == os.path.normcase(root):
                return True
        except ValueError:  # different drives
            continue
    return False
