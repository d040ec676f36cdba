"""What is missing is added; what a person wrote stays, byte for byte."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devcontainer.jsonc import JsoncError, parse
from devcontainer.lint import leaks
from devcontainer.merge import Merged, Note, merge, old_shapes
from devcontainer.render import python_project, render
from devcontainer.spec import Build, Spec
from devcontainer.tree import read

EXPECTED = Path(__file__).parent / "expected"
IMAGE = "mcr.microsoft.com/devcontainers/python:3.12"
KEPT = "yours differs from what mlops-wizard would write; yours is kept"
GUIDE_004 = replace(
    python_project(
        "DatabricksAutomation",
        "3.12",
        packages=["databricks-connect==17.3.*"],
        modules=["src/modules"],
        extensions=["ms-python.python", "ms-python.vscode-pylance"],
        secrets={"DATABRICKS_TOKEN": "kept in your keyring"},
    ),
    features={"ghcr.io/devcontainers/features/azure-cli:1": {}},
)
BEFORE = (EXPECTED / "guide-004-before.jsonc").read_text(encoding="utf-8")


def spec(**fields: object) -> Spec:
    return Spec(name="x", image=IMAGE, **fields)  # type: ignore[arg-type]


def merged(document: object, **fields: object) -> tuple[object, tuple[Note, ...]]:
    """The merged value of a document that has name and image already, without them; and the notes."""
    assert isinstance(document, dict)
    result = merge(json.dumps({"name": "mine", "image": IMAGE, **document}), spec(**fields))
    value = parse(result.text)
    assert isinstance(value, dict)
    assert (value.pop("name"), value.pop("image")) == ("mine", IMAGE)
    return value, result.notes


@pytest.mark.parametrize("modernise", [False, True], ids=["as it is", "modernised"])
def test_the_file_of_guide_004_keeps_its_comments_and_gets_what_is_missing(modernise: bool) -> None:
    name = "guide-004-modern.jsonc" if modernise else "guide-004-merged.jsonc"
    result = merge(BEFORE, GUIDE_004, modernise=modernise)
    assert result.text == (EXPECTED / name).read_text(encoding="utf-8")
    assert merge(result.text, GUIDE_004, modernise=modernise).text == result.text
    comments = [BEFORE[start:end] for start, end in read(BEFORE).comments]
    assert [comment for comment in comments if comment not in result.text] == (["// !"] if modernise else [])
    assert [leak.path for leak in leaks(result.text)] == ([] if modernise else [("runArgs", 1)])


def test_the_notes_say_what_is_old_and_what_was_kept() -> None:
    notes = merge(BEFORE, GUIDE_004).notes
    origin = Note("build", f"where your container comes from is kept; mlops-wizard would use {IMAGE}")
    assert notes == (*old_shapes(BEFORE), origin)
    assert [note.what for note in notes] == [
        "extensions at the top level",
        "settings at the top level",
        "the setting python.pythonPath",
        "--env-file in runArgs",
        "build",
    ]
    assert [note.what for note in merge(BEFORE, GUIDE_004, modernise=True).notes] == [
        "extensions at the top level",
        "settings at the top level",
        "the setting python.pythonPath",
        "--env-file in runArgs",
        "runArgs",
        "build",
    ]


def test_line_ends_byte_order_mark_and_a_missing_last_newline_stay() -> None:
    text = "\ufeff" + BEFORE.rstrip("\n").replace("\n", "\r\n")
    expected = (EXPECTED / "guide-004-merged.jsonc").read_text(encoding="utf-8")
    assert merge(text, GUIDE_004).text == "\ufeff" + expected.rstrip("\n").replace("\n", "\r\n")


def test_what_was_rendered_is_complete() -> None:
    assert merge(render(GUIDE_004), GUIDE_004) == Merged(render(GUIDE_004), ())
    assert merge(render(GUIDE_004), GUIDE_004, modernise=True) == Merged(render(GUIDE_004), ())


def test_an_empty_object_becomes_the_whole_file() -> None:
    assert parse(merge("{}", GUIDE_004).text) == parse(render(GUIDE_004))


# (fields of the Spec, the file, the file after, notes)
CASES: list[tuple[dict[str, object], dict[str, object], dict[str, object], list[Note]]] = [
    # extensions: no case, no version, and the file may opt out
    ({"extensions": ("a.b", "C.d", "e.f@1.2", "g.h")},
     {"customizations": {"vscode": {"extensions": ["A.B", "c.d@2", "-g.h"]}}},
     {"customizations": {"vscode": {"extensions": ["A.B", "c.d@2", "-g.h", "e.f@1.2"]}}},
     [Note("customizations.vscode.extensions", "g.h is not added: the file opts out of it")]),
    ({"extensions": ("a.b",)}, {"customizations": {"vscode": {"extensions": "a.b"}}},
     {"customizations": {"vscode": {"extensions": "a.b"}}},
     [Note("customizations.vscode.extensions", "expected an array, found text; it is left, and nothing is added there")]),
    ({"extensions": ("a.b",)}, {"customizations": []}, {"customizations": []},
     [Note("customizations", "expected an object, found an array; it is left, and nothing is added there")]),
    ({"extensions": ("a.b",)}, {"customizations": {"codespaces": {}}},
     {"customizations": {"codespaces": {}, "vscode": {"extensions": ["a.b"]}}}, []),
    # settings
    ({"settings": {"a": 1, "b": 2}}, {"customizations": {"vscode": {"settings": {"a": 1.0, "b": 3}}}},
     {"customizations": {"vscode": {"settings": {"a": 1.0, "b": 3}}}}, [Note("customizations.vscode.settings.b", KEPT)]),
    ({"settings": {"python.analysis.extraPaths": ["src"], "other": ["src"]}},
     {"customizations": {"vscode": {"settings": {"python.analysis.extraPaths": ["lib"], "other": ["lib"]}}}},
     {"customizations": {"vscode": {"settings": {"python.analysis.extraPaths": ["lib", "src"], "other": ["lib"]}}}},
     [Note("customizations.vscode.settings.other", KEPT)]),
    ({"settings": {"python.analysis.extraPaths": ["src"]}},
     {"customizations": {"vscode": {"settings": {"python.analysis.extraPaths": "lib"}}}},
     {"customizations": {"vscode": {"settings": {"python.analysis.extraPaths": "lib"}}}},
     [Note('customizations.vscode.settings."python.analysis.extraPaths"',
           "expected an array, found text; it is left, and nothing is added there")]),
    # features: the version does not make another Feature
    ({"features": {"ghcr.io/x/y:2": {}, "./local": {"a": True}}}, {"features": {"ghcr.io/X/y:1": {"z": "1"}}},
     {"features": {"ghcr.io/X/y:1": {"z": "1"}, "./local": {"a": True}}}, [Note('features."ghcr.io/X/y:1"', KEPT)]),
    ({"features": {"localhost:5000/x/y:2": {}}}, {"features": {"localhost:5000/x/y@sha256:00": {}, "localhost:5000/x/z": {}}},
     {"features": {"localhost:5000/x/y@sha256:00": {}, "localhost:5000/x/z": {}}}, []),
    ({"features": {"./a": {}}}, {"features": ["./a"]}, {"features": ["./a"]},
     [Note("features", "expected an object, found an array; it is left, and nothing is added there")]),
    # variables: whichever of the two sets one
    ({"remote_env": {"A": "1", "B": "2"}, "container_env": {"C": "3"}}, {"containerEnv": {"A": "x"}, "remoteEnv": {"C": "3"}},
     {"containerEnv": {"A": "x"}, "remoteEnv": {"C": "3", "B": "2"}}, [Note("containerEnv.A", KEPT)]),
    ({"remote_env": {"A": "1"}}, {"remoteEnv": None}, {"remoteEnv": None},
     [Note("remoteEnv", "expected an object, found null; it is left, and nothing is added there")]),
    # secrets, ports, requirements
    ({"secrets": {"A_TOKEN": "one", "B": ""}}, {"secrets": {"A_TOKEN": {"description": "mine"}}},
     {"secrets": {"A_TOKEN": {"description": "mine"}, "B": {}}}, [Note("secrets.A_TOKEN", KEPT)]),
    ({"forward_ports": (8888, "db:1"), "ports_attributes": {"8888": {"label": "x"}}}, {"forwardPorts": [1, 8888]},
     {"forwardPorts": [1, 8888, "db:1"], "portsAttributes": {"8888": {"label": "x"}}}, []),
    ({"host_requirements": {"cpus": 2, "memory": "8gb"}}, {"hostRequirements": {"cpus": 4}},
     {"hostRequirements": {"cpus": 4, "memory": "8gb"}}, [Note("hostRequirements.cpus", KEPT)]),
    # mounts: by where they appear
    ({"mounts": ("source=c,target=/cache,type=volume", {"source": "d", "target": "/d/"}, "odd")},
     {"mounts": [{"source": "mine", "target": "/cache"}, "type=bind,source=x,dst=/d"]},
     {"mounts": [{"source": "mine", "target": "/cache"}, "type=bind,source=x,dst=/d", "odd"]},
     [Note("mounts", f"the mount at /cache: {KEPT}"), Note("mounts", f"the mount at /d: {KEPT}")]),
    # runArgs: option by option
    ({"run_args": ("--init", "--tmpfs", "/run/x", "-v", "/a:/a")}, {"runArgs": ["--tmpfs=/run/x", "-v", "/b:/b"]},
     {"runArgs": ["--tmpfs=/run/x", "-v", "/b:/b", "--init", "-v", "/a:/a"]}, []),
    ({"run_args": ("--init",)}, {"runArgs": {}}, {"runArgs": {}},
     [Note("runArgs", "expected an array, found an object; it is left, and nothing is added there")]),
    # the command after creation
    ({"post_create": "ours"}, {"postCreateCommand": {"mine": "x"}}, {"postCreateCommand": {"mine": "x", "mlops-wizard": "ours"}}, []),
    ({"post_create": "ours"}, {"postCreateCommand": {"mine": "ours"}}, {"postCreateCommand": {"mine": "ours"}}, []),
    ({"post_create": "ours"}, {"postCreateCommand": {"mlops-wizard": "x"}}, {"postCreateCommand": {"mlops-wizard": "x"}},
     [Note("postCreateCommand.mlops-wizard", KEPT)]),
    ({"post_create": {"a": "x", "b": ("y",)}}, {"postCreateCommand": {"a": "z"}}, {"postCreateCommand": {"a": "z", "b": ["y"]}},
     [Note("postCreateCommand.a", KEPT)]),
    ({"post_create": ("ours",)}, {"postCreateCommand": "mine"}, {"postCreateCommand": "mine"},
     [Note("postCreateCommand", "yours is kept, so what mlops-wizard would install is not: "
           "make it an object of named commands, and it is added beside yours")]),
    # who one is
    ({"remote_user": "vscode"}, {}, {"remoteUser": "vscode"}, []),
    ({"remote_user": "vscode"}, {"remoteUser": "root"}, {"remoteUser": "root"}, [Note("remoteUser", KEPT)]),
    ({"remote_user": "vscode"}, {"containerUser": "me"}, {"containerUser": "me"}, [Note("containerUser", KEPT)]),
    # nothing is asked for, nothing happens
    ({}, {"whatever": [1, {"you": "like"}]}, {"whatever": [1, {"you": "like"}]}, []),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "before", "after", "notes"), CASES)
def test_only_what_is_missing_is_added(
    fields: dict[str, object], before: dict[str, object], after: dict[str, object], notes: list[Note]
) -> None:
    assert merged(before, **fields) == (after, tuple(notes))
    assert merged(after, **fields)[0] == after


def test_additions_go_where_the_file_keeps_its_extensions_and_settings() -> None:
    fields = {"extensions": ("a.b", "c.d"), "settings": {"s": 1, "t": 2}}
    old = {"extensions": ["a.b"], "settings": {"s": 1}}
    after, notes = merged(old, **fields)
    assert after == {"extensions": ["a.b", "c.d"], "settings": {"s": 1, "t": 2}}
    assert [note.what for note in notes] == ["extensions at the top level", "settings at the top level"]
    both = {**old, "customizations": {"vscode": {"extensions": [], "settings": {}}}}
    after, _ = merged(both, **fields)
    assert after == {**old, "customizations": {"vscode": {"extensions": ["c.d"], "settings": {"t": 2}}}}


@pytest.mark.parametrize(
    ("origin", "what"),
    [
        ({"image": "debian"}, "image"),
        ({"build": {"dockerfile": "Dockerfile"}}, "build"),
        ({"dockerFile": "Dockerfile"}, "dockerFile"),
        ({"dockerComposeFile": "x.yml", "service": "app"}, "dockerComposeFile"),
        ({"image": None}, "image"),
    ],
)
def test_a_container_from_elsewhere_stays_and_gets_no_user_that_it_may_not_have(
    origin: dict[str, object], what: str
) -> None:
    result = merge(json.dumps({"name": "mine", **origin}), spec(remote_user="vscode", run_args=("--init",)))
    value = parse(result.text)
    compose = "dockerComposeFile" in origin
    assert value == {"name": "mine", **origin, **({} if compose else {"runArgs": ["--init"]})}
    elsewhere = Note(what, f"where your container comes from is kept; mlops-wizard would use {IMAGE}")
    user = Note("remoteUser", "not added: your own image may have no user vscode; add it if it has")
    run_args = Note("runArgs", "not added: compose does not read them; put the options into the compose file")
    assert result.notes == ((elsewhere, run_args, user) if compose else (elsewhere, user))


def test_a_build_is_added_where_there_is_no_container_yet() -> None:
    built = Spec(name="x", build=Build("Dockerfile", args={"A": "1"}), remote_user="me")
    after = {"name": "x", "build": {"dockerfile": "Dockerfile", "args": {"A": "1"}}, "remoteUser": "me"}
    assert parse(merge("{}", built).text) == after
    assert merge(json.dumps(after), built).notes == ()
    assert [note.what for note in merge('{"build": {"dockerfile": "other"}}', built).notes] == ["build", "remoteUser"]


def test_with_consent_an_old_image_is_replaced() -> None:
    text = '{"name": "x", "image": "mcr.microsoft.com/vscode/devcontainers/python:0-3.8" /* old */}'
    assert merge(text, spec(), modernise=True) == Merged(
        f'{{"name": "x", "image": "{IMAGE}" /* old */}}',
        (Note("image", f"the old image is no longer updated; it is {IMAGE} now"),),
    )
    assert merge(text, spec()).text == text


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "{'a': 1}", '{"a": 1, "a": 2}'])
def test_what_is_no_jsonc_object_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(JsoncError, match="line 1, column "):
        merge(text, spec())


def test_a_spec_that_would_leak_is_not_merged() -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        merge("{}", spec(container_env={"A_TOKEN": "${localEnv:A_TOKEN}"}))


def test_no_note_repeats_a_value() -> None:
    text = json.dumps(
        {"image": "x", "remoteEnv": {"A": "hunter2"}, "postCreateCommand": "hunter2", "remoteUser": "hunter2"}
    )
    notes = merge(text, spec(remote_env={"A": "1"}, post_create="x", remote_user="y"), modernise=True).notes
    assert len(notes) == 4
    assert "hunter2" not in repr(notes)


# --- properties -------------------------------------------------------------------------------------------------------

ODD: st.SearchStrategy[object] = (
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["", "x", "a.b"]) | st.just([]) | st.just({})
)
WORDS = st.sampled_from(["a.b", "A.B", "c.d", "-c.d", "--env-file", ".env", "--env-file=.env", "--init", "x"])
ARRAYS = st.lists(WORDS | ODD, max_size=4)
SETTINGS = st.dictionaries(st.sampled_from(["s", "t", "python.analysis.extraPaths"]), ODD | ARRAYS, max_size=3)
VSCODE = st.fixed_dictionaries({}, optional={"extensions": ARRAYS | ODD, "settings": SETTINGS | ODD})
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "name": ODD,
        "image": ODD | st.just("mcr.microsoft.com/vscode/devcontainers/python:0-3.8"),
        "build": ODD,
        "dockerComposeFile": ODD,
        "features": ODD | st.dictionaries(st.sampled_from(["./a", "g/x:1"]), ODD),
        "extensions": ARRAYS | ODD,
        "settings": SETTINGS | ODD,
        "customizations": ODD | st.fixed_dictionaries({}, optional={"vscode": VSCODE | ODD}),
        "remoteEnv": ODD | st.dictionaries(st.sampled_from("AB"), ODD),
        "containerEnv": ODD | st.dictionaries(st.sampled_from("AB"), ODD),
        "secrets": ODD,
        "mounts": ARRAYS | ODD,
        "runArgs": ARRAYS | ODD,
        "forwardPorts": ARRAYS | ODD,
        "postCreateCommand": ODD | ARRAYS | st.dictionaries(st.sampled_from(["a", "mlops-wizard"]), ODD),
        "remoteUser": ODD,
        "containerUser": ODD,
    },
)
FULL = Spec(
    name="x",
    image=IMAGE,
    features={"g/x:2": {}, "./b": {}},
    extensions=("a.b", "c.d"),
    settings={"s": 1, "python.analysis.extraPaths": ["src"]},
    container_env={"A": "1"},
    remote_env={"B": "2"},
    secrets={"S": "a secret"},
    mounts=("source=a,target=/a",),
    run_args=("--init", "--tmpfs", "/x"),
    forward_ports=(1, 8888),
    ports_attributes={"1": {"label": "x"}},
    post_create=("pip", "install", "x"),
    remote_user="vscode",
)


@given(DOCUMENTS, st.booleans(), st.sampled_from([None, 2, "\t"]))
def test_merging_never_crashes_loses_nothing_and_is_done_after_once(
    document: dict[str, object], modernise: bool, indent: int | str | None
) -> None:
    result = merge(json.dumps(document, indent=indent), FULL, modernise=modernise)
    assert merge(result.text, FULL, modernise=modernise).text == result.text
    after = parse(result.text)
    assert isinstance(after, dict)
    if not modernise:
        assert contains(after, document)


def contains(after: object, before: object) -> bool:
    """Whether everything of `before` is in `after`, at its place."""
    if isinstance(before, dict) and isinstance(after, dict):
        return all(key in after and contains(after[key], value) for key, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return after[: len(before)] == before
    return after == before
