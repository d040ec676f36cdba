"""What is on this machine: the file of profiles, and what in the environment beats it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checks.auth import databrickscfg
from checks.finding import Evidence, Finding, Remedy
from checks.gates import LOGIN
from checks.hosts import normal, same
from checks.redact import MASK
from checks.registry import check
from checks.repo import quoted
from checks.say import error, ok, skipped, warning
from checks.world import World

AUTH = Remedy("Write the profile anew.", ("mlops-wizard setup --only auth",), "auth")
SECRET_KEYS = ("token", "client_secret", "password", "azure_client_secret", "google_credentials")

METHODS = (
    ("pat", ("DATABRICKS_TOKEN",), ("token",)),
    ("basic", ("DATABRICKS_PASSWORD",), ("password",)),
    ("oauth", ("DATABRICKS_CLIENT_SECRET",), ("client_secret",)),
    ("metadata-service", ("DATABRICKS_METADATA_SERVICE_URL",), ("metadata_service_url",)),
    ("azure", ("ARM_CLIENT_SECRET",), ("azure_client_secret",)),
)
"""(method, its environment variables, its keys in a profile), as databricks-sdk counts them in `validate`."""


@check("auth.config-file", "the file of profiles can be read", "auth", "databricks")
def config_file(world: World) -> Iterable[Finding]:
    """Whether every client can read `~/.databrickscfg` (or the file that DATABRICKS_CONFIG_FILE names).

    Parses it as the Python SDK does: a byte order mark, a profile or a key that is there twice, or a key before the first
    `[profile]` makes the SDK fail, while the Go CLI reads on; so one client works and the other does not.

    What to do: the finding names the line.
    """
    id, found = "auth.config-file", databrickscfg.read(world)
    where = f"{found.path}:{found.line}" if found.line else found.path
    if found.problem:
        text = f"{found.path} cannot be read by the Python clients: {found.problem}"
        todo = Remedy(f"Mend it at {where}." if found.line else "Make it readable for you, in UTF-8.")
        yield error(id, text, Evidence(where, found.problem), about=found.path, remedy=todo)
    elif not found.there and world.project.profile:
        text = f"{found.path} is not there, and this project logs in by its profile {world.project.profile}"
        yield error(id, text, Evidence(found.path, "not there"), about=found.path, remedy=AUTH)
    elif not found.there:
        yield skipped(id, f"there is no {found.path}, and nothing here needs one yet", about=found.path)
    else:
        names = ", ".join(list(found.sections)[:20]) or "none"
        yield ok(id, f"{found.path} is well-formed", Evidence(found.path, f"profiles: {names}"), about=found.path)


@check("auth.profile", "the project's profile is there", "auth", "databricks", needs=("auth.config-file",))
def profile(world: World) -> Iterable[Finding]:
    """Whether the profile that this project uses is there and names the project's workspace.

    Reads the section from the file of profiles. Beside the host it looks for keys that exclude one another (`cluster_id`
    and `serverless_compute_id`; two ways to log in without an `auth_type`), with which a client refuses to start.

    What to do: let the wizard write the profile again; your other profiles stay as they are.
    """
    id, name, found = "auth.profile", world.project.profile, databrickscfg.read(world)
    if not name:
        yield skipped(id, "this project uses no profile")
        return
    section = found.sections.get(name)
    if section is None:
        others = ", ".join(list(found.sections)[:20]) or "none"
        text = f"{found.path} has no profile {name}"
        yield error(id, text, Evidence(found.path, f"profiles: {others}"), about=name, remedy=AUTH)
        return
    wrong = _wrong(section, world.project.host)
    for text in wrong:
        yield error(
            id, f"profile {name}: {text}", Evidence(f"{found.path} [{name}]", _keys(section)), about=name, remedy=AUTH
        )
    if not wrong:
        yield ok(
            id, f"profile {name} names the workspace", Evidence(f"{found.path} [{name}]", _keys(section)), about=name
        )


def _wrong(section: Mapping[str, str], host: str) -> list[str]:
    said, wrong = section.get("host", ""), []
    if not said:
        wrong.append("it names no host")
    elif host and not same(said, host):
        wrong.append(f"its host is {normal(said)}, the project's is {normal(host)}")
    if section.get("cluster_id") and section.get("serverless_compute_id"):
        wrong.append("it has both cluster_id and serverless_compute_id, of which a client takes one")
    ways = _ways(section)
    if len(ways) > 1 and not section.get("auth_type"):
        wrong.append(f"it has more than one way to log in ({', '.join(ways)}) and no auth_type")
    return wrong


def _ways(section: Mapping[str, str]) -> list[str]:
    return [way for way, _, keys in METHODS if any(section.get(k) for k in keys)]


def _keys(section: Mapping[str, str]) -> str:
    return "\n".join(f"{k} = {MASK if k in SECRET_KEYS else v}" for k, v in section.items())


BEATING = (
    "DATABRICKS_HOST",
    "DATABRICKS_CONFIG_PROFILE",
    "DATABRICKS_CLUSTER_ID",
    "DATABRICKS_AUTH_TYPE",
    "SPARK_REMOTE",
)


@check("auth.shadowed", "nothing in the environment beats the profile", "auth", "databricks")
def shadowed(world: World) -> Iterable[Finding]:
    """Whether environment variables make clients log in other than the profile says.

    Every Databricks client reads its variables first and the profile after: DATABRICKS_HOST sends `profile="prod"` to dev
    without a word, DATABRICKS_TOKEN beats the profile's log-in, SPARK_REMOTE beats the profile altogether, and two ways to
    log in at once end with `more than one authorization method configured`. Names are looked at; no value is shown.

    What to do: unset them where they are set (the shell's start-up file, `.env`, the dev container), and log in by profile.
    """
    id, env = "auth.shadowed", world.env
    ways = [way for way, names, _ in METHODS if any(env.get(n) for n in names)]
    listed = [n for _, names, _ in METHODS for n in names if env.get(n)]
    if len(ways) > 1 and not env.get("DATABRICKS_AUTH_TYPE"):
        text = f"the environment has more than one way to log in ({', '.join(ways)}): clients refuse to start"
        yield error(
            id, text, Evidence("environment", ", ".join(listed)), about=", ".join(listed), remedy=_unset(world, listed)
        )
        return
    beats = [*_beating(world), *(listed if world.project.profile else ())]
    for name in beats:
        text = f"{name} is set and beats the profile {world.project.profile}"
        yield warning(id, text, Evidence("environment", name), about=name, remedy=_unset(world, [name]))
    if not beats:
        yield ok(id, "no environment variable beats the log-in that was set up")


def _beating(world: World) -> list[str]:
    """Those that are set, matter here and say something else than the project does."""
    project, own = world.project, dict(world.project.environ)
    if not project.profile:
        return []
    means = {
        "DATABRICKS_HOST": project.host,
        "DATABRICKS_CONFIG_PROFILE": project.profile,
        "DATABRICKS_CLUSTER_ID": project.cluster_id,
    }
    found = []
    for name in BEATING:
        value = world.env.get(name, "")
        meant = own.get(name) or means.get(name, "")
        agrees = same(value, meant) if name == "DATABRICKS_HOST" and meant else value == meant
        if value and not agrees:
            found.append(name)
    return found


def _unset(world: World, names: Iterable[str]) -> Remedy:
    windows = world.platform.system == "windows"
    commands = tuple(f"Remove-Item Env:{n}" if windows else f"unset {n}" for n in names)
    return Remedy("Unset it here, and where it is set for good.", commands)


@check(
    "auth.plain-token",
    "no token lies in the file of profiles",
    "auth",
    "secrets",
    "databricks",
    needs=("auth.config-file",),
)
def plain_token(world: World) -> Iterable[Finding]:
    """Whether a secret stands in clear text in the file of profiles.

    Looks for `token`, `client_secret` and `password` in every section, and at who else may read the file. Backups, sync
    folders, screen shares and every program of yours read it as easily as you do.

    What to do: let the wizard move them into the store; profiles then name our helper, which hands the token out.
    """
    id, found = "auth.plain-token", databrickscfg.read(world)
    holding = {name: [k for k in SECRET_KEYS if section.get(k)] for name, section in found.sections.items()}
    plain = {name: keys for name, keys in holding.items() if keys}
    stat = world.stat(found.path)
    for name, keys in plain.items():
        text = f"profile {name} holds its {' and '.join(keys)} in clear text"
        todo = Remedy("Move it into the store.", LOGIN, "auth")
        yield warning(id, text, Evidence(f"{found.path} [{name}]", f"{keys[0]} = {MASK}"), about=name, remedy=todo)
    if plain and stat and stat.mode & 0o077 and world.platform.system != "windows":
        text = f"{found.path} holds a token and others on this machine may read it"
        seen = Evidence(found.path, f"mode {stat.mode & 0o777:04o}")
        yield error(
            id,
            text,
            seen,
            about=found.path,
            remedy=Remedy("Keep it to yourself.", (quoted("chmod", "600", _place(found.path, world)),)),
        )
    if not plain:
        yield ok(id, "no profile holds a secret in clear text", about=found.path)


def _place(path: str, world: World) -> str:
    return world.home + path[1:] if path.startswith("~/") else path


OPENERS = ("xdg-open", "wslview", "x-www-browser", "sensible-browser", "gnome-open")


@check("auth.browser", "the log-in can open a browser", "auth")
def browser(world: World) -> Iterable[Finding]:
    """Whether a log-in by browser can get anywhere from here.

    Only where the project's profile logs in by browser (`auth_type = external-browser`, or `databricks-cli` of the vendor's
    own CLI): looks for $BROWSER or a program that opens one. In WSL and in containers there is often none, and the log-in
    then waits for ever, without a link.

    What to do: log in on the host; the container gets its credentials from there.
    """
    id, section = "auth.browser", databrickscfg.read(world).sections.get(world.project.profile, {})
    kind = section.get("auth_type", "")
    if kind not in {"external-browser", "databricks-cli"} or "mlops-wizard" in section.get("databricks_cli_path", ""):
        yield skipped(id, "no log-in of this project needs a browser")
        return
    named = world.env.get("BROWSER", "")
    found = named or next((p for o in OPENERS for p in world.which(o)), "")
    if found or world.platform.system in {"macos", "windows"}:
        yield ok(id, "a browser can be opened", Evidence("browser", found or "the system's own"))
    else:
        text = f"profile {world.project.profile} logs in by browser, and none can be opened here"
        todo = Remedy("Log in on the host, or name a program in BROWSER.", LOGIN, "auth")
        yield warning(id, text, Evidence("BROWSER, " + ", ".join(OPENERS), "none"), about=kind, remedy=todo)
