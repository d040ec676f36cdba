"""Every test starts from the same environment, with a state folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

CHANGES_THE_PICTURE = ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_ANIMATIONS", "COLUMNS", "LINES", "FORCE_COLOR", "TEXTUAL")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Takes away what changes a picture or answers a question; returns this test's state folder."""
    import os

    for name in (*CHANGES_THE_PICTURE, *(n for n in os.environ if n.startswith("MLOPS_WIZARD_"))):
        monkeypatch.delenv(name, raising=False)
    state = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("MLOPS_WIZARD_STATE", str(state))
    return state
