"""How a program gets onto this machine, in its own package manager's words."""

from __future__ import annotations

from checks.finding import Remedy
from checks.project import Platform, Tool

_SYSTEM = {
    "apt": "apt-get install -y {}",
    "dnf": "dnf install -y {}",
    "apk": "apk add {}",
    "pacman": "pacman -S --needed {}",
    "zypper": "zypper install -y {}",
}
_OWN = {
    "brew": "brew install {}",
    "winget": "winget install --exact --id {}",
    "npm": "npm install --global {}",
    "pipx": "pipx install {}",
    "uv": "uv tool install {}",
}

DATABRICKS = Tool(
    "databricks",
    ("databricks", "--version"),
    ">=0.205",
    why="the Databricks CLI logs people in and deploys bundles",
    packages=(("brew", "databricks/tap/databricks"), ("winget", "Databricks.DatabricksCLI")),
    link="https://docs.databricks.com/dev-tools/cli/install.html",
)


def install(tool: Tool, platform: Platform) -> tuple[str, ...]:
    """The command for this machine; empty where no package is known for its package manager."""
    packages = dict(tool.packages)
    manager = platform.package_manager
    if manager in packages and manager in _SYSTEM:
        command = _SYSTEM[manager].format(packages[manager])
        return (command if platform.root else f"sudo {command}",)
    for manager in (platform.package_manager, "brew" if platform.system == "macos" else "", "uv", "pipx", "npm"):
        if manager in packages and manager in _OWN:
            return (_OWN[manager].format(packages[manager]),)
    return ()


def remedy(tool: Tool, platform: Platform, verb: str = "Install") -> Remedy:
    """What to do about a tool that is missing or too old."""
    commands = install(tool, platform)
    need = f" {tool.require}" if tool.require else ""
    where = f" as {tool.link} says" if tool.link and not commands else ""
    return Remedy(f"{verb} {tool.id}{need}{where}.", commands, "tools", tool.link or None)
