"""Running: side by side, in order, with deadlines; a crash or a hang is a finding and not the end."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any, cast

import pytest

from checks import Check, Closed, Evidence, Finding, Registry, Remedy, Reply, Report, Status, World, check, run
from checks.builtin import for_project, rooms
from checks.memo import Memo
from tests.fakes import FakeWorld
from tests.healthy import HOST, PROJECT, healthy, registry


def says(id: str, status: Status = Status.OK, needs: tuple[str, ...] = (), **more: Any) -> Check:
    return Check(id, f"{id} is well", lambda world: (Finding(id, status, "said"),), needs=needs, **more)


def pairs(report: Report) -> list[tuple[str, Status]]:
    return [(f.id, f.status) for f in report.findings]


def test_a_healthy_world_has_no_finding_above_skipped() -> None:
    report = run(registry().select(), healthy())
    assert [f for f in report.findings if f.status > Status.SKIPPED] == []
    assert (report.exit_code(strict=True), report.silenced) == (0, 0)


def test_there_are_sixty_checks_and_each_has_a_page_tags_and_known_needs() -> None:
    all_ = tuple(registry())
    ids = {c.id for c in all_}
    assert len(all_) >= 60
    for one in all_:
        assert one.look.__doc__
        assert "What to do:" in one.page or "Why:" in one.page, one.id
        assert one.tags
        assert set(one.needs) <= ids
        assert one.id.partition(".")[2]
    assert min(sum(c.room == room for c in all_) for room in rooms()) >= 2


def test_an_empty_machine_crashes_no_check() -> None:
    report = run(registry().select(), FakeWorld())
    assert report.counts()["crashed"] == 0


def test_nothing_is_run_asked_or_opened_for_a_repo_that_is_not_trusted_but_its_own_git() -> None:
    world = healthy(trusted=False)
    report = run(registry().select(), world)
    assert report.counts()["crashed"] == 0
    assert world.asked == []
    assert {argv[0].rpartition("/")[2] for argv in world.ran} <= {
        "git", "code", "devcontainer", "databricks", "docker", "df",
    }  # fmt: skip


def test_a_project_without_anything_gives_no_error_on_a_healthy_machine() -> None:
    from checks import EMPTY

    world = healthy(project=EMPTY, files={})
    report = run(registry(EMPTY).select(), world)
    assert [f for f in report.findings if f.status > Status.EXPECTED] == []


def test_a_check_that_crashes_is_a_finding_and_the_others_still_run() -> None:
    def broken(world: World) -> Iterable[Finding]:
        raise KeyError("it fell over")

    report = run((Check("a.x", "A", broken), says("b.y")), FakeWorld())
    assert report.findings[0] == Finding(
        "a.x",
        Status.CRASHED,
        "the check itself failed (A)",
        evidence=(Evidence("a.x", "KeyError: 'it fell over'"),),
        remedy=Remedy("This is a fault of mlops-wizard, not yours: please report it with this text."),
    )
    assert pairs(report)[1] == ("b.y", Status.OK)
    assert report.exit_code() == 3


def test_a_check_that_gives_something_else_than_findings_has_crashed() -> None:
    wrong = Check("a.x", "A", lambda world: cast("Iterable[Finding]", ["hello"]))
    assert pairs(run((wrong,), FakeWorld())) == [("a.x", Status.CRASHED)]


def test_a_check_that_ends_the_interpreter_does_not() -> None:
    def leaves(world: World) -> Iterable[Finding]:
        raise SystemExit(1)

    assert pairs(run((Check("a.x", "A", leaves),), FakeWorld())) == [("a.x", Status.CRASHED)]


def test_a_check_that_hangs_is_given_up_as_unknown() -> None:
    never = threading.Event()

    def hangs(world: World) -> Iterable[Finding]:
        never.wait()
        return ()

    heard: list[str] = []
    checks = (Check("a.x", "A", hangs, deadline=30), says("b.y"), says("c.z", needs=("a.x",)))
    report = run(checks, FakeWorld(), limit=0.05, done=lambda c, f: heard.append(c.id))
    never.set()
    assert [(f.id, f.status, f.text) for f in report.findings] == [
        ("a.x", Status.UNKNOWN, "A: no answer within 0.05 s; try again, or allow more with --timeout"),
        ("b.y", Status.OK, "said"),
        ("c.z", Status.SKIPPED, "not looked at, because a.x failed"),
    ]
    assert (sorted(heard), report.silenced) == (["a.x", "b.y", "c.z"], 1)


def test_a_check_that_never_stops_finding_is_cut_off() -> None:
    def endless(world: World) -> Iterable[Finding]:
        while True:
            yield Finding("a.x", Status.OK, "again")

    assert len(run((Check("a.x", "A", endless),), FakeWorld()).findings) == 1000


def test_a_failed_root_silences_its_followers_and_is_named_by_all() -> None:
    checks = (says("c.c", needs=("b.b",)), says("b.b", needs=("a.a",)), says("a.a", Status.ERROR))
    report = run(checks, FakeWorld())
    assert [(f.id, f.status, f.text) for f in report.findings] == [
        ("c.c", Status.SKIPPED, "not looked at, because a.a failed"),
        ("b.b", Status.SKIPPED, "not looked at, because a.a failed"),
        ("a.a", Status.ERROR, "said"),
    ]
    assert report.silenced == 2


@pytest.mark.parametrize("status", [Status.OK, Status.WARNING, Status.EXPECTED])
def test_a_warning_silences_nobody(status: Status) -> None:
    report = run((says("a.a", status), says("b.b", needs=("a.a",))), FakeWorld())
    assert pairs(report)[1] == ("b.b", Status.OK)


def test_what_was_skipped_for_a_reason_is_not_called_failed() -> None:
    report = run((says("a.a", Status.SKIPPED), says("b.b", needs=("a.a",))), FakeWorld())
    assert (report.findings[1].text, report.silenced) == ("not looked at, because a.a was not", 0)


def test_a_shut_gate_gives_its_own_reason_before_a_failed_need() -> None:
    shut = says("b.b", needs=("a.a",), gates=(lambda world: Closed("no", Remedy("open it")),))
    report = run((says("a.a", Status.ERROR), shut), FakeWorld())
    assert report.findings[1] == Finding("b.b", Status.SKIPPED, "no", remedy=Remedy("open it"))


def test_a_gate_that_crashes_is_a_crash_of_the_check() -> None:
    def broken(world: World) -> Closed | None:
        raise ValueError

    assert pairs(run((says("a.a", gates=(broken,)),), FakeWorld())) == [("a.a", Status.CRASHED)]


def test_a_ring_of_needs_does_not_hang() -> None:
    report = run((says("a.a", needs=("b.b",)), says("b.b", needs=("a.a",))), FakeWorld())
    assert pairs(report) == [("a.a", Status.OK), ("b.b", Status.OK)]


def test_a_check_that_says_nothing_is_well_by_its_title() -> None:
    assert run((Check("a.x", "A is well", lambda world: ()),), FakeWorld()).findings == (
        Finding("a.x", Status.OK, "A is well"),
    )


def test_findings_come_in_declared_order_and_carry_where_they_were_made() -> None:
    first = threading.Event()

    def waits(world: World) -> Iterable[Finding]:
        first.wait(5)
        return (Finding("a.a", Status.OK, "late"),)

    report = run((Check("a.a", "A", waits), says("b.b")), FakeWorld(), done=lambda c, f: first.set(), where="container")
    assert [(f.id, f.where) for f in report.findings] == [("a.a", "container"), ("b.b", "container")]


@pytest.mark.parametrize(
    ("statuses", "code", "strict"),
    [
        ([], 0, 0),
        ([Status.OK, Status.SKIPPED, Status.EXPECTED], 0, 0),
        ([Status.WARNING], 0, 1),
        ([Status.UNKNOWN], 0, 1),
        ([Status.ERROR], 1, 1),
        ([Status.CRASHED], 3, 3),
        ([Status.CRASHED, Status.ERROR], 1, 1),
    ],
)
def test_exit_codes_mean_something(statuses: list[Status], code: int, strict: int) -> None:
    report = Report(tuple(Finding("a.a", s, "x") for s in statuses))
    assert (report.exit_code(), report.exit_code(strict=True)) == (code, strict)


def test_one_report_asks_the_world_once_and_the_next_asks_again() -> None:
    world = FakeWorld(replies={HOST: Reply(200)})

    def asks(world: World) -> Iterable[Finding]:
        world.get(HOST)
        world.which("git")
        world.run("git", "--version")
        return ()

    checks = tuple(Check(f"a.{n}", "A", asks) for n in range(8))
    run(checks, world)
    assert (world.asked, world.ran) == ([(HOST, "")], [("git", "--version")])
    run(checks, world)
    assert len(world.asked) == 2


def test_the_memo_hands_on_everything_else() -> None:
    world = healthy()
    memo = Memo(world)
    for name in ("env", "root", "home", "platform", "project", "trusted", "offline"):
        assert getattr(memo, name) == getattr(world, name)
    assert (memo.now(), memo.read(".env"), memo.stat(".env"), memo.list(".")) == (
        world.now(), world.read(".env"), world.stat(".env"), world.list("."),
    )  # fmt: skip
    assert (memo.store(), memo.kept("x"), memo.which("git")) == (world.store(), False, ("/usr/bin/git",))


def test_a_registry_finds_by_id_room_and_tag_and_knows_what_it_does_not() -> None:
    found = Registry()

    @check("a.one", "One", "red", registry=found)
    def one(world: World) -> Iterable[Finding]:
        """Its page."""
        return ()

    found.add(says("b.two", needs=("a.one",)))
    assert [c.id for c in found.select("red")] == ["a.one"]
    assert [c.id for c in found.with_needs(found.select("b"))] == ["a.one", "b.two"]
    assert found.unknown("a", "a.one", "red", "green") == ("green",)
    assert (found.select()[0].page, len(found), found.get("c")) == ("Its page.", 2, None)
    with pytest.raises(ValueError, match=r"two checks are called 'a\.one'"):
        found.add(says("a.one"))
    found.put(says("a.one"))
    assert [c.title for c in found] == ["a.one is well", "b.two is well"]


def test_a_tool_of_the_project_takes_the_place_of_the_built_in_check_but_not_of_the_special_one() -> None:
    from dataclasses import replace

    from checks import Tool

    tools = (
        Tool("git", ("git", "--version"), ">=99"),
        Tool("jq", ("jq", "--version")),
        Tool("databricks", ("databricks", "--version"), ">=0.205"),
    )
    found = for_project(replace(PROJECT, tools=tools), says("acme.vpn"))
    ids = [c.id for c in found]
    assert ids[0] == "tools.git"
    assert ids[-1] == "acme.vpn"
    assert [c.room for c in found].index("python") > ids.index("tools.jq")
    assert found.get("tools.git") != for_project(PROJECT).get("tools.git")
    assert found.get("tools.databricks") == for_project(PROJECT).get("tools.databricks")
