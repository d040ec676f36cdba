"""Editing JSONC: the change is made, and every other byte stays."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from devcontainer.jsonc import JsoncError, Path, append, apply, delete, edit, edits, move, parse
from devcontainer.tree import LIMIT, read

TABS = (
    '{\n\t// What VS Code shows\n\t"name": "x", // the name\n\t"features": {\n\t\t"./node": {} // node\n\t},\n'
    '\t"list": [\n\t\t1, // one\n\t\t2 // two\n\t], // list\n\t"last": null // nothing behind\n\t// the end\n}\n'
)

# Each case: before, path, value, after.
EDITS: list[tuple[str, Path, object, str]] = [
    # into nothing
    ("{}", ("a",), 1, '{\n    "a": 1\n}'),
    ("{ }\n", ("a", "b"), 1, '{\n    "a": {\n        "b": 1\n    }\n}\n'),
    ("{\n}\n", ("a",), 1, '{\n    "a": 1\n}\n'),
    ("{\r\n}", ("a",), 1, '{\r\n    "a": 1\r\n}'),
    ("{ /* empty */ }", ("a",), 1, '{ /* empty */\n    "a": 1\n}'),
    ("{\n\t// none yet\n}", ("a",), 1, '{\n\t// none yet\n\t"a": 1\n}'),
    ("[]", (0,), "x", '[\n    "x"\n]'),
    ("\ufeff{}", ("a",), 1, '\ufeff{\n    "a": 1\n}'),
    # behind the last
    ('{"a": 1}', ("b",), [2, {"c": 3}], '{"a": 1, "b": [2, {"c": 3}]}'),
    ('{"a":1}', ("b",), [2, {"c": 3}], '{"a":1,"b":[2,{"c":3}]}'),
    ('{ "a" : 1, }', ("b",), 2, '{ "a" : 1, "b" : 2, }'),
    ('{"a": 1 /* one */}', ("b",), 2, '{"a": 1 /* one */, "b": 2}'),
    ('{"a": 1 // one\n}', ("b",), 2, '{"a": 1, // one\n    "b": 2\n}'),
    ('{\n  "a": 1\n}', ("b",), 2, '{\n  "a": 1,\n  "b": 2\n}'),
    ('{\n  "a": 1,\n}', ("b",), 2, '{\n  "a": 1,\n  "b": 2,\n}'),
    (
        '{\r\n\t"a": 1 // one\r\n}\r\n',
        ("b",),
        {"c": []},
        '{\r\n\t"a": 1, // one\r\n\t"b": {\r\n\t\t"c": []\r\n\t}\r\n}\r\n',
    ),
    ('{\n  "a": 1 /* one\n  more */\n}', ("b",), 2, '{\n  "a": 1, /* one\n  more */\n  "b": 2\n}'),
    (
        '{\n "a": 1, // one, with a comma\n /* end */ }',
        ("b",),
        2,
        '{\n "a": 1, // one, with a comma\n "b": 2,\n /* end */ }',
    ),
    ('{"a": 1,\n "b": 2}', ("c",), 3, '{"a": 1,\n "b": 2,\n "c": 3}'),
    ("[1, 2,\n 3, 4\n]", (4,), 5, "[1, 2,\n 3, 4, 5\n]"),
    ('{\n  "a": {}\n}', ("a", "b"), 1, '{\n  "a": {\n    "b": 1\n  }\n}'),
    ('{"a": {}}', ("a", "b"), 1, '{"a": {"b": 1}}'),
    ('{"a": { /* none */ }}', ("a", "b"), 1, '{"a": { /* none */ "b": 1 }}'),
    # in the place of another
    ('{"a": 1, "b": 2}', ("a",), "é\n\ud800", '{"a": "é\\n\\ud800", "b": 2}'),
    ('{\n  "a": 1 // one\n}', ("a",), {"b": [1]}, '{\n  "a": {\n    "b": [1]\n  } // one\n}'),
    ('{\n  "a": [1, 2] // two\n}', ("a",), [1, 2, 3], '{\n  "a": [1, 2, 3] // two\n}'),
    ("// one\n1 // two\n", (), {"a": 1}, '// one\n{\n    "a": 1\n} // two\n'),
    (
        TABS,
        ("features", "./node", "version"),
        "22",
        TABS.replace("{} // node", '{\n\t\t\t"version": "22"\n\t\t} // node'),
    ),
    (TABS, ("features", "./new"), {}, TABS.replace("{} // node", '{}, // node\n\t\t"./new": {}')),
    (TABS, ("new",), True, TABS.replace("null // nothing behind", 'null, // nothing behind\n\t"new": true')),
    (TABS, ("list", 2), 3, TABS.replace("2 // two", "2, // two\n\t\t3")),
]

# Each case: before, path, after.
DELETIONS: list[tuple[str, Path, str]] = [
    ('{"a": 1}', ("a",), "{}"),
    ('{ "a": 1 }', ("a",), "{}"),
    ('{\n  "a": 1, // one\n}', ("a",), "{}"),
    ('{\n  // above\n  "a": 1 // one\n}', ("a",), "{\n  // above\n}"),
    ('{ "a": 1, "b": 2 }', ("a",), '{ "b": 2 }'),
    ('{ "a": 1, "b": 2 }', ("b",), '{ "a": 1 }'),
    ('{ "a": 1, "b": 2, }', ("b",), '{ "a": 1, }'),
    ("[1, 2, 3]", (1,), "[1, 3]"),
    ("[1, /* two */ 2, /* three */ 3]", (0,), "[/* two */ 2, /* three */ 3]"),
    ("[1 /* one */, 2]", (0,), "[2]"),
    ("[1, // one\n 2]", (1,), "[1 // one\n ]"),
    ('{\n  "a": 1, // one\n  // about b\n  "b": 2, // two\n  "c": 3 // three\n}', ("b",),
     '{\n  "a": 1, // one\n  // about b\n  "c": 3 // three\n}'),
    ('{\n  "a": 1, // one\n  "b": 2 // two\n}', ("b",), '{\n  "a": 1 // one\n}'),
    ('{\r\n  "a": 1,\r\n  "b": 2,\r\n}', ("b",), '{\r\n  "a": 1,\r\n}'),
    ('{\n  "a": 1\n, "b": 2\n, "c": 3\n}', ("b",), '{\n  "a": 1\n, "c": 3\n}'),
    ('{\n  "a": 1\n  // between\n  , "b": 2\n}', ("a",), '{\n  // between\n  "b": 2\n}'),
    ("[\n1\n,\n]", (0,), "[\n\n]"),
    (TABS, ("features", "./node"), TABS.replace('{\n\t\t"./node": {} // node\n\t}', "{}")),
    (TABS, ("list", 1), TABS.replace(", // one\n\t\t2 // two", " // one")),
    (TABS, ("list", 7), TABS),
    (TABS, ("name", "deeper"), TABS),
    (TABS, ("nothing",), TABS),
]  # fmt: skip

# Each case: before, path, values, after.
APPENDS: list[tuple[str, Path, list[object], str]] = [
    ('{"a": [1]}', ("a",), [1, 2, 2, 3], '{"a": [1, 2, 3]}'),
    ('{"a": [1]}', ("a",), [1.0], '{"a": [1]}'),
    ('{"a": [1]}', ("a",), [True, "1"], '{"a": [1, true, "1"]}'),
    ('{"a": []}', ("a",), [], '{"a": []}'),
    ("[\n\t1, // one\n]", (), [2, 3], "[\n\t1, // one\n\t2,\n\t3,\n]"),
    ('[\n  {"a": 1, "b": 2} // same, whatever the order\n]', (), [{"b": 2, "a": 1}],
     '[\n  {"a": 1, "b": 2} // same, whatever the order\n]'),
    ("{\n}", ("a", "b"), ["x", "x"], '{\n    "a": {\n        "b": ["x"]\n    }\n}'),
    (TABS, ("list",), [2, 3, 4], TABS.replace("2 // two", "2, // two\n\t\t3,\n\t\t4")),
]  # fmt: skip

OLD = """\
{
\t"name": "x",

\t// Set *default* settings.
\t/* Really. */
\t"settings": { // so
\t\t"a": 1, // one
\t}, // end of settings
\t"last": 1
}
"""


@pytest.mark.parametrize(("before", "path", "value", "after"), EDITS)
def test_a_value_is_set_in_the_style_of_the_file(before: str, path: Path, value: object, after: str) -> None:
    assert edit(before, path, value) == after
    assert edit(after, path, value) == after


@pytest.mark.parametrize(("before", "path", "after"), DELETIONS)
def test_a_value_goes_with_the_comment_behind_it_and_without_the_one_above(before: str, path: Path, after: str) -> None:
    assert delete(before, path) == after
    assert isinstance(path[-1], int) or delete(after, path) == after


@pytest.mark.parametrize(("before", "path", "values", "after"), APPENDS)
def test_only_missing_values_are_appended(before: str, path: Path, values: list[object], after: str) -> None:
    assert append(before, path, values) == after
    assert append(after, path, values) == after


def test_an_item_moves_with_its_comments() -> None:
    assert move(OLD, ("settings",), ("customizations", "vscode")) == (
        '{\n\t"name": "x",\n\n\t"last": 1,\n\t"customizations": {\n\t\t"vscode": {\n\t\t\t// Set *default* settings.\n'
        '\t\t\t/* Really. */\n\t\t\t"settings": { // so\n\t\t\t\t"a": 1, // one\n\t\t\t} // end of settings\n\t\t}\n\t}\n}\n'
    )
    assert move('{"a": {"b": 1}, "c": {}}', ("a", "b"), ("c",)) == '{"a": {}, "c": {"b": 1}}'
    assert move("[1]", (0,), ()) == "[\n    1\n]"
    assert move('{"a": [1, 2], "b": [3]}', ("a", 0), ("b",)) == '{"a": [2], "b": [3, 1]}'
    assert move('{"a": 1, // one\n "b": {"x": 2}}', ("a",), ("b",)) == ('{\n "b": {"x": 2,\n  "a": 1 // one\n }}')


def test_a_move_to_where_the_name_is_taken_or_from_nowhere_changes_nothing() -> None:
    text = '{"a": {"b": 1}, "b": 2}'
    assert move(text, ("b",), ("a",)) == text
    assert move(text, ("c",), ("a",)) == text


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ('{"a": 1}', ("a", "b"), "line 1, column 7: expected an object { … } at a, found a number"),
        ('{"a": null}', ("a", "b"), "line 1, column 7: expected an object { … } at a, found null"),
        ("[1]", ("a",), "line 1, column 1: expected an object { … } at the top level, found an array"),
        ('{"a": {}}', ("a", 0), "line 1, column 7: expected an array [ … ] at a, found an object"),
        ('{"a.b": [0]}', ("a.b", 2), 'line 1, column 9: expected an index from 0 to 1 at "a.b", found 2'),
        ('{"a": [0]}', ("a", -1), "line 1, column 7: expected an index from 0 to 1 at a, found -1"),
        ("{}", ("a", 1), "line 1, column 1: expected index 0 in an array that is not there yet, found 1"),
        ("{", ("a",), "line 1, column 2: expected } before the end of the file, for the { of line 1, column 1"),
    ],
)
def test_what_stands_in_the_way_is_named_with_its_place(text: str, path: Path, message: str) -> None:
    with pytest.raises(JsoncError) as caught:
        edit(text, path, 1)
    assert str(caught.value) == message


def test_append_and_move_name_what_stands_in_the_way_too() -> None:
    with pytest.raises(JsoncError) as caught:
        append('{"extensions": "ms-python.python"}', ("extensions",), ["a.b"])
    assert str(caught.value) == "line 1, column 16: expected an array [ … ] at extensions, found text"
    with pytest.raises(JsoncError) as caught:
        move('{"a": 1, "b": []}', ("a",), ("b",))
    assert str(caught.value) == "line 1, column 7: expected room for a at b, found an array"
    with pytest.raises(ValueError, match="cannot be moved into itself"):
        move('{"a": {}}', ("a",), ("a", "b"))
    with pytest.raises(ValueError, match="delete the file instead"):
        delete("{}", ())


@pytest.mark.parametrize("value", [object(), b"bytes", {1: 2}, {"a": {1, 2}}, float("nan"), float("inf")])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        edit("{}", ("a",), value)


def test_a_value_too_deep_to_be_read_again_is_refused() -> None:
    deep: object = []
    for _ in range(LIMIT - 2):
        deep = [deep]
    assert parse(edit("{}", ("a",), deep)) == {"a": deep}
    with pytest.raises(ValueError, match="nests deeper than 100 brackets"):
        edit("{}", ("a",), [deep])
    with pytest.raises(ValueError, match="nests deeper"):
        edit("{}", ("a",) * (LIMIT + 1), 1)
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="nests deeper"):
        edit("{}", ("a",), loop)


def test_mappings_and_tuples_are_written_as_objects_and_arrays() -> None:
    class Frozen(Mapping[str, int]):
        def __getitem__(self, key: str) -> int:
            return {"b": 1}[key]

        def __iter__(self):  # type: ignore[no-untyped-def]
            return iter(["b"])

        def __len__(self) -> int:
            return 1

    assert parse(edit("{}", ("a",), (Frozen(), ("x",)))) == {"a": [{"b": 1}, ["x"]]}


def test_splices_that_overlap_are_refused() -> None:
    assert apply("abc", [(2, 3, "C"), (0, 1, "A"), (1, 1, "-")]) == "A-bC"
    with pytest.raises(ValueError, match="overlap"):
        apply("abc", [(0, 2, ""), (1, 3, "")])


@pytest.mark.parametrize("separator", ["\n    ", " "], ids=["on lines", "on one line"])
def test_a_megabyte_is_edited(separator: str) -> None:
    """No clock here: were anything quadratic, this would take minutes."""
    members = [f'"k{number}": "some text to fill the line" /* c */' for number in range(20_000)]
    text = "{" + separator + ("," + separator).join(members) + "}"
    after = append(delete(edit(text, ("new",), 1), ("k5",)), ("array",), list(range(2_000)))
    value = parse(text)
    assert isinstance(value, dict)
    del value["k5"]
    assert parse(after) == {**value, "new": 1, "array": list(range(2_000))}


# --- properties -------------------------------------------------------------------------------------------------------

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from([0.5, -1e30]) | st.text(max_size=3)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcde"), inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from("abcde"), JSON, min_size=1, max_size=3)
BLANK = st.sampled_from(
    ["", " ", "  ", "\t", "\n", "\r\n", "\n  ", "\n\t", " // note\n", "/* x */", " /* {\n, */ ", "\n// own, line\n    "]
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Any value, written by somebody with no taste at all."""
    numbers = iter(range(10_000))

    def gap() -> str:
        return draw(BLANK).replace("x", f"x{next(numbers)}").replace("note", f"note {next(numbers)}")

    def write(value: object) -> str:
        if isinstance(value, dict):
            parts = [f"{gap()}{_text(key)}{gap()}:{gap()}{write(one)}{gap()}" for key, one in value.items()]
        elif isinstance(value, list):
            parts = [f"{gap()}{write(one)}{gap()}" for one in value]
        else:
            return _text(value)
        trailing: bool = draw(st.sampled_from([True, False]))
        comma = "," + gap() if parts and trailing else ""
        inside = ",".join(parts) + comma if parts else gap()
        return f"{{{inside}}}" if isinstance(value, dict) else f"[{inside}]"

    return draw(st.sampled_from(["", "\ufeff"])) + gap() + write(draw(JSON | OBJECTS | OBJECTS)) + gap()


