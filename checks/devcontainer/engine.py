"""The engine that runs the dev container."""

from __future__ import annotations

from collections.abc import Iterable

from checks.finding import Evidence, Finding, Remedy
from checks.installs import install
from checks.project import Tool
from checks.registry import check
from checks.say import error, ok, saw, skipped
from checks.world import Ran, World

NONE = "this repo has no dev container"


def where(world: World) -> tuple[str, ...]:
    """The repo's `devcontainer.json` files, in the order in which VS Code looks for them."""
    usual = (".devcontainer/devcontainer.json", ".devcontainer.json")
    more = (f".devcontainer/{n}/devcontainer.json" for n in world.list(".devcontainer")[:50])
    return tuple(p for p in (*usual, *more) if (s := world.stat(p)) and not s.folder)


INSIDE = "this is a container: the engine is the host's"
ENGINES = ("docker", "podman")


@check("devcontainer.engine", "the container engine answers", "devcontainer", "tools", deadline=30)
def engine(world: World) -> Iterable[Finding]:
    """Whether an engine is there that can run a dev container.

    Asks `docker version` for the *server's* version: the client alone is not enough. Tells apart: not installed, not
    started, no permission to talk to it, WSL integration that is off for this distribution, and a DOCKER_HOST or context
    that points elsewhere. In a container the engine is usually the host's, and none is missed.

    What to do: the finding has the line for this system.
    """
    id = "devcontainer.engine"
    wanted = where(world) or any(t.id in ENGINES for t in world.project.tools)
    if not wanted:
        yield skipped(id, "nothing in this repo needs a container engine")
        return
    there = [e for e in ENGINES if world.which(e)]
    if not there and world.platform.container:
        yield skipped(id, INSIDE)
        return
    if not there:
        missing = Evidence("docker, podman on PATH", "no copy")
        yield error(id, "no container engine is installed", missing, remedy=_engine_install(world))
        return
    looks = [_asked(world, e) for e in there]
    good = next((f for f in looks if f is not None and not f.remedy), None)
    yield good or (skipped(id, INSIDE, *looks[0].evidence) if world.platform.container else looks[0])


def _asked(world: World, name: str) -> Finding:
    id, argv = "devcontainer.engine", (name, "version", "--format", "{{.Server.Version}}")
    answer = world.run(*argv, timeout=12)
    if answer.code == 0 and (version := answer.out.strip()) and "no value" not in version:
        return ok(id, f"{name} {version} answers", saw(answer, *argv), about=name)
    if (
        name == "podman" or "podman" in f"{answer.out}{answer.err}".lower()
    ):  # without a machine it has no server, and is well
        argv = (name, "info", "--format", "{{.Version.Version}}")
        answer = world.run(*argv, timeout=12)
        if answer.code == 0:
            return ok(id, f"podman {answer.out.strip()} answers".replace("  ", " "), saw(answer, *argv), about=name)
    text, todo = _engine_trouble(world, answer)
    return error(
        id, f"{name} is installed and its engine does not answer: {text}", saw(answer, *argv), about=name, remedy=todo
    )


def _engine_trouble(world: World, answer: Ran) -> tuple[str, Remedy]:
    said = f"{answer.out}\n{answer.err}\n{answer.problem}".lower()
    elsewhere = world.env.get("DOCKER_HOST", "") or world.env.get("DOCKER_CONTEXT", "")
    if "permission denied" in said:
        commands = ('sudo usermod -aG docker "$USER"', "newgrp docker")
        return "you may not talk to it", Remedy(
            "Join its group (which is as good as root), then log in anew.", commands
        )
    if "wsl" in said and ("could not be found" in said or "integration" in said):
        return "WSL integration is off for this distribution", Remedy(
            "Docker Desktop: Settings, Resources, WSL integration: switch this distribution on.",
            link="https://docs.docker.com/go/wsl2/",
        )
    if elsewhere:
        return f"DOCKER_HOST or DOCKER_CONTEXT points at {elsewhere}", Remedy(
            "Unset it, or start what it points at.", ("unset DOCKER_HOST DOCKER_CONTEXT", "docker context ls")
        )
    start = {"linux": ("sudo systemctl start docker",), "macos": ("open -a Docker",)}.get(world.platform.system, ())
    if world.platform.wsl or world.platform.system == "windows":
        return "it is not started", Remedy("Start Docker Desktop.")
    return "it is not started", Remedy("Start it.", start)


def _engine_install(world: World) -> Remedy:
    link = "https://docs.docker.com/get-started/get-docker/"
    if world.platform.system in {"windows", "macos"} or world.platform.wsl:
        commands = {
            "winget": ("winget install --exact --id Docker.DockerDesktop",),
            "brew": ("brew install --cask docker",),
        }
        return Remedy("Install Docker Desktop.", commands.get(world.platform.package_manager, ()), "tools", link)
    package = {"apt": "docker.io", "dnf": "podman", "zypper": "docker", "pacman": "docker", "apk": "docker"}
    name = package.get(world.platform.package_manager, "")
    tool = Tool("docker", ("docker",), packages=((world.platform.package_manager, name),) if name else ())
    return Remedy("Install an engine.", install(tool, world.platform), "tools", link)
