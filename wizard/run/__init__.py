"""`mlops-wizard run [--target NAME] -- COMMAND…`: a command with the repo's variables and secrets, its output masked.

The command's environment is the person's own; below it what `.env` sets (what the person has set wins, as in dotenv's
tools); above it what the set-up chose and the secrets. Where no secret is to be masked, or where both outputs are
terminals, this process becomes the command. Exit status: the command's, 128 + signal; 125, 126 and 127 as env(1).

Starts in little more than an interpreter does: nothing but `os` and `sys` is imported until there is a secret.
"""

from __future__ import annotations

import errno
import os
import sys

from wizard import places, trust
from wizard.flat import shown
from wizard.run.environment import Refusal, environment
from wizard.run.listed import RunList, RunListProblem, read_list, write_list

__all__ = ["RunList", "RunListProblem", "read_list", "run", "write_list"]

OWN_FAILURE = 125
NOT_EXECUTABLE = 126
NOT_FOUND = 127
USAGE = 2

_USAGE = "usage: mlops-wizard run [--target NAME] -- COMMAND [ARGUMENT…]"
_HELP = f"""{_USAGE}

Runs the command with the variables and secrets of the repo you stand in. Output that does not go to a terminal is
masked. What you have set yourself wins over .env; the set-up's profile and secrets win over both.

  --target NAME   the variables and secrets of this target instead of the default one's
  -h, --help      this text

Exit status: the command's own; 128 + N where signal N ended it; 125 where mlops-wizard could not run it (nothing was
run), 126 where the command cannot be executed, 127 where there is none of this name.
"""


class _Failure(Exception):
    """Nothing was run; the text says why and what to do."""

    def __init__(self, text: str, status: int = OWN_FAILURE) -> None:
        super().__init__(text)
        self.status = status


def run(argv: list[str]) -> int:
    """Run the command after `run` of the command line; returns the exit status, unless this process became it."""
    try:
        target, command = _parse(argv)
        if not command:
            return 0
        return _run(target, command)
    except _Failure as failure:
        _say(str(failure))
        return failure.status
    except (Refusal, RunListProblem, trust.TrustError) as error:
        _say(str(error))
        return OWN_FAILURE
    except KeyboardInterrupt:
        return 130


def _parse(argv: list[str]) -> tuple[str, list[str]]:
    """The target and the command, which is empty where only help was wanted. Raises _Failure with status 2."""
    target, at = "", 0
    while at < len(argv) and argv[at].startswith("-"):
        option, equals, value = argv[at].partition("=")
        at += 1
        if option == "--" and not equals:
            break
        if option in {"-h", "--help"} and not equals:
            sys.stdout.write(_HELP)
            return "", []
        if option != "--target":
            raise _Failure(f"{shown(option[:80])} is not an option of run.\n{_USAGE}", USAGE)
        if not equals:
            value = argv[at] if at < len(argv) else ""
            at += 1
        if not value or value.startswith("-"):
            raise _Failure(f"--target needs a name.\n{_USAGE}", USAGE)
        target = value
    if at >= len(argv):
        raise _Failure(f"There is no command.\n{_USAGE}", USAGE)
    return target, argv[at:]


def _run(target: str, command: list[str]) -> int:
    root = _root()
    listed = read_list(root, target)
    if target and listed is None:
        raise _Failure(
            f"The target {shown(target[:80])} is not set up: `mlops-wizard setup --target {shown(target[:80])}`."
        )
    _refuse_untrusted(root, listed)
    env, left_out = environment(root, listed, _own_environment())
    program = _find(command[0], env)
    secrets = _secrets(listed) if listed and listed.secrets else {}
    env.update(secrets)
    for line in left_out:
        _say(line)
    try:
        if not secrets or (_is_terminal(1) and _is_terminal(2)):
            _become(program, command, env)
        return _masked(program, command, env, secrets)
    except OSError as error:
        status = NOT_FOUND if isinstance(error, FileNotFoundError | NotADirectoryError) else NOT_EXECUTABLE
        raise _Failure(f"{shown(command[0])}: {(error.strerror or 'cannot be executed').lower()}", status) from None
    except ValueError:  # an embedded null byte, in an argument or a secret
        raise _Failure("An argument or a secret holds a null byte, which no program can be given.") from None


