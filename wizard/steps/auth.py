"""Logging in to the workspace: address, way, token. The token is tried before it is kept, and kept in one place."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from wizard import databrickscfg, dotenv, host, login
from wizard.answers import Answers
from wizard.change import Change
from wizard.changes import EditFile, KeepSecret
from wizard.question import Choice, Given, Question, Value
from wizard.reading import read_bytes, read_text
from wizard.secret import Secret
from wizard.step import Scene, StepProblem
from wizard.workspace import CloudError, Credential, Me

WHERE_TO_FIND = (
    "In the workspace: your picture at the top right > Settings > Developer > Access tokens > Generate new token. "
    "It is tried at the workspace and then kept in the store; no file of the repo will hold it."
)


@dataclass(frozen=True, slots=True)
class AuthStep:
    """Databricks by personal access token or by a service principal's OAuth secret (S4 of the guides, section 'Create the .env file')."""

    id: str = "auth"
    title: str = "Log-in"

    def questions(self, scene: Scene, answers: Answers) -> tuple[Question, ...]:
        return (
            _host(scene),
            Question("auth.profile", "Name of the profile", default=_profile(scene, answers), quiet=True, needs=("auth.host",),
                     problem=_profile_problem),
            Question("auth.method", "How do you log in?", "choice", "pat",
                     (Choice("pat", "with a personal access token"), Choice("m2m", "as a service principal (OAuth client id and secret)")),
                     help="A person usually takes a token; machines and teams a service principal."),
            *_secret_questions(scene, answers),
        )  # fmt: skip

    def plan(self, scene: Scene, answers: Answers) -> Iterable[Change]:
        login.workspace(scene, answers).me()
        yield from _keep(scene, answers)
        yield from _write_profile(scene, answers)

    def notes(self, scene: Scene, answers: Answers) -> tuple[str, ...]:
        me = login.workspace(scene, answers).me()
        return (f"Logged in as {me.user}, workspace {me.org_id or '(its id was not told)'}.",)


def _host(scene: Scene) -> Question:
    def verify(value: Value, _: Given) -> str | None:
        try:
            scene.reach(str(value))
        except CloudError as error:
            return str(error)
        return None

    help = scene.blueprint.host_help or "The workspace's address, as your browser shows it."
    if scene.sandbox:
        help = f"The sandbox answers at {scene.sandbox.host}; a workspace's address looks like {host.EXAMPLE}."
    return Question("auth.host", "Address of the Databricks workspace", default=_known_host(scene) or None, help=help,
                    problem=lambda v: host.problem(str(v)), verify=verify, clean=host.clean)  # fmt: skip


def _known_host(scene: Scene) -> str:
    if scene.sandbox:
        return scene.sandbox.host
    written = {a.name: a.value for a in dotenv.assignments(read_text(scene, ".env"))} if scene.world.trusted else {}
    for known in (scene.target.host, written.get("DATABRICKS_HOST", "")):
        if known and host.problem(known) is None:
            return host.clean(known)
    return ""


def _secret_questions(scene: Scene, answers: Answers) -> tuple[Question, ...]:
    expected = _expected_org(scene, answers)

    def verify(value: Value, given: Given) -> str | None:
        m2m = given.get("auth.method") == "m2m"
        secret = value if isinstance(value, Secret) else Secret(str(value))
        return _refused(scene, str(given["auth.host"]), expected,
                        Credential("m2m" if m2m else "pat", secret, str(given.get("auth.client_id", "")) if m2m else ""))  # fmt: skip

    needs = ("auth.host", "auth.method", "secrets.store")
    if answers.text("auth.method") == "m2m":
        id_question = Question("auth.client_id", "Client id of the service principal", needs=needs[:2],
                               default=scene.remembered.get("client_id") or None, problem=_client_id_problem)  # fmt: skip
        secret = Question("auth.client_secret", "Its OAuth secret", "secret", needs=(*needs, "auth.client_id"),
                          problem=_secret_problem, verify=verify)  # fmt: skip
        return (id_question,) if _kept_is_good(scene, answers, expected) else (id_question, secret)
    if _kept_is_good(scene, answers, expected):
        return ()
    default = _offered_token(scene, answers)
    return (Question("auth.token", "Personal access token", "secret", default, needs=needs, problem=_secret_problem, verify=verify,
                     help="The sandbox has made one for you: press Enter." if scene.sandbox and default else WHERE_TO_FIND),)  # fmt: skip


def _offered_token(scene: Scene, answers: Answers) -> Secret | None:
    """The sandbox's own, or the one that the repo's `.env` holds in plain text (it moves into the store)."""
    if scene.sandbox and answers.text("auth.host") == scene.sandbox.host:
        token = scene.sandbox.token()
        return token if isinstance(token, Secret) else None
    if not scene.world.trusted:
        return None
    written = {a.name: a.value for a in dotenv.assignments(read_text(scene, ".env"))}
    same = host.clean(written.get("DATABRICKS_HOST", "")) == answers.text("auth.host")
    token_text = written.get(login.TOKEN, "")
    return Secret(token_text) if same and token_text and not _secret_problem(Secret(token_text)) else None


def _expected_org(scene: Scene, answers: Answers) -> str:
    """The workspace's id as far as it can be known without a log-in."""
    url = answers.text("auth.host")
    if scene.sandbox and url == scene.sandbox.host:
        return scene.sandbox.org_id
    return host.read(url).org_id if url and host.problem(url) is None else ""


