"""DBFS over a real folder, and the tree of workspace folders."""

from __future__ import annotations

import base64
import io

import aiohttp
import pytest

from tests.sandbox_api import Api

D = "/api/2.0/dbfs"
W = "/api/2.0/workspace"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def names(api: Api, path: str) -> list[str]:
    return [each["path"] for each in (await api.get(f"{D}/list", path=path))[1]["files"]]


async def test_the_root_has_the_usual_folders_and_a_small_table(api: Api) -> None:
    status, root = await api.get(f"{D}/get-status", path="/")
    assert (status, root["path"], root["is_dir"], root["file_size"]) == (200, "/", True, 0)
    assert await names(api, "dbfs:/") == ["/FileStore", "/databricks-datasets", "/mnt", "/tmp", "/user"]
    assert await names(api, "/databricks-datasets/sandbox") == ["/databricks-datasets/sandbox/trips.csv"]


async def test_a_file_is_put_read_listed_and_deleted(api: Api) -> None:
    assert await api.post(f"{D}/put", path="dbfs:/tmp/a/b.txt", contents=b64(b"hello")) == (200, {})
    assert (api.workspace.files / "tmp" / "a" / "b.txt").read_bytes() == b"hello"
    assert await api.get(f"{D}/read", path="/tmp/a/b.txt") == (200, {"bytes_read": 5, "data": b64(b"hello")})
    piece = {"bytes_read": 2, "data": b64(b"el")}
    assert await api.get(f"{D}/read", path="/tmp/a/b.txt", offset="1", length="2") == (200, piece)
    assert await names(api, "/tmp/a/b.txt") == ["/tmp/a/b.txt"]
    assert await api.post(f"{D}/delete", path="/tmp/a/b.txt") == (200, {})
    assert await names(api, "/tmp/a") == []
    assert await api.post(f"{D}/delete", path="/tmp/a/b.txt") == (200, {})


async def test_a_file_is_replaced_only_when_told_so(api: Api) -> None:
    await api.post(f"{D}/put", path="/tmp/x", contents=b64(b"old"))
    status, error = await api.post(f"{D}/put", path="/tmp/x", contents=b64(b"new"))
    assert (status, error["error_code"]) == (400, "RESOURCE_ALREADY_EXISTS")
    assert await api.post(f"{D}/put", path="/tmp/x", contents=b64(b"new"), overwrite=True) == (200, {})
    assert (await api.get(f"{D}/read", path="/tmp/x"))[1]["data"] == b64(b"new")


@pytest.mark.parametrize("label", ["multipart/form-data", "application/octet-stream", "text/plain"])
@pytest.mark.parametrize("data", [b"", b"\x00\xff\r\n\r\n--\n\r", bytes(range(256)) * 8000, "ü\r".encode()])
async def test_a_form_uploads_as_the_legacy_cli_does(api: Api, label: str, data: bytes) -> None:
    """It labels the file itself as a form, and may send more than the mebibyte of a JSON body."""
    form = aiohttp.FormData({"path": "/tmp/form.bin", "overwrite": "True"})
    form.add_field("file", io.BytesIO(data), filename="form.bin", content_type=label)
    headers = {"Authorization": f"Bearer {api.token}"}
    async with api.http.post(f"{D}/put", data=form, headers=headers) as answer:
        assert (answer.status, await answer.json()) == (200, {})
    assert (api.workspace.files / "tmp" / "form.bin").read_bytes() == data, "not the same bytes"


@pytest.mark.parametrize(
    ("label", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\ncut off"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nno name\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n" * 30 + b"--x--\r\n"),
        ("application/x-www-form-urlencoded", b"\xff=\xff"),
        ("application/x-www-form-urlencoded", b"a=1&" * 30),
    ],
)
async def test_a_form_that_is_none_is_refused(api: Api, label: str, body: bytes) -> None:
    status, error = await api.call("POST", f"{D}/put", body, headers={"Content-Type": label})
    assert (status, error["message"]) == (400, "The form could not be read.")


