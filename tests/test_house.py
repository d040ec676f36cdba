"""The rules of the house, as tests: floors, sizes, import hygiene, words, and the folder of decoys."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("checks", "devcontainer", "wizard")
SOURCES = sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
BIN = Path(sys.executable).parent


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_is_longer_than_400_lines_and_no_function_than_50(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, node.name


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_says_what_it_is_for_and_nothing_is_called_manager(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    names = [n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef)] + [path.stem]
    assert not [n for n in names if re.search(r"manager|helper|util|common", n, re.IGNORECASE)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_exception_is_swallowed_without_a_word(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            assert not (len(node.body) == 1 and isinstance(node.body[0], ast.Pass)), f"line {node.lineno}"
            assert node.type is not None, f"a bare except in line {node.lineno}"


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    argv = [str(BIN / "lint-imports"), "--no-cache", "--config", str(folder / "pyproject.toml")]
    return subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(folder)}
    )


def test_the_floors_are_kept() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("checks/env.py", "import subprocess"),
        ("devcontainer/render.py", "import os"),
        ("checks/env.py", "import wizard.secret"),
        ("wizard/steps/env.py", "import textual"),
        ("wizard/session.py", "import wizard.prompts"),
        ("wizard/steps/env.py", "import subprocess"),
    ],
)
def test_an_import_that_goes_up_or_through_the_wrong_door_is_refused(tmp_path: Path, module: str, line: str) -> None:
    """The contracts are proven by breaking one."""
    import shutil

    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    broken = tmp_path / module
    text = broken.read_text(encoding="utf-8")
    broken.write_text(
        text.replace("from __future__ import annotations\n", f"from __future__ import annotations\n{line}\n", 1)
    )
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout


HEAVY = ("textual", "rich", "questionary", "prompt_toolkit", "keyring", "databricks", "azure", "grpc", "aiohttp",
         "cryptography", "requests", "tomlkit", "dotenv", "argparse")  # fmt: skip


def modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nsys.stdout.write('\\n' + ' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_version_imports_nothing_but_the_entry_point() -> None:
    bare = modules_after("")
    with_version = modules_after("sys.argv = ['mlops-wizard', '--version']\nfrom wizard.cli import main\nmain()")
    assert with_version - bare == {"wizard", "wizard.cli", "__future__"}


@pytest.mark.parametrize("module", ["checks", "devcontainer.render", "devcontainer.merge", "wizard.session", "wizard.steps", "wizard.machine",
                                    "wizard.unattended", "wizard.commands", "wizard.stores", "wizard.sandbox.client"])  # fmt: skip
def test_no_heavy_library_is_imported_before_it_is_used(module: str) -> None:
    found = modules_after(f"import {module}")
    assert not [m for m in found if m.split(".")[0] in HEAVY]


@pytest.mark.parametrize("word", ["setup", "doctor", "explain", "trust", "undo", "sandbox", "secrets", "blueprint"])
def test_a_command_imports_no_ui_and_no_cloud_to_print_its_help(word: str) -> None:
    found = modules_after(f"sys.argv = ['mlops-wizard', {word!r}, '--help']\nfrom wizard.cli import main\nmain()")
    assert not [m for m in found if m.split(".")[0] in set(HEAVY) - {"argparse"}]


def test_run_imports_os_and_little_else() -> None:
    code = "sys.argv = ['mlops-wizard', 'run', '--help']\nfrom wizard.cli import main\nmain()"
    found = modules_after(code)
    assert not found & {"argparse", "json", "subprocess", "re", "pathlib", "dataclasses", "logging", "typing"}


def test_in_a_folder_of_decoys_the_tool_imports_itself(tmp_path: Path) -> None:
    """A repo may have a `checks/` and a `wizard/` of its own."""
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text("raise SystemExit('the decoy was imported')\n")
    (tmp_path / "json.py").write_text("raise SystemExit('the decoy was imported')\n")
    for argv in (["--version"], ["blueprint", "list"], ["doctor", "--list"]):
        done = subprocess.run(
            [str(BIN / "mlops-wizard"), *argv], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_every_command_is_in_the_readme_and_has_a_file() -> None:
    from wizard.cli import COMMANDS

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for word in COMMANDS:
        assert f"mlops-wizard {word}" in readme
        assert word == "run" or (ROOT / "wizard" / "commands" / f"{word}.py").is_file()


def test_setup_names_the_steps_that_there_are() -> None:
    from wizard.commands import setup
    from wizard.steps import STEPS

    assert tuple(s.id for s in STEPS) == setup.STEPS


def test_no_lock_file_and_no_host_of_a_package_registry_is_committed() -> None:
    words = ["pypi" + ".org", "python" + "hosted.org", "registry.npm" + "js.org", "deb.debian" + ".org"]
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        assert path.name not in {"uv.lock", "poetry.lock", "package-lock.json"}
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        assert not [w for w in words if w in text], name


def test_the_version_is_in_the_changelog() -> None:
    from wizard import __version__

    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "version" in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dynamic"]
