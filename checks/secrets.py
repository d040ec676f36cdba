"""Where secrets are, and where they should not be. No value is ever read from the store here, nor shown."""

from __future__ import annotations

from collections.abc import Iterable

from checks import dotfile
from checks.finding import Evidence, Finding, Remedy
from checks.gates import trusted
from checks.project import Variable
from checks.redact import MASK, secret_name, secrets_in
from checks.registry import check
from checks.repo import MANY, SECRETS_PATTERN, holding, ignored, quoted, text_of
from checks.say import error, expected, many, ok, skipped, unknown, warning
from checks.world import World

IMPORT = Remedy(
    "Move it into the store: the wizard does that with what .env holds.", ("mlops-wizard env write",), "env"
)


@check("secrets.store", "secrets have a safe place", "secrets", gates=(trusted,), deadline=15)
def store(world: World) -> Iterable[Finding]:
    """Whether the place that keeps this project's secrets is there and open.

    The store is written, read and emptied once, in a process of its own. On Linux the keyring needs a session bus and a
    service behind it (GNOME Keyring, KWallet); in WSL, over SSH and in containers there is often none, or it is locked.

    What to do: unlock it, or choose another store. Plain text is a store only after you said so, and this check goes on
    saying so.
    """
    id, (name, problem) = "secrets.store", world.store()
    seen = Evidence("the store: write, read, delete", problem or "works")
    plain = world.project.store == "plain" or name.lower().startswith("plain")
    if problem:
        todo = Remedy("Unlock it, or choose another store.", ("mlops-wizard setup --only secrets",), "secrets")
        say = error if world.project.set_up else warning  # before a set-up nothing is lost yet
        yield say(id, f"{name or 'the store'} does not work: {problem}", seen, about=name, remedy=todo)
    elif plain:
        todo = Remedy("Choose a store that encrypts.", ("mlops-wizard setup --only secrets",), "secrets")
        yield warning(id, "secrets are kept in plain text, as was agreed", seen, about=name, remedy=todo)
    else:
        yield ok(id, f"{name} is open", seen, about=name)


@check("secrets.kept", "every secret is in the store", "secrets", needs=("secrets.store",), gates=(trusted,))
def kept(world: World) -> Iterable[Finding]:
    """Whether the store holds each secret that this project needs.

    Asks the store for every entry that the blueprint's secret variables (and the log-in) name; only whether it is there.

    What to do: set the one that is missing.
    """
    id, project = "secrets.kept", world.project
    wanted = [v for v in project.variables if v.secret and v.entry]
    if project.token and project.token not in {v.entry for v in wanted}:
        wanted.append(Variable("the log-in", secret=True, entry=project.token))
    held = {v.name: world.kept(v.entry) for v in wanted}
    if not wanted:
        yield skipped(id, "no secret of this project is kept in a store yet")
    elif None in held.values():
        yield unknown(id, "the store does not answer", Evidence("the store", "no answer"))
    else:
        missing = [v for v in wanted if not held[v.name]]
        for variable in missing:
            say = expected if variable.optional else error
            name = variable.name if variable.name.isidentifier() else variable.entry.rpartition("/")[2]
            todo = Remedy(
                "Set it; you will be asked for the value.", (quoted("mlops-wizard", "secrets", "set", name),), "secrets"
            )
            seen = Evidence(f"the store: {variable.entry}", "not there")
            left = "; it may be left out" if variable.optional else ""
            yield say(id, f"{variable.name} is not in the store{left}", seen, about=variable.name, remedy=todo)
        if not missing:
            yield ok(
                id,
                f"the store has {many(len(wanted), 'secret')} of this project",
                Evidence("the store", ", ".join(held)),
            )


@check("secrets.in-tracked-files", "no secret is in git", "secrets", "git", needs=("tools.repo",), deadline=30)
def in_tracked_files(world: World) -> Iterable[Finding]:
    """Whether a file that git tracks holds something that looks like a secret.

    `git grep` finds the candidates, by the public prefixes of Databricks, Azure, AWS, GitHub and others; each is then looked
    at closely, so that hashes in lock files and documented examples are not taken for secrets. Values are not shown.

    What to do: call the secret back where it was issued, first of all: what was pushed stays in everybody's clones. Then
    take it out of the file.
    """
    id, names = "secrets.in-tracked-files", holding(world, SECRETS_PATTERN)
    if names is None:
        yield unknown(id, "git does not say what its files hold")
        return
    found = [(n, line, what) for n in names[:MANY] for line, what in secrets_in(text_of(world, n) or "")]
    for name, line, what in found[:50]:
        text = f"{name} holds what looks like a secret ({what}), and git tracks it"
        todo = Remedy("Revoke it where it was issued, then take it out; old commits keep it.")
        yield error(id, text, Evidence(f"{name}:{line}", f"{what}: {MASK}"), about=f"{name}:{line}", remedy=todo)
    if len(names) > MANY:
        yield unknown(id, f"{len(names)} files have candidates; the first {MANY} were looked at")
    elif not found:
        yield ok(
            id, "no tracked file holds what looks like a secret", Evidence("git grep", many(len(names), "candidate"))
        )


