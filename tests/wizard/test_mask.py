"""Known secrets do not get through a stream, however it is cut, and everything else does, unchanged and in time."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.run.mask import Mask, forms

TOKEN = "dapi0123456789abcdef/+x y"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"
MASKED = "•••".encode()


def through(values: list[str], *chunks: bytes) -> bytes:
    mask = Mask(values)
    return b"".join([*(mask.feed(chunk) for chunk in chunks), mask.finish()])


@given(st.data())
def test_a_value_does_not_get_through_however_the_stream_is_cut(data: st.DataObject) -> None:
    value = data.draw(
        st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=4, max_size=40)
    )
    before, after = data.draw(st.binary(max_size=30)), data.draw(st.binary(max_size=30))
    text = before + value.encode() + after
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    chunks = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    out = through([value], *chunks)
    assert MASKED in out
    assert value.encode() not in out or set(value) <= {"•"}


@given(st.lists(st.binary(max_size=50), max_size=10))
def test_what_holds_no_secret_comes_out_unchanged(chunks: list[bytes]) -> None:
    assert through(["a value that is not in there"], *chunks) == b"".join(chunks)


def test_a_value_that_comes_byte_by_byte_is_masked_once() -> None:
    text = f"x{TOKEN}y{TOKEN}".encode()
    assert through([TOKEN], *(text[at : at + 1] for at in range(len(text)))) == b"x" + MASKED + b"y" + MASKED


def test_a_value_cut_within_a_character_of_several_bytes_is_masked() -> None:
    value = "pässwörd€"
    text = value.encode()
    assert through([value], text[:2], text[2:9], text[9:]) == MASKED


@pytest.mark.parametrize(
    "shown",
    [
        base64.b64encode(TOKEN.encode()),
        base64.urlsafe_b64encode(TOKEN.encode()),
        quote(TOKEN).encode(),
        quote(TOKEN, safe="").encode(),
        quote_plus(TOKEN).encode(),
        TOKEN.encode().hex().encode(),
        f"{TOKEN[:10]}\n{TOKEN[10:]}".encode(),
        f"{TOKEN[:10]}\r\n{TOKEN[10:]}".encode(),
    ],
)
def test_its_encoded_and_wrapped_forms_are_masked(shown: bytes) -> None:
    assert through([TOKEN], b"<", shown, b">") in (b"<" + MASKED + b">", b"<" + MASKED + b"\n>")


@pytest.mark.parametrize("user", ["", "a", "to", "tok", "token"])
def test_it_is_masked_within_the_base64_of_a_longer_text(user: str) -> None:
    shown = base64.b64encode(f"{user}:{TOKEN}:more".encode())
    masked = through([TOKEN], shown)
    assert MASKED in masked
    assert len(masked.replace(MASKED, b"")) <= len(shown) - len(base64.b64encode(TOKEN.encode())) + 8


def test_a_key_of_several_lines_is_masked_whole_by_line_and_as_json() -> None:
    assert through([PEM], PEM.encode()) == MASKED + b"\n\n"
    assert through([PEM], b"    hkiG9w0BAQEFAASC\n") == b"    " + MASKED + b"\n"
    assert through([PEM], json.dumps({"key": PEM}).encode()) == b'{"key": "' + MASKED + b'\\n"}'
    assert through([PEM], PEM.replace("\n", "\r\n").encode()) == MASKED + b"\n\r\n"


def test_a_value_of_short_lines_is_masked_though_its_lines_come_one_by_one() -> None:
    assert through(["ab\ncd\nef"], b"ab\n", b"cd\n", b"ef\n") == MASKED + b"\n\n"


def test_a_short_value_is_masked_only_where_it_stands_alone() -> None:
    assert through(["abc"], b"pin: abc, cabc abcd abc") == b"pin: " + MASKED + b", cabc abcd " + MASKED
    assert through(["abc"], b"=a", b"b", b"c", b"\nxa", b"bc ") == b"=" + MASKED + b"\nxabc "


def test_a_secret_within_another_leaves_nothing_of_either() -> None:
    assert through(["abcd", "abcdefgh"], b"abcd", b"efgh") == MASKED
    assert through(["abcdef", "defghi"], b"abcdef", b"ghi") == MASKED
    assert through(["abcd", "abcdefgh"], b"abcd", b"xxxx") == MASKED + b"xxxx"


def test_only_what_may_be_the_beginning_of_a_value_is_held_back() -> None:
    mask = Mask(["dapi0123456789"])
    assert mask.feed(b"a line\n") == b"a line\n"
    assert mask.feed(b"ends in d\n") == b"ends in d\n"
    assert mask.feed(b"prompt dapi0") == b"prompt "
    assert mask.feed(b"9 no") == b"dapi09 no"


def test_endless_output_that_looks_like_a_beginning_is_not_kept_in_memory() -> None:
    mask = Mask(["aaaaaaaaaaaaaaaab"])
    assert len(b"".join(mask.feed(b"a" * 1000) for _ in range(50))) == 50_000 - len("aaaaaaaaaaaaaaaa")
    wrapped = Mask(["aaaaaaaaaaaaaaaab"])
    assert len(b"".join(wrapped.feed(b"aaaaaaaaa" + b"\n" * 1000) for _ in range(5))) > 4_000


def test_the_larger_half_of_a_value_that_the_end_cut_off_is_masked() -> None:
    assert through(["dapi0123456789abcdef"], b"x dapi0123456789abc") == b"x " + MASKED
    assert through(["dapi0123456789abcdef"], b"x dapi") == b"x dapi"
    assert through(["0123456789" * 5], b"0123456789" * 5 + b"\n") == MASKED + b"\n"


def test_forms_are_never_so_short_that_they_mask_ordinary_text() -> None:
    assert all(len(form) >= 8 for form in forms("abcd") - {b"abcd"})


def test_a_value_that_is_little_but_line_breaks_does_not_mask_single_letters() -> None:
    assert through(["\n\n\na"], b"an a banana") == b"an " + MASKED + b" banana"


def test_no_value_or_an_empty_one_masks_nothing() -> None:
    assert through([], b"abc") == b"abc"
    assert through([""], b"abc") == b"abc"
