"""`.env`: values that are not secret, and for each secret one comment line that says where it is kept."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wizard import dotenv, login
from wizard.answers import Answers
from wizard.blueprint import Rule
from wizard.change import Change
from wizard.changes import EditFile, KeepSecret
from wizard.question import Question, Value
from wizard.reading import read_bytes, read_text
from wizard.secret import Secret
from wizard.step import Scene, StepProblem
from wizard.steps.secrets import store_words


@dataclass(frozen=True, slots=True)
class EnvStep:
    """The file that the guides have a person write by hand (S4, 'Create the .env file'), without its secrets."""

    id: str = "env"
    title: str = "Environment"

    def questions(self, scene: Scene, answers: Answers) -> tuple[Question, ...]:
        return tuple(_ask(scene, rule) for rule in _own_secrets(scene) if not _is_kept(scene, answers, rule))

    def plan(self, scene: Scene, answers: Answers) -> Iterable[Change]:
        yield from (c for rule in _own_secrets(scene) for c in _keep(scene, answers, rule))
        before = read_text(scene, ".env")
        _not_into_passing_memory(answers, before, _comments(scene, answers))
        try:
            after = dotenv.update(before, values(scene, answers), _comments(scene, answers))
        except dotenv.DotenvProblem as error:
            raise StepProblem(str(error)) from error
        if after != before or scene.world.stat(".env") is None:
            yield EditFile.between(
                os.path.join(scene.root, ".env"), read_bytes(scene, ".env"), after.encode(), name=".env",
                store=answers.text("secrets.store"), known=(*answers.secrets(), *_written(scene, before)),
            )  # fmt: skip
        yield from _ignore(scene)

    def notes(self, scene: Scene, answers: Answers) -> tuple[str, ...]:
        left = [q.id.partition(".")[2].upper() for q in self.questions(scene, answers) if not answers.secret(q.id)]
        return tuple(f"{name} was left out; later: mlops-wizard secrets set {name}" for name in left)


def _not_into_passing_memory(answers: Answers, text: str, secrets: Mapping[str, str]) -> None:
    """A secret of the person's own must not move to where it ends with the sandbox. Raises StepProblem."""
    found = [a.name for a in dotenv.assignments(text) if a.name in secrets and a.value]
    if found and answers.text("secrets.store") == "sandbox":
        raise StepProblem(
            f".env holds {found[0]} in plain text. It would move into the sandbox's memory and be lost when that ends: choose "
            "--set secrets.store=keyring, or take the line out first, or try the sandbox in its own repo with --sample."
        )


def values(scene: Scene, answers: Answers) -> Mapping[str, str]:
    """What `.env` assigns: name -> value, aliases included; what is not known yet is left out."""
    facts = {"auth.host": answers.text("auth.host"), "auth.org_id": _org_id(scene, answers)}
    found: dict[str, str] = {}
    for rule in scene.blueprint.rules:
        value = rule.value.replace("{folder}", _folder(scene)) if rule.value else facts.get(rule.source, "")
        if value and not rule.variable.secret:
            if rule.variable.match and not re.search(rule.variable.match, value):
                raise StepProblem(f"{rule.variable.name} would be {value!r}, which does not fit {rule.variable.match}; "
                                  "correct the blueprint or the answer.")  # fmt: skip
            found[rule.variable.name] = value
            if rule.variable.alias:
                found[rule.variable.alias] = value
    return found


def _folder(scene: Scene) -> str:
    name = os.path.basename(scene.root)
    if not re.fullmatch(r"[\w.+@-]+", name):
        raise StepProblem(f"The repo's folder is called {name!r}: its path inside the container has no form that all readers of "
                          ".env read alike; rename it to letters, digits, - and _.")  # fmt: skip
    return name


def _org_id(scene: Scene, answers: Answers) -> str:
    return login.workspace(scene, answers).me().org_id or scene.remembered.get("org_id", "")


