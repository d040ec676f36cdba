"""What must be so before a check may look at all: trust in the repo, a network, something to look at."""

from __future__ import annotations

from checks.finding import Remedy
from checks.registry import Closed
from checks.world import World

TRUST = Remedy("Look at what this repo would make the wizard do, and say yes to it.", ("mlops-wizard trust",))
SETUP = Remedy("Run the set-up: it asks for what is missing.", ("mlops-wizard setup",))


def trusted(world: World) -> Closed | None:
    """Running the project's interpreter, reading the store and asking the repo's hosts wait for the person's yes."""
    return None if world.trusted else Closed("this repo is not trusted yet; mlops-wizard trust", TRUST)


def online(world: World) -> Closed | None:
    """No network where the person asked for none."""
    return Closed("offline: the network was not asked") if world.offline else None


def host(world: World) -> Closed | None:
    """There is a workspace to ask."""
    if world.project.host:
        return None
    return Closed("no workspace is known for this repo yet", Remedy(SETUP.text, SETUP.commands, step="auth"))


def token(world: World) -> Closed | None:
    """There is a token in the store to ask with."""
    if world.project.token:
        return None
    return Closed("no token of this workspace is kept in the store", Remedy("Log in.", LOGIN, step="auth"))


def cluster(world: World) -> Closed | None:
    """A cluster was chosen."""
    if world.project.cluster_id:
        return None
    return Closed("no cluster is chosen for this repo", Remedy("Choose one.", CHOOSE, step="connect"))


def interpreter(world: World) -> Closed | None:
    """The project has an interpreter."""
    if world.project.python:
        return None
    return Closed("no Python environment of this project is known yet", Remedy(SETUP.text, SETUP.commands, "connect"))


LOGIN = ("mlops-wizard auth login",)
CHOOSE = ("mlops-wizard connect list", "mlops-wizard connect use")
WORKSPACE = (trusted, online, host)
"""A host that the repo names is asked."""
SIGNED = (trusted, online, host, token)
"""It is asked with the token from the store."""
PYTHON = (trusted, interpreter)
"""The project's interpreter is run."""