async def test_a_file_is_filled_block_by_block_through_a_handle(api: Api) -> None:
    handle = (await api.post(f"{D}/create", path="/tmp/blocks"))[1]["handle"]
    for part in (b"one,", b"two"):
        assert await api.post(f"{D}/add-block", handle=handle, data=b64(part)) == (200, {})
    assert await api.post(f"{D}/close", handle=handle) == (200, {})
    assert (await api.get(f"{D}/read", path="/tmp/blocks"))[1]["data"] == b64(b"one,two")
    gone = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"No stream found for handle: {handle}"})
    assert await api.post(f"{D}/add-block", handle=handle, data="") == gone
    assert await api.post(f"{D}/close", handle=handle) == gone


async def test_a_block_has_at_most_a_mebibyte(api: Api) -> None:
    status, error = await api.post(f"{D}/put", path="/tmp/big", contents=b64(b"x" * (1024 * 1024 + 1)))
    assert (status, error["error_code"]) == (400, "MAX_BLOCK_SIZE_EXCEEDED")


@pytest.mark.parametrize("path", ["/../etc/passwd", "tmp", "/tmp/../../x", "dbfs:tmp", "/a/./b", "/nul\0"])
async def test_nothing_outside_the_folder_can_be_named(api: Api, path: str) -> None:
    for answer in (
        await api.get(f"{D}/get-status", path=path),
        await api.get(f"{D}/read", path=path),
        await api.post(f"{D}/put", path=path, contents=""),
        await api.post(f"{D}/mkdirs", path=path),
        await api.post(f"{D}/delete", path=path, recursive=True),
    ):
        assert (answer[0], answer[1]["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


async def test_a_folder_with_something_in_it_needs_recursive(api: Api) -> None:
    await api.post(f"{D}/put", path="/tmp/deep/file", contents="")
    status, error = await api.post(f"{D}/delete", path="/tmp/deep")
    assert (status, error["error_code"]) == (400, "IO_ERROR")
    assert await api.post(f"{D}/delete", path="/tmp/deep", recursive=True) == (200, {})
    assert (await api.get(f"{D}/get-status", path="/tmp/deep"))[0] == 404
    assert (await api.post(f"{D}/delete", path="/", recursive=True))[0] == 400


async def test_a_mount_is_unlinked_and_what_it_leads_to_stays(api: Api) -> None:
    elsewhere = api.workspace.files.parent / "store"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept")
    (api.workspace.files / "mnt" / "raw").symlink_to(elsewhere)
    assert await names(api, "/mnt/raw") == ["/mnt/raw/kept"]
    assert await api.post(f"{D}/delete", path="/mnt/raw", recursive=True) == (200, {})
    assert (elsewhere / "kept").read_text() == "kept"


async def test_a_file_in_the_way_of_a_folder_is_said(api: Api) -> None:
    await api.post(f"{D}/put", path="/tmp/file", contents="")
    status, error = await api.post(f"{D}/mkdirs", path="/tmp/file/below")
    assert (status, error["error_code"]) == (400, "RESOURCE_ALREADY_EXISTS")
    status, error = await api.post(f"{D}/put", path="/tmp/" + "n" * 300, contents="")
    assert status == 400


async def test_what_is_not_there_is_said_by_its_path(api: Api) -> None:
    text = "No file or directory exists on path /none."
    expected = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": text})
    assert await api.get(f"{D}/get-status", path="/none") == expected
    assert await api.get(f"{D}/list", path="/none") == expected


async def test_workspace_folders_are_listed_and_made(api: Api) -> None:
    listed = (await api.get(f"{W}/list", path="/"))[1]["objects"]
    assert [(each["path"], each["object_type"]) for each in listed] == [
        ("/Repos", "DIRECTORY"),
        ("/Shared", "DIRECTORY"),
        ("/Users", "DIRECTORY"),
    ]
    assert await api.get(f"{W}/list", path="/Shared") == (200, {})
    assert await api.post(f"{W}/mkdirs", path="/Shared/a/b") == (200, {})
    assert (await api.get(f"{W}/get-status", path="/Shared/a/b"))[1]["path"] == "/Shared/a/b"
    assert [each["path"] for each in (await api.get(f"{W}/list", path="/Shared"))[1]["objects"]] == ["/Shared/a"]
    missing = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Path (/None) doesn't exist."})
    assert await api.get(f"{W}/get-status", path="/None") == missing
    assert (await api.get(f"{W}/list", path="relative"))[0] == 400
