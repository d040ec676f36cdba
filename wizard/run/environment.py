"""The environment of a command that `run` starts: which source wins, and what a repo may never set."""

from __future__ import annotations

import os

from wizard import flat
from wizard.dotenv_bare import is_name, read
from wizard.run.listed import RunList

DOTENV_BYTES = 4_000_000

_NEVER = frozenset(
    """
    PATH IFS ENV CDPATH GLOBIGNORE SHELLOPTS BASHOPTS PS4 PROMPT_COMMAND HOME SHELL TMPDIR TMP TEMP USERPROFILE APPDATA
    LOCALAPPDATA COMSPEC PATHEXT SYSTEMROOT EDITOR VISUAL PAGER MANPAGER BROWSER LESSOPEN LESSCLOSE SSH_ASKPASS
    SUDO_ASKPASS GCONV_PATH LOCPATH NLSPATH GLIBC_TUNABLES OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES SSLKEYLOGFILE
    NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED GRPC_DEFAULT_SSL_ROOTS_FILE_PATH
    JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS CLASSPATH PERLLIB RUBYOPT RUBYLIB DOCKER_HOST DOCKER_CONFIG
    DBUS_SESSION_BUS_ADDRESS DATABRICKS_CONFIG_FILE DATABRICKS_CLI_PATH DATABRICKS_METADATA_SERVICE_URL
    DATABRICKS_DISCOVERY_URL SPARK_REMOTE AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AZURE_CONFIG_DIR
    AZURE_AUTHORITY_HOST IDENTITY_ENDPOINT MSI_ENDPOINT IMDS_ENDPOINT ACTIONS_ID_TOKEN_REQUEST_URL
    """.split()  # noqa: SIM905 - read more easily than quoted one by one
)
_NEVER_BEGINS = (
    "LD_", "DYLD_", "PYTHON", "BASH_", "GIT_", "SSL_CERT_", "PERL5", "XDG_", "MLOPS_WIZARD_", "PIP_", "UV_",
    "NPM_CONFIG_", "GEM_", "AWS_ENDPOINT_URL", "AWS_CONTAINER_",
)  # fmt: skip
_NEVER_ENDS = ("_PROXY", "_CA_BUNDLE")


class Refusal(Exception):
    """The command must not be run with this environment; the text says why and what to do."""


def may_set(name: str) -> bool:
    """Whether a repo's `.env` may set this for a command that gets secrets (PYTHONPATH is looked at by itself)."""
    upper = name.upper()
    return not (upper in _NEVER or upper.startswith(_NEVER_BEGINS) or upper.endswith(_NEVER_ENDS))


def read_dotenv(root: str) -> list[tuple[str, str]]:
    """The variables of the repo's `.env`, none where there is none. Raises Refusal where it cannot be read."""
    path = os.path.join(root, ".env")
    try:
        data = flat.read_bytes(path, DOTENV_BYTES)
        return read(data.decode("utf-8")) if data else []
    except flat.FlatError as error:
        raise Refusal(str(error)) from None
    except UnicodeDecodeError:
        raise Refusal(f"{path} is not UTF-8 text; save it as UTF-8.") from None


def environment(root: str, listed: RunList | None, own: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """The command's environment without its secrets, and a line for each variable of `.env` that was left out.

    What the person has set wins over `.env`, as in dotenv's tools; what the set-up chose (profile, configuration file)
    wins over both, and so do the secrets, which the caller adds. Raises Refusal where `.env` or the person's own
    environment names another Databricks host than the one that was set up: a token never goes to another host.
    """
    variables = dict(listed.variables) if listed else {}
    settled = {*variables, *(name for name, _ in (listed.secrets if listed else ()))}
    dotenv = read_dotenv(root)
    _refuse_other_host(dict(dotenv), own, listed)
    env = dict(own)
    left_out: list[str] = []
    for name, value in dotenv:
        if name in settled or own.get(name) == value:
            continue
        found = value
        if name == "PYTHONPATH":
            found, outside = _pythonpath(value, root, listed.pythonpath if listed else "")
            left_out += [f"{flat.shown(entry)} in PYTHONPATH of .env is left out: not in the repo" for entry in outside]
        elif why := _why_not(name, value):
            left_out.append(f"{flat.shown(name[:80])} of .env is left out: {why}")
            continue
        if name not in own and (found or not value):
            env[name] = found
    env.update(variables)
    return env, left_out


def _why_not(name: str, value: str) -> str:
    if not is_name(name) or "\0" in value:
        return "no program can be given such a variable"
    if not may_set(name):
        return "a repo may not set it for a command; set it in your own environment if you need it"
    return ""


def _pythonpath(value: str, root: str, prefix: str) -> tuple[str, list[str]]:
    """The container's folders as the host's, and those that are not the repo's."""
    container = prefix.rstrip("/") or f"/workspaces/{os.path.basename(root)}"
    inside, outside = [], []
    for entry in value.split(":"):
        below = entry.removeprefix(container) if entry == container or entry.startswith(f"{container}/") else None
        place = os.path.normpath(os.path.join(root, below.lstrip("/") if below is not None else entry))
        if not entry:
            continue
        if place == root or place.startswith(root.rstrip(os.sep) + os.sep):
            inside.append(place)
        else:
            outside.append(entry)
    return os.pathsep.join(inside), outside


def _refuse_other_host(dotenv: dict[str, str], own: dict[str, str], listed: RunList | None) -> None:
    if listed is None:
        return
    for where, given in ((".env", dotenv.get("DATABRICKS_HOST")), ("your environment", own.get("DATABRICKS_HOST"))):
        if not given:
            continue
        for host in _hosts(listed):
            if bare_host(given) != host:
                raise Refusal(
                    f"DATABRICKS_HOST in {where} is {flat.shown(bare_host(given)[:200])}, but this repo is set up for "
                    f"{flat.shown(host)}, and a token must not go to another host. Remove it there, or run "
                    "`mlops-wizard setup` for the other host."
                )


def _hosts(listed: RunList) -> list[str]:
    """Which Databricks hosts the list's secrets and profile belong to."""
    known = [
        service.split("/")[1] for name, service in listed.secrets if name.startswith("DATABRICKS_") and "/" in service
    ]
    variables = dict(listed.variables)
    known += [listed.host, variables.get("DATABRICKS_HOST", "")]
    profile = variables.get("DATABRICKS_CONFIG_PROFILE")
    if profile and not any(known):
        from wizard.profile import host_of

        known.append(host_of(profile, variables.get("DATABRICKS_CONFIG_FILE", "")))
    return sorted({bare_host(host) for host in known if host})


def bare_host(text: str) -> str:
    """`adb-1.2.azuredatabricks.net[:port]` of any way to write that address."""
    host = text.strip().strip("\"'").rpartition("://")[2]
    for end in "/?#":
        host = host.partition(end)[0]
    return host.rpartition("@")[2].lower().removesuffix(":443").rstrip(".")
