"""The doctor's table, and what one of its rows says in full."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from checks import Finding, Status
from wizard import words

COLOURS = {
    Status.OK: "$text-success",
    Status.SKIPPED: "$foreground 60%",
    Status.EXPECTED: "$foreground 60%",
    Status.UNKNOWN: "$text-accent",
    Status.WARNING: "$text-warning",
    Status.ERROR: "$text-error",
    Status.CRASHED: "$text-error",
}


def marked(status: Status) -> Content:
    """Sign and word of a status, in its colour and at its column's width."""
    return Content.styled(f"{words.mark(status):<10} ", COLOURS[status])


class FindingTable(OptionList):
    """A row a finding: sign, word, and what was found. Grows while checks end."""

    DEFAULT_CSS = """
    FindingTable {
        height: 1fr; background: transparent; border: none; padding: 0; scrollbar-size-vertical: 1;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    FindingTable:focus { border: none; }
    FindingTable > .option-list--option { padding: 0 1; }
    """

    def __init__(self, findings: Iterable[Finding] = (), *, id: str | None = None) -> None:
        self.findings = list(findings)
        super().__init__(*map(_row, self.findings), id=id, markup=False)

    def add(self, findings: Iterable[Finding]) -> None:
        """Add rows at the end, in sight while nobody has chosen one."""
        new = list(findings)
        self.findings += new
        self.add_options([_row(f) for f in new])
        if self.highlighted is None:
            self.scroll_end(animate=False)

    def clear_findings(self) -> None:
        """Begin anew."""
        self.findings.clear()
        self.clear_options()


def _row(finding: Finding) -> Option:
    return Option(Content.assemble(marked(finding.status), words.told(finding)))


class FindingDetail(VerticalScroll, can_focus=True):
    """Everything that one finding says: what was seen, and what to do."""

    DEFAULT_CSS = """
    FindingDetail { padding: 0 1; border: round $border-blurred; scrollbar-size-vertical: 1; }
    FindingDetail:focus { border: round $border; }
    FindingDetail > Static { width: 100%; }
    """

    def __init__(self, finding: Finding | None = None, *, id: str | None = None) -> None:
        super().__init__(Static(_detail(finding), markup=False), id=id)

    def show(self, finding: Finding | None) -> None:
        """Put another finding, from its beginning."""
        self.query_one(Static).update(_detail(finding))
        self.scroll_home(animate=False)


_STYLES = {
    "about": ("", "$foreground 70%"),
    "saw": ("", "$foreground 70%"),
    "do": ("→ ", ""),
    "type": ("  $ ", "$text-accent bold"),
    "read": ("see ", "$text-primary"),
}


def _detail(finding: Finding | None) -> Content:
    if finding is None:
        return Content("")
    lines = [Content.assemble(marked(finding.status), (words.told(finding), "bold"))]
    if finding.title and finding.status is not Status.OK:
        lines.append(Content.styled(f"{finding.title}  ({finding.id})", "$foreground 70%"))
    told = sorted(words.what_to_do(finding), key=lambda part: part[0] in {"about", "saw"})
    for kind, text in told:  # what to do before what was seen: the room is small
        lead, style = _STYLES[kind]
        lines.append(Content.styled(lead + text, style))
    return Content("\n").join(lines)
