"""Face 1: the full-screen terminal app."""

from wizard.tui.app import WizardApp

__all__ = ["WizardApp"]
