"""What is true of this machine and this project. Reads only: never writes, prints or asks."""

from checks.finding import Evidence, Finding, Remedy, Status
from checks.project import EMPTY, Platform, Project, Tool, Variable
from checks.registry import REGISTRY, Check, Closed, Gate, Registry, check
from checks.run import Report, run
from checks.world import Ran, Reply, Stat, World

__all__ = [
    "EMPTY",
    "REGISTRY",
    "Check",
    "Closed",
    "Evidence",
    "Finding",
    "Gate",
    "Platform",
    "Project",
    "Ran",
    "Registry",
    "Remedy",
    "Reply",
    "Report",
    "Stat",
    "Status",
    "Tool",
    "Variable",
    "World",
    "check",
    "run",
]
