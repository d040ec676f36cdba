"""Why a keyring cannot be used, told apart, and what to do on this operating system."""

from __future__ import annotations

import os
import sys

MISSING = "missing"
ABSENT = "absent"
LOCKED = "locked"
DENIED = "denied"
SLOW = "slow"
REFUSED = "refused"
BROKEN = "broken"
CODES = (MISSING, ABSENT, LOCKED, DENIED, SLOW, REFUSED, BROKEN)

_PACKAGES = {
    "debian": "sudo apt-get install -y dbus-user-session gnome-keyring",
    "fedora": "sudo dnf install -y gnome-keyring",
    "rhel": "sudo dnf install -y gnome-keyring",
    "suse": "sudo zypper install -y gnome-keyring",
    "arch": "sudo pacman -S --needed gnome-keyring",
    "alpine": "sudo apk add dbus gnome-keyring",
}
_UNLOCK = (
    "read -rsp 'Pass phrase? ' P && printf %s \"$P\" | gnome-keyring-daemon --unlock --components=secrets; unset P"
)


def problem(code: str, detail: str = "") -> str:
    """What is wrong, as a sentence; `detail` (a module's or an error's name, a step) is put where it belongs."""
    sentences = {
        MISSING: "The Python package keyring is not installed beside mlops-wizard.",
        ABSENT: "There is no keyring service here to keep secrets in.",
        LOCKED: "The keyring is locked, and nothing here can ask for its password.",
        DENIED: "The keyring denied access, or its question was dismissed.",
        SLOW: f"The keyring did not answer in time{f' ({detail})' if detail else ''}.",
        REFUSED: f"keyring would use {detail or 'a back end'}, which is not one that mlops-wizard trusts with secrets.",
        BROKEN: f"The keyring failed{f' with {detail}' if detail else ''}.",
    }
    return sentences[code]


def remedy(code: str) -> str:
    """What to do about it on this machine, with the lines to type."""
    if code == MISSING:
        return f"Install it again, whole: `{sys.executable} -m pip install --force-reinstall mlops-wizard`."
    if code == REFUSED:
        return (
            "Unset PYTHON_KEYRING_BACKEND, remove keyringrc.cfg, uninstall keyrings.alt from the tool's environment, "
            f"or name a system keyring: `export PYTHON_KEYRING_BACKEND={_own_backend()}`."
        )
    if sys.platform == "darwin":
        return "Open Keychain Access, unlock the login keychain, and choose Always Allow when mlops-wizard asks."
    if sys.platform == "win32":
        return "Start the service `Credential Manager` (services.msc) and run this in a session that is logged in."
    return _on_linux(code)


def _on_linux(code: str) -> str:
    if code == ABSENT:
        return _install()
    if code == LOCKED:
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            return "Unlock it in Passwords and Keys (`seahorse`), or log out and in with your password, then try again."
        return f"Unlock it in this terminal: `{_UNLOCK}`."
    if code == DENIED:
        return "Try again and allow it; with KeePassXC, enable Settings > Secret Service Integration for this database."
    if code == SLOW:
        return (
            "Look for a hidden password window, else end the stuck daemon (`gnome-keyring-daemon --replace "
            "--components=secrets`) or log out and in; an unreachable DISPLAY does this too: `unset DISPLAY`."
        )
    return "See what `keyring --list-backends` says, log out and in, then try again."


def _install() -> str:
    lent = "A container has none by design: run the wizard on the host. "
    return f"{lent if in_container() else ''}{_install_line()}"


def _install_line() -> str:
    start = f"start a shell with a bus (`dbus-run-session -- bash`) and unlock it: `{_UNLOCK}`"
    for family in _families():
        if family in _PACKAGES:
            return f"Install one: `{_PACKAGES[family]}`; then log in again, or {start}."
    return f"Install gnome-keyring (or KeePassXC) and D-Bus with your package manager; then log in again, or {start}."


def in_container() -> bool:
    """Whether this is a Docker or podman container or a Codespace."""
    marks = ("/.dockerenv", "/run/.containerenv")
    return any(os.path.exists(mark) for mark in marks) or bool(
        os.environ.get("REMOTE_CONTAINERS") or os.environ.get("CODESPACES")
    )


def _families() -> list[str]:
    """The distribution and those that it is like, from /etc/os-release."""
    try:
        with open("/etc/os-release", encoding="utf-8", errors="replace") as file:
            pairs = [line.strip().split("=", 1) for line in file.readlines(100_000) if "=" in line]
    except OSError:
        return []
    found = {name: value.strip("\"'") for name, value in pairs}
    words = f"{found.get('ID', '')} {found.get('ID_LIKE', '')}".lower().split()
    return ["suse" if "suse" in word else word for word in words]


def _own_backend() -> str:
    modules = {"darwin": "macOS.Keyring", "win32": "Windows.WinVaultKeyring"}
    return f"keyring.backends.{modules.get(sys.platform, 'SecretService.Keyring')}"


_BY_NAME = {
    "NoKeyringError": ABSENT,
    "SecretServiceNotAvailableException": ABSENT,
    "KeyringLocked": LOCKED,
    "InitError": LOCKED,
    "LockedException": LOCKED,
    "PromptDismissedException": DENIED,
    "PermissionError": DENIED,
    "TimeoutError": SLOW,
    "FileNotFoundError": ABSENT,
    "ConnectionRefusedError": ABSENT,
    "ModuleNotFoundError": MISSING,
}
_BY_DBUS = {
    "NoReply": SLOW,
    "Timeout": SLOW,
    "TimedOut": SLOW,
    "AccessDenied": DENIED,
    "ServiceUnknown": ABSENT,
    "NameHasNoOwner": ABSENT,
    "IsLocked": LOCKED,
}


def code_of(error: BaseException) -> str:
    """Which of the problems an exception of keyring, secretstorage, jeepney or the system stands for."""
    if dbus := getattr(error, "name", None) if type(error).__name__ == "DBusErrorResponse" else None:
        return _BY_DBUS.get(str(dbus).rpartition(".")[2], ABSENT if ".Spawn." in str(dbus) else BROKEN)
    for kind in type(error).__mro__:
        if kind.__name__ in _BY_NAME:
            return _BY_NAME[kind.__name__]
    if any(word in str(error).lower() for word in ("denied", "-25308", "-25293", "-128", "interaction is not allowed")):
        return DENIED
    return ABSENT if type(error) is RuntimeError else BROKEN
