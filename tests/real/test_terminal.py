"""The walk in a real terminal of 80x24, with keys alone: a wrong token first, Back, Ctrl-C in the middle and resume, apply."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.conftest import CACHE
from tests.wayfarer import TOOL, Traveller

pytestmark = [
    pytest.mark.xdist_group("spark"),
    pytest.mark.skipif(
        shutil.which("tmux") is None, reason="tmux: not on this machine; it is the terminal of this test"
    ),
]


class Terminal:
    """A tmux of its own: what is typed, and what is to be seen."""

    def __init__(self, socket: Path, traveller: Traveller) -> None:
        self.socket, self.opened = socket, 0
        self.tmux: list[str] = []
        self.traveller = traveller

    def open(self, *argv: str) -> None:
        """Start the tool in a new window of 80x24; the exit code is shown when it ends."""
        self.opened += 1  # a server that is ending would still take the call
        self.tmux = ["tmux", "-f", "/dev/null", "-S", f"{self.socket}{self.opened}"]
        env = [f"{k}={v}" for k, v in self.traveller.env.items()]
        command = [
            "env",
            "-i",
            *env,
            "TERM=tmux-256color",
            "sh",
            "-c",
            '"$@"; echo "exit code $?"; sleep 600',
            "sh",
            TOOL,
            *argv,
        ]
        subprocess.run(
            [*self.tmux, "new-session", "-d", "-x", "80", "-y", "24", *command], check=True, cwd=self.traveller.home
        )

    def press(self, *keys: str) -> None:
        subprocess.run([*self.tmux, "send-keys", *keys], check=True)

    def screen(self) -> str:
        return subprocess.run([*self.tmux, "capture-pane", "-p"], check=True, capture_output=True, text=True).stdout

    def sees(self, text: str, seconds: float = 60) -> str:
        """Wait until the text is on the screen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if text in (found := self.screen()):
                time.sleep(0.3)  # the page that brought it has settled
                return found
            time.sleep(0.1)
        raise AssertionError(f"{text!r} did not come; on the screen is\n{self.screen()}")

    def close(self) -> None:
        subprocess.run([*self.tmux, "kill-server"], check=False, capture_output=True)


@pytest.fixture
def terminal(tmp_path: Path, spark_home: Path) -> Iterator[Terminal]:
    home = tmp_path / "home"
    home.mkdir()
    traveller = Traveller(home, spark_home, CACHE / "pip")
    found = Terminal(tmp_path / "tmux", traveller)
    yield found
    found.close()
    traveller.stop()


def test_the_walk_by_keys_with_a_wrong_token_back_ctrl_c_and_resume(terminal: Terminal) -> None:
    terminal.open("setup", "--sandbox", "--sample")
    terminal.sees("Address of the Databricks workspace", 120)
    terminal.press("Enter")
    terminal.sees("How do you log in?")
    terminal.press("Enter")
    terminal.sees("Personal access token")
    terminal.press("dapi-wrong", "Enter")
    shown = terminal.sees("not accepted")
    assert "dapi-wrong" not in shown
    terminal.press("Escape")
    terminal.sees("How do you log in?")
    terminal.press("Enter")
    terminal.sees("The sandbox has made one for you")
    terminal.press("Enter")
    terminal.sees("Application Insights")
    terminal.press("C-c")
    terminal.sees("exit code 130")
    assert not (terminal.traveller.sample / ".env").exists()
    terminal.close()

    terminal.open("setup", "--sandbox", "--sample")
    terminal.sees("Go on where it stopped?")
    terminal.press("y")
    terminal.sees("The sandbox has made one for you")
    terminal.press("Enter")
    terminal.sees("Application Insights")
    terminal.press("Enter")
    terminal.sees("Which cluster?")
    terminal.press("Enter")
    terminal.sees("Bring the old shapes")
    terminal.press("y")
    terminal.sees("nothing written yet")
    terminal.sees("keep DATABRICKS_TOKEN")
    assert not (terminal.traveller.sample / ".env").exists()
    terminal.press("F5")
    terminal.sees("Everything is as it should be", 180)
    assert (terminal.traveller.sample / ".env").is_file()
    terminal.press("Enter")
    shown = terminal.sees("exit code 0")
    assert "mlops-wizard setup" in shown