def _text(value: object) -> str:
    return edit("0", (), value) if value != 0 or isinstance(value, bool) else "0"


@st.composite
def documents_and_paths(draw: st.DrawFn) -> tuple[str, Path]:
    """A document, and a path to one of its values or to one step below."""
    text = draw(documents())
    path, _, node = draw(st.sampled_from(list(read(text).walk())))
    if node.kind == "object" and draw(st.booleans()):
        path = (*path, *draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=2)))
    elif node.kind == "array" and draw(st.booleans()):
        path = (*path, len(node.items))
    return text, path


def expected_after(value: object, path: Path, new: object) -> object:
    """The model: what an edit means."""
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        assert isinstance(value, list)
        below = value[head] if head < len(value) else {}
        return [*value[:head], expected_after(below, rest, new), *value[head + 1 :]]
    assert isinstance(value, dict)
    return {**value, head: expected_after(value.get(head, {}), rest, new)}


def reachable(text: str, path: Path) -> bool:
    return all(
        node is None or node.kind == ("array" if isinstance(step, int) else "object")
        for node, step in ((read(text).find(path[:depth]), step) for depth, step in enumerate(path))
    )


def comments(text: str) -> list[str]:
    return [text[start:end] for start, end in read(text).comments]


@given(documents_and_paths(), JSON)
def test_an_edit_does_what_it_says_and_splices_nothing_else(case: tuple[str, Path], new: object) -> None:
    text, path = case
    assume(reachable(text, path))
    before = parse(text)
    there = read(text).find(path)
    splices = edits(text, path, new)
    after = apply(text, splices)
    assert repr(parse(after)) == repr(expected_after(copy.deepcopy(before), path, new)) or parse(after) == before
    assert parse(after) == expected_after(before, path, new)
    if there is None:
        assert all(not text[start:end].strip() for start, end, _ in splices)
        assert comments(after) == comments(text)
        assert len(text.removeprefix("\ufeff")) == 0 or after.startswith("\ufeff") == text.startswith("\ufeff")
    else:
        assert [splice[:2] for splice in splices] in ([], [(there.start, there.end)])
    assert edit(after, path, new) == after