def _own_secrets(scene: Scene) -> tuple[Rule, ...]:
    """Secret variables that this step asks for; those that the log-in gives are its."""
    return tuple(r for r in scene.blueprint.rules if r.variable.secret and not r.source)


def _id(rule: Rule) -> str:
    return f"env.{rule.variable.name.lower()}"


def _ask(scene: Scene, rule: Rule) -> Question:
    found = _in_plain_text(scene, rule)
    help = rule.help + (
        "\nIt stands in .env in plain text now: press Enter to move it into the store." if found else ""
    )
    return Question(
        _id(rule), rule.prompt or f"Value of {rule.variable.name}", "secret", found or (Secret("") if rule.variable.optional else None),
        help=help, optional=rule.variable.optional, needs=("secrets.store", "auth.host"),
        problem=lambda value: _problem(rule, value),
    )  # fmt: skip


def _written(scene: Scene, text: str) -> Iterable[Secret]:
    """What the file assigns to the names of secrets, whether or not that would do; of a value in lines each line too."""
    names = {r.variable.name for r in scene.blueprint.rules if r.variable.secret}
    for a in dotenv.assignments(text):
        if a.name in names:
            yield from (Secret(part) for part in {a.value, *a.value.splitlines()} if part.strip())


def _in_plain_text(scene: Scene, rule: Rule) -> Secret | None:
    if not scene.world.trusted:
        return None
    found = [a.value for a in dotenv.assignments(read_text(scene, ".env")) if a.name == rule.variable.name]
    return Secret(found[-1]) if found and found[-1] and _problem(rule, Secret(found[-1])) is None else None


def _problem(rule: Rule, value: Value) -> str | None:
    text = value.reveal() if isinstance(value, Secret) else str(value)
    if any(c in text for c in "\r\n\x00"):
        return f"{rule.variable.name} has a line break in it; copy it again, in one line."
    if rule.variable.match and not re.search(rule.variable.match, text):
        return f"This does not look like the {rule.prompt or rule.variable.name}. {rule.help}"
    return None


def _is_kept(scene: Scene, answers: Answers, rule: Rule) -> bool:
    return answers.secret(_id(rule)) is None and login.kept(scene, answers, rule.variable.name) is not None


def _keep(scene: Scene, answers: Answers, rule: Rule) -> Iterable[Change]:
    given = answers.secret(_id(rule))
    old = login.kept(scene, answers, rule.variable.name)
    if given is not None and given != old:
        store = answers.text("secrets.store")
        title = next((s.title for s in scene.stores() if s.name == store), store)
        service = login.entry(answers.text("auth.host"), rule.variable.name)
        yield KeepSecret(store, service, given, replaces=old is not None, store_title=title)


def _comments(scene: Scene, answers: Answers) -> Mapping[str, str]:
    """One comment line for each secret; never an assignment, not even an empty one: `load_dotenv(override=True)` blanks it."""
    where = store_words(answers.text("secrets.store"))
    return {
        r.variable.name: f"# {r.variable.name}: a secret. Its place is {where}, never this file; `mlops-wizard run -- COMMAND` provides it."
        for r in scene.blueprint.rules if r.variable.secret
    }  # fmt: skip


def _ignore(scene: Scene) -> Iterable[Change]:
    """Git is asked, not the text: of public `.gitignore` files that mention `.env`, many still do not ignore it."""
    if scene.world.stat(".git") is None or scene.world.run("git", "check-ignore", "--no-index", "-q", ".env").code != 1:
        return
    before = read_bytes(scene, ".gitignore")
    text = (before or b"").decode("utf-8", "surrogateescape")
    end = "\r\n" if "\r\n" in text else "\n"
    gap = end if text and not text.endswith("\n") else ""
    after = f"{text}{gap}.env{end}".encode("utf-8", "surrogateescape")
    yield EditFile.between(os.path.join(scene.root, ".gitignore"), before, after, name=".gitignore")
