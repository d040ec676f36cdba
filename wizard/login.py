"""Which credential the answers, or the store, give for a host; shared by the steps that ask the workspace."""

from __future__ import annotations

from wizard.answers import Answers
from wizard.host import place
from wizard.secret import Entry, Secret, StoreError
from wizard.step import Scene
from wizard.workspace import CloudError, Credential, Workspace

TOKEN = "DATABRICKS_TOKEN"  # noqa: S105  a name
CLIENT_SECRET = "DATABRICKS_CLIENT_SECRET"  # noqa: S105


def entry(host: str, name: str) -> str:
    """The store's entry for a secret of this workspace."""
    return Entry(place(host), name).service


def kept(scene: Scene, answers: Answers, name: str) -> Secret | None:
    """A secret of the answered host that the chosen store holds; None where the repo is not trusted yet."""
    host, store = answers.text("auth.host"), answers.text("secrets.store")
    if not host or not store or not scene.world.trusted:
        return None
    try:
        return scene.open_store(store).get(entry(host, name))
    except StoreError:
        return None  # the store's own question and checks tell what is wrong with it


def secret_name(answers: Answers) -> str:
    """The name of the secret that the chosen way to log in needs."""
    return CLIENT_SECRET if answers.text("auth.method") == "m2m" else TOKEN


def credential(scene: Scene, answers: Answers) -> Credential | None:
    """What was answered, else what is kept; None where there is neither."""
    m2m = answers.text("auth.method") == "m2m"
    secret = answers.secret("auth.client_secret" if m2m else "auth.token") or kept(scene, answers, secret_name(answers))
    if secret is None:
        return None
    return Credential("m2m" if m2m else "pat", secret, answers.text("auth.client_id") if m2m else "")


def workspace(scene: Scene, answers: Answers) -> Workspace:
    """The workspace, logged in to. Raises CloudError where there is nothing to log in with."""
    found = credential(scene, answers)
    if found is None:
        raise CloudError("There is no token for this workspace yet; answer auth.token first.", "refused")
    return scene.workspace(answers.text("auth.host"), found)