@given(documents_and_paths())
def test_a_deletion_leaves_everything_else(case: tuple[str, Path]) -> None:
    text, path = case
    assume(path)
    tree, after = read(text), delete(text, path)
    there = tree.find(path)
    if there is None:
        assert after == text
        return
    value = copy.deepcopy(parse(text))
    box = value
    for step in path[:-1]:
        box = box[step]  # type: ignore[index]
    del box[path[-1]]  # type: ignore[attr-defined]
    assert parse(after) == value
    kept = iter(comments(text))
    assert all(comment in kept for comment in comments(after))
    # Comments on lines of their own outside the value are never lost.
    start = next(item.start for _, item, node in tree.walk() if item and node.start == there.start)
    own = [text[a:b] for a, b in tree.comments if not start < a < there.end and text[:a].endswith("\n")]
    assert [comment for comment in own if "own, line" in comment and comment not in after] == []


@given(documents(), st.lists(JSON, max_size=4))
def test_appending_adds_each_missing_value_once_and_loses_nothing(text: str, values: list[object]) -> None:
    tree = read(text)
    arrays = [path for path, _, node in tree.walk() if node.kind == "array"]
    assume(arrays)
    after = append(text, arrays[-1], values)
    box, old = read(after).find(arrays[-1]), tree.find(arrays[-1])
    assert box is not None
    assert old is not None
    now, was = box.value, old.value
    assert isinstance(now, list)
    assert isinstance(was, list)
    assert now[: len(was)] == was
    assert all(value in now for value in values)
    assert comments(after) == comments(text)
    assert append(after, arrays[-1], values) == after


@given(documents(), st.sampled_from([("new",), ("new", "er"), ()]), st.randoms(use_true_random=False))
def test_a_move_keeps_the_value_and_every_comment(text: str, into: tuple[str, ...], random: Random) -> None:
    members = [(path, node) for path, _, node in read(text).walk() if path and isinstance(path[-1], str)]
    members = [(path, node) for path, node in members if read(text).find((*into, path[-1])) is None]
    assume(members and read(text).root.kind == "object")
    path, node = random.choice(members)
    after = move(text, path, into)
    moved = read(after).find((*into, path[-1]))
    assert moved is not None
    assert moved.value == node.value
    assert read(after).find(path) is None
    assert sorted("".join(comment.split()) for comment in comments(after)) == sorted(
        "".join(comment.split()) for comment in comments(text)
    )
