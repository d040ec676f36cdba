"""Reading JSONC: what is accepted, what is refused, and where and why."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devcontainer.jsonc import JsoncError, parse
from devcontainer.tree import LIMIT, read

ACCEPTED = {
    "{}": {},
    "[]": [],
    '\ufeff{"a": 1}': {"a": 1},
    '// c\n{"a": 1, /* b */ "b": [1, 2,],} // end': {"a": 1, "b": [1, 2]},
    '{"a": "// no comment", "b": "/* neither */"}': {"a": "// no comment", "b": "/* neither */"},
    "[/**/1/***/,/* , */2]": [1, 2],
    "/* ' \" { */ [true, false, null]": [True, False, None],
    "[-0, 0.5, 1e3, 1E-2, 12345678901234567890]": [0, 0.5, 1000.0, 0.01, 12345678901234567890],
    '["\\u00e9\\n\\"\\\\\\/", "\\ud83d\\ude00", "é", "\x7f"]': ['é\n"\\/', "😀", "é", "\x7f"],
    '{"": {"a b": {}}}': {"": {"a b": {}}},
    '\r\n{\r\n\t"a":1\r\n}\r\n': {"a": 1},
    '"text"': "text",
    "7 // only a number\n": 7,
    '{"a": 1 // no comma, then a comment\n}': {"a": 1},
}

VALUE = "a value (text in double quotes, a number, true, false, null, { or [)"
BAD_NUMBER = "a number that JSON does not know (like 0x1f, 01, +1, .5, 1.)"
ESCAPES = (
    'expected one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0000 behind a backslash; '
    "in a Windows path write each backslash twice"
)
# text -> (message, line, column)
REFUSED = {
    "": (f"expected {VALUE}, found the end of the file", 1, 1),
    "// nothing\n": (f"expected {VALUE}, found the end of the file", 2, 1),
    "{": ("expected } before the end of the file, for the { of line 1, column 1", 1, 2),
    '{\n  "a": [1,\n': ("expected ] before the end of the file, for the [ of line 2, column 8", 3, 1),
    '{"a"': ("expected } before the end of the file, for the { of line 1, column 1", 1, 5),
    '{"a":': (f"expected {VALUE}, found the end of the file", 1, 6),
    "{} x": ("expected the end of the file behind the last bracket, found a word without quotes", 1, 4),
    "{}}": ("expected the end of the file behind the last bracket, found '}'", 1, 3),
    "{'a': 1}": ("expected a name in double quotes or }, found a single quote (JSON takes double quotes)", 1, 2),
    "{a: 1}": ("expected a name in double quotes or }, found a word without quotes", 1, 2),
    "{,}": ("expected a name in double quotes or }, found ','", 1, 2),
    '{"a": 1,, "b": 2}': ("expected a name in double quotes or }, found ','", 1, 9),
    "[,]": (f"expected {VALUE}, or ], found ','", 1, 2),
    "[1}": ("expected a comma or ], found '}'", 1, 3),
    "[1 2]": ("expected a comma or ], found a number", 1, 4),
    "[1 true]": ("expected a comma or ], found true", 1, 4),
    '{\n"a": 1\n"b": 2}': (
        "expected a comma or }, found text in double quotes (is a comma missing before it?)",
        3,
        1,
    ),
    '{"a" 1}': ('expected a colon behind the name "a", found a number', 1, 6),
    '{"a" = 1}': ("expected a colon behind the name \"a\", found '='", 1, 6),
    "[01]": (f"expected {VALUE}, or ], found {BAD_NUMBER}", 1, 2),
    "[+1]": (f"expected {VALUE}, or ], found {BAD_NUMBER}", 1, 2),
    "[.5]": (f"expected {VALUE}, or ], found {BAD_NUMBER}", 1, 2),
    "[1.]": (f"expected {VALUE}, or ], found {BAD_NUMBER}", 1, 2),
    "[0x1f]": (f"expected {VALUE}, or ], found {BAD_NUMBER}", 1, 2),
    "[NaN]": (f"expected {VALUE}, or ], found NaN, which is not JSON", 1, 2),
    "[-Infinity]": (f"expected {VALUE}, or ], found -Infinity, which is not JSON", 1, 2),
    '{"a": True}': (f"expected {VALUE}, found True, which is not JSON", 1, 7),
    '{"a": dapi0123}': (f"expected {VALUE}, found a word without quotes", 1, 7),
    "[\u00a01]": (f"expected {VALUE}, or ], found the character U+00A0", 1, 2),
    "[\x0c1]": (f"expected {VALUE}, or ], found the character U+000C", 1, 2),
    "[\x1b[31m]": (f"expected {VALUE}, or ], found the character U+001B", 1, 2),
    '# hello\n{"a": 1}': (f"expected {VALUE}, found a # (a comment starts with // here)", 1, 1),
    '{"a": 1, # guide 004\n}': (
        "expected a name in double quotes or }, found a # (a comment starts with // here)",
        1,
        10,
    ),
    "/* open": ("this comment is not closed; expected */", 1, 1),
    "[1 / 2]": ("expected a comment, // or /*, found a single /", 1, 4),
    '"open': ('text in double quotes that is not closed; expected " on the same line', 1, 1),
    '{"a": "open\n}': ('text in double quotes that is not closed; expected " on the same line', 1, 7),
    '"ends in \\': ('text in double quotes that is not closed; expected " on the same line', 1, 1),
    '["C:\\work"]': (
        ESCAPES,
        1,
        5,
    ),
    '["\\u12"]': (
        ESCAPES,
        1,
        3,
    ),
    '["a\tb"]': ("the control character U+0009 in text; expected it as an escape, \\u0009", 1, 4),
    '{"a": 1,\r\n "a": 2}': (
        'the name "a" is here twice (first in line 1, column 2); expected each name once: delete one of them',
        2,
        2,
    ),
    '{"a": 1, "\\u0061": 2}': (
        'the name "a" is here twice (first in line 1, column 2); expected each name once: delete one of them',
        1,
        10,
    ),
    '{"\\u001b[2J": 1, "\\u001b[2J": 2}': (
        'the name "\\u001b[2J" is here twice (first in line 1, column 2); expected each name once: delete one of them',
        1,
        18,
    ),
    '\ufeff{"a": x}': (f"expected {VALUE}, found a word without quotes", 1, 7),
    "\ufeff\ufeff{}": (f"expected {VALUE}, found the character U+FEFF", 1, 1),
    "{}\rx": ("expected the end of the file behind the last bracket, found a word without quotes", 2, 1),
    "[" * (LIMIT + 1): (f"nested deeper than {LIMIT} brackets; expected a flatter file", 1, LIMIT + 1),
    '{"a":' * 100_000: (f"nested deeper than {LIMIT} brackets; expected a flatter file", 1, LIMIT * 5 + 1),
    "1" * 9_999: ("a number of 9999 digits; expected a shorter one", 1, 1),
}


@pytest.mark.parametrize("text", ACCEPTED, ids=repr)
def test_comments_trailing_commas_and_a_byte_order_mark_are_read(text: str) -> None:
    assert parse(text) == ACCEPTED[text]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text[:20]))
def test_what_is_refused_is_named_with_line_column_and_what_was_expected(text: str) -> None:
    message, line, column = REFUSED[text]
    with pytest.raises(JsoncError) as caught:
        parse(text)
    assert (caught.value.message, caught.value.line, caught.value.column) == (message, line, column)
    assert str(caught.value) == f"line {line}, column {column}: {message}"


def test_an_error_never_quotes_what_might_be_a_secret() -> None:
    secret = "dapi0123456789abcdef0123456789abcdef"
    for text in (
        f'{{"a": {secret}}}',
        f'{{"a": "{secret}',
        f'{{"{secret}": 1, "{secret}": 2}}',
        f'["{secret}" "{secret}"]',
    ):
        with pytest.raises(JsoncError) as caught:
            parse(text)
        assert secret not in str(caught.value) + repr(caught.value)


def test_the_deepest_file_allowed_is_read_from_a_deep_stack_too() -> None:
    text = "[" * LIMIT + "]" * LIMIT

    def dive(depth: int) -> object:
        return dive(depth - 1) if depth else parse(text)

    assert json.dumps(dive(300)) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
def test_strict_json_reads_as_the_standard_library_reads_it(
    value: object, indent: int | str | None, ascii: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii)
    assert repr(parse(text)) == repr(json.loads(text))


PIECES = st.sampled_from(
    [
        *"{}[],:\"\\/*\n\r\t '#+-.0e1",
        "//",
        "/*",
        "*/",
        "true",
        "null",
        "NaN",
        '"a"',
        '"a":',
        "\ufeff",
        "\\u00",
        "\ud800",
        "é",
    ]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=40).map("".join))
def test_any_text_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    line = column = 1
    try:
        parse(text)
    except JsoncError as error:
        line, column = error.line, error.column
    assert 1 <= line <= len(lines)
    assert 1 <= column <= len(lines[line - 1]) + 1


@given(st.lists(PIECES, max_size=30).map("".join))
def test_whatever_the_standard_library_reads_is_read_the_same(text: str) -> None:
    def no_constants(name: str) -> object:
        raise ValueError(name)

    def no_twins(pairs: list[tuple[str, object]]) -> object:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("twins")
        return dict(pairs)

    try:
        expected = json.loads(text, parse_constant=no_constants, object_pairs_hook=no_twins)
    except ValueError:
        return
    assert repr(parse(text)) == repr(expected)


def test_a_number_beyond_every_float_is_read_as_everybody_reads_it() -> None:
    assert parse("[1e999]") == [math.inf]


def test_a_tree_knows_where_each_value_stands() -> None:
    text = '{"a": [1, {"b": "x"}], // c\n"d": null}'
    tree = read(text)
    assert [(path, text[node.start : node.end]) for path, _, node in tree.walk()] == [
        ((), text),
        (("a",), '[1, {"b": "x"}]'),
        (("a", 0), "1"),
        (("a", 1), '{"b": "x"}'),
        (("a", 1, "b"), '"x"'),
        (("d",), "null"),
    ]
    assert [text[start:end] for start, end in tree.comments] == ["// c"]
    found = tree.find(("a", 1, "b"))
    assert found is not None
    assert tree.lines.place(found.start) == (1, 17)
    assert [tree.find(path) for path in (("a", 2), ("a", -1), ("a", "b"), ("d", "e"), (0,), ("a", 0, 0))] == [None] * 6
