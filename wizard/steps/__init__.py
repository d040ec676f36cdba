"""The steps, one file each, named as the user names them."""

from __future__ import annotations

from wizard.step import Step
from wizard.steps.auth import AuthStep
from wizard.steps.connect import ConnectStep
from wizard.steps.devcontainer import DevcontainerStep
from wizard.steps.env import EnvStep
from wizard.steps.secrets import SecretsStep
from wizard.steps.tools import ToolsStep

STEPS: tuple[Step, ...] = (ToolsStep(), SecretsStep(), AuthStep(), EnvStep(), ConnectStep(), DevcontainerStep())
"""In the order in which they are walked. The store is chosen, and tried, before any secret is asked for."""

__all__ = ["STEPS"]