def _root() -> str:
    try:
        return places.repo_root(os.getcwd())
    except FileNotFoundError:
        raise _Failure("The folder you stand in is gone: `cd` to the repo and try again.") from None


def _refuse_untrusted(root: str, listed: RunList | None) -> None:
    verdict = trust.verdict(root)
    if verdict.trusted or (verdict.empty and listed is None):
        return
    if verdict.known:
        more = f" and {len(verdict.changed) - 5} more" if len(verdict.changed) > 5 else ""
        what = f"has changed since you trusted it ({'; '.join(verdict.changed[:5])}{more})"
    else:
        what = "has not been trusted yet, and its files decide what a command gets"
    raise _Failure(f"{shown(root)} {what}. Look at it, then type `mlops-wizard trust`.")


def _own_environment() -> dict[str, str]:
    """The environment that we were given: without the LC_CTYPE that Python adds to it (PEP 538)."""
    own = dict(os.environ)
    if own.get("LC_CTYPE") == "C.UTF-8" and sys.platform == "linux":
        try:
            with open("/proc/self/environ", "rb") as file:
                if b"\0LC_CTYPE=" not in b"\0" + file.read():
                    del own["LC_CTYPE"]
        except OSError:
            return own
    return own


def _secrets(listed: RunList) -> dict[str, str]:
    """The values by the variable's name, all of them or none. Raises _Failure."""
    from wizard.secret import StoreError
    from wizard.stores import open_store, read_many

    try:
        store = open_store(listed.store, places.state())
        found = read_many(store, [service for _, service in listed.secrets])
    except StoreError as error:
        raise _Failure(f"The secrets cannot be read. {error}") from None
    for name, service in listed.secrets:
        if service not in found:
            raise _Failure(
                f"{name} is not kept in the store {listed.store} (entry {shown(service)}): "
                f"`mlops-wizard secrets set {name}`, or `mlops-wizard setup`."
            )
    return {name: found[service].reveal() for name, service in listed.secrets}


def _find(command: str, env: dict[str, str]) -> str:
    """The path of the program, found as execvp(3) does, in the command's own PATH. Raises _Failure, 126 or 127."""
    if "/" in command:
        if not os.path.exists(command):
            raise _Failure(f"{shown(command)}: there is no such file", NOT_FOUND)
        if os.path.isdir(command) or not os.access(command, os.X_OK):
            raise _Failure(f"{shown(command)}: it cannot be executed", NOT_EXECUTABLE)
        return command
    refused = False
    for folder in env.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder or ".", command)
        if os.path.isfile(path):
            if os.access(path, os.X_OK):
                return path
            refused = True
    if refused:
        raise _Failure(f"{shown(command)}: it is on PATH but cannot be executed", NOT_EXECUTABLE)
    raise _Failure(f"{shown(command)}: there is no such command on PATH", NOT_FOUND)


def _become(program: str, command: list[str], env: dict[str, str]) -> None:
    """Replace this process. Does not return; raises OSError where the program cannot be executed."""
    if sys.platform == "win32":
        import subprocess

        sys.exit(subprocess.run([program, *command[1:]], env=env, check=False).returncode)
    signals = __import__("_signal")  # the public module takes as long to import as a third of the start
    for name in ("SIGPIPE", "SIGXFSZ"):  # Python ignores them, and ignored ones stay so in the command
        signals.signal(getattr(signals, name), signals.SIG_DFL)
    try:
        os.execve(program, command, env)  # noqa: S606 - without a shell is what is wanted
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        # A script whose first line names no interpreter is the shell's, as in execvp(3).
        os.execve("/bin/sh", ["/bin/sh", program, *command[1:]], env)  # noqa: S606


def _masked(program: str, command: list[str], env: dict[str, str], secrets: dict[str, str]) -> int:
    if sys.platform == "win32":
        raise _Failure("Masking needs a POSIX system: run this inside WSL2.")
    from wizard.run.mask import SHORT
    from wizard.run.relay import run_masked

    for name, value in secrets.items():
        if len(value) < SHORT:
            _say(f"{name} has only {len(value)} characters; it is masked only where it stands alone")
    return run_masked(program, command, env, secrets.values())


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def _say(text: str) -> None:
    try:
        os.write(2, f"mlops-wizard run: {text}\n".encode("utf-8", "backslashreplace"))
    except OSError:  # nobody listens any more
        return