def _refused(scene: Scene, url: str, expected: str, credential: Credential) -> str | None:
    """Why the workspace does not take this credential, or None."""
    try:
        me = scene.workspace(url, credential).me()
    except CloudError as error:
        return str(error)
    return _other_workspace(url, expected, me)


def _other_workspace(url: str, expected: str, me: Me) -> str | None:
    if expected and me.org_id and me.org_id != expected:
        return (f"This log-in belongs to workspace {me.org_id}, but {url} is workspace {expected}. "
                "Log in to that workspace in your browser and make the token there.")  # fmt: skip
    return None


def _kept_is_good(scene: Scene, answers: Answers, expected: str) -> bool:
    given = "auth.client_secret" if answers.text("auth.method") == "m2m" else "auth.token"
    if answers.secret(given) is not None or login.kept(scene, answers, login.secret_name(answers)) is None:
        return False
    found = login.credential(scene, answers)
    return found is not None and _refused(scene, answers.text("auth.host"), expected, found) is None


def _secret_problem(value: Value) -> str | None:
    text = value.reveal() if isinstance(value, Secret) else str(value)
    if not text.strip():
        return "The token is empty; paste the whole token."
    if any(c in text for c in "\r\n"):
        return "The token has a line break in it; copy it again, in one line."
    if text != text.strip() or not text.isascii() or not text.isprintable() or " " in text:
        return "The token has a blank or an invisible character in it; copy it again, alone."
    return None


def _client_id_problem(value: Value) -> str | None:
    fine = re.fullmatch(r"[0-9a-fA-F-]{36}|[A-Za-z0-9_.-]{4,100}", str(value))
    return (
        None
        if fine
        else "A client id has the form 12345678-1234-1234-1234-123456789abc; copy it from the service principal's page."
    )


def _profile_problem(value: Value) -> str | None:
    fine = re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", str(value)) and str(value) != databrickscfg.RESERVED
    return None if fine else f"{value!r} cannot be a profile's name; choose letters, digits, - and _."


def _profile(scene: Scene, answers: Answers) -> str:
    """The profile that is ours for this host already, else a name made from the repo's."""
    text = _config(scene)
    try:
        sections = databrickscfg.profiles(text)
    except databrickscfg.ProfileProblem:
        sections = {}
    url = answers.text("auth.host")
    for name, keys in sections.items():
        if keys.get("databricks_cli_path") == scene.hook and host.clean(keys.get("host", "")) == url:
            return name
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", os.path.basename(scene.root)).strip("-.") or "mlops"
    name = f"{name}-{scene.target.name}"[:60]
    taken = {n for n, keys in sections.items() if host.clean(keys.get("host", "")) != url}
    return next(n for n in (name, *(f"{name}-{i}" for i in range(2, 1000))) if n not in taken)


def _config(scene: Scene) -> str:
    """The file of profiles; every byte of it comes through, also where it is no UTF-8."""
    return (read_bytes(scene, scene.config_file) or b"").decode("utf-8", "surrogateescape")


def _keep(scene: Scene, answers: Answers) -> Iterable[Change]:
    m2m = answers.text("auth.method") == "m2m"
    given = answers.secret("auth.client_secret" if m2m else "auth.token")
    name = login.secret_name(answers)
    old = login.kept(scene, answers, name)
    if given is not None and given != old:
        store = answers.text("secrets.store")
        title = next((s.title for s in scene.stores() if s.name == store), store)
        yield KeepSecret(
            store, login.entry(answers.text("auth.host"), name), given, replaces=old is not None, store_title=title
        )


def _write_profile(scene: Scene, answers: Answers) -> Iterable[Change]:
    """A profile that holds no secret: the clients ask our program for a token."""
    text = _config(scene)
    section = answers.text("auth.profile")
    values = {"host": answers.text("auth.host"), "auth_type": "databricks-cli", "databricks_cli_path": scene.hook}
    if answers.text("auth.method") == "m2m":
        values["client_id"] = answers.text("auth.client_id")
    if cluster := answers.text("connect.cluster"):
        values["cluster_id"] = cluster
    drop = (*databrickscfg.CREDENTIALS, *(("serverless_compute_id",) if cluster else ()))
    try:
        there = databrickscfg.profiles(text).get(section, {})
        other = host.clean(there.get("host", "")) != answers.text("auth.host")
        if there and other and not scene.sandbox:  # the sandbox's own file: yesterday's sandbox had another port
            raise StepProblem(f"Profile [{section}] of {scene.config_file} is for {there.get('host') or 'another host'}; "
                              "choose another name with --set auth.profile=NAME.")  # fmt: skip
        known = tuple(Secret(v) for k, v in there.items() if v and k in databrickscfg.CREDENTIALS and k not in values)
        after = databrickscfg.edit(text, section, values, drop)
    except databrickscfg.ProfileProblem as error:
        raise StepProblem(f"{scene.config_file} {error}") from error
    if after != text:
        before = read_bytes(scene, scene.config_file)
        data = after.encode("utf-8", "surrogateescape")
        yield EditFile.between(scene.config_file, before, data, name=_short(scene), mode=0o600,
                               store=answers.text("secrets.store"), known=known)  # fmt: skip


def _short(scene: Scene) -> str:
    home = scene.world.home.rstrip("/")
    path = scene.config_file
    return "~" + path.removeprefix(home) if home and path.startswith(home + "/") else path