@check("secrets.env-plain", "no secret is written in .env", "secrets", "env")
def env_plain(world: World) -> Iterable[Finding]:
    """Whether `.env` holds secrets in clear text.

    Looks at the assignments: one of a variable that the blueprint calls secret, of a name that says so (`…_TOKEN`), or of a
    value with the look of one. Docker writes what `--env-file` brings into the container's metadata, where `docker inspect`
    shows it, and into `/etc/environment`.

    What to do: move them into the store; `mlops-wizard run --` gives them to the command that needs them.
    """
    id, file = "secrets.env-plain", dotfile.read(world)
    if file is None:
        yield skipped(id, "there is no .env")
        return
    secret = {n for v in world.project.variables if v.secret for n in (v.name, v.alias) if n}
    plain = {v.name for v in world.project.variables if not v.secret}
    found = [b for b in file.bindings if b.value and _is_secret(b, secret, plain)]
    for binding in found:
        seen = Evidence(f".env:{binding.line}", f"{binding.name}={MASK}")
        yield warning(id, f"{binding.name} is in .env in clear text", seen, about=binding.name, remedy=IMPORT)
    stat = world.stat(dotfile.PATH)
    if found and stat and stat.mode & 0o077 and world.platform.system != "windows":
        seen = Evidence(".env", f"mode {stat.mode & 0o777:04o}")
        todo = Remedy("Keep it to yourself.", ("chmod 600 .env",), "env")
        yield warning(id, ".env holds secrets, and others on this machine may read it", seen, about=".env", remedy=todo)
    if not found:
        yield ok(id, "no secret is written in .env")


def _is_secret(binding: dotfile.Binding, secret: set[str], plain: set[str]) -> bool:
    value = binding.value or ""
    if binding.name in secret or secrets_in(value):
        return True
    return binding.name not in plain and secret_name(binding.name) and len(value) >= 8 and "://" not in value[:12]


_UNSAFE = {
    "keyrings.alt": "keeps secrets in a file that is not encrypted, or asks for a passphrase on the terminal",
    "keyring.backends.null": "throws secrets away",
    "keyring.backends.fail": "refuses every secret",
}


@check("secrets.keyring-backend", "the keyring that is named is a safe one", "secrets")
def keyring_backend(world: World) -> Iterable[Finding]:
    """Whether a setting puts an unsafe place behind the name keyring.

    Looks at PYTHON_KEYRING_BACKEND and `keyringrc.cfg`. The package `keyrings.alt` brings `PlaintextKeyring`, which other
    programs then use silently. The wizard itself refuses it; your other tools do not.

    What to do: take the setting out.
    """
    id = "secrets.keyring-backend"
    named = [("PYTHON_KEYRING_BACKEND", world.env.get("PYTHON_KEYRING_BACKEND", ""))]
    for path in _keyring_files(world):
        lines = (world.read(path, 20_000) or b"").decode("utf-8", "replace").splitlines()
        named += [
            (path, line.partition("=")[2].strip()) for line in lines if line.strip().startswith("default-keyring")
        ]
    bad = [(where, value, why) for where, value in named for start, why in _UNSAFE.items() if value.startswith(start)]
    for where, value, why in bad:
        todo = Remedy(f"Take it out of {where}.")
        yield warning(id, f"{where} names {value}, which {why}", Evidence(where, value), about=value, remedy=todo)
    if not bad:
        yield ok(id, "no unsafe keyring is named")


def _keyring_files(world: World) -> tuple[str, ...]:
    config = world.env.get("XDG_CONFIG_HOME") or "~/.config"
    data = world.env.get("XDG_DATA_HOME") or "~/.local/share"
    return (f"{config}/python_keyring/keyringrc.cfg", f"{data}/python_keyring/keyringrc.cfg")


STRAY = (".databricks/.databricks.env", ".databricks-connect", ".databrickscfg", ".env.bak", ".env.local", ".env.old")


@check("secrets.stray-files", "no file of secrets lies in the repo unguarded", "secrets", "git", needs=("tools.repo",))
def stray_files(world: World) -> Iterable[Finding]:
    """Whether files that tools leave in the repo hold secrets that git would commit.

    Looks at `.databricks/.databricks.env` (the VS Code extension writes a token into SPARK_REMOTE there), copies of `.env`
    and clients' own files at the repo's root. Where one holds a secret, git is asked whether it ignores it.

    What to do: ignore it; the finding has the line.
    """
    id, found = "secrets.stray-files", False
    for path in STRAY:
        text = text_of(world, path)
        if text is None or not (secrets_in(text) or _assigned(text)) or ignored(world, path):
            continue
        found = True
        seen = Evidence(f"git check-ignore {path}", "not ignored")
        todo = Remedy("Ignore it.", (f"echo {quoted('/' + path)} >> .gitignore",), "env")
        yield error(id, f"{path} holds a secret, and git would commit it", seen, about=path, remedy=todo)
    if not found:
        yield ok(id, "no file of secrets lies in the repo that git would commit")


def _assigned(text: str) -> bool:
    lines = (line.partition("=") for line in text.splitlines()[:500])
    return any(secret_name(name.strip()) and len(value.strip()) >= 8 for name, sign, value in lines if sign)
