"""The kinds of change that exist, and how a journal finds them again."""

from __future__ import annotations

from wizard.change import Change, Data
from wizard.changes.call_api import CallApi
from wizard.changes.edit_file import EditFile
from wizard.changes.keep_secret import KeepSecret
from wizard.changes.run_program import InstallPackages, MakeEnvironment, RemoveEnvironment, RestorePackages

KINDS: dict[
    str,
    type[EditFile]
    | type[KeepSecret]
    | type[CallApi]
    | type[MakeEnvironment]
    | type[RemoveEnvironment]
    | type[InstallPackages]
    | type[RestorePackages],
] = {
    "edit-file": EditFile,
    "keep-secret": KeepSecret,
    "call-api": CallApi,
    "make-environment": MakeEnvironment,
    "remove-environment": RemoveEnvironment,
    "install-packages": InstallPackages,
    "restore-packages": RestorePackages,
}


def change_from(data: Data) -> Change:
    """The change that a journal wrote down. Raises KeyError or ValueError where the journal is damaged."""
    return KINDS[data["kind"]].from_data(data)


__all__ = [
    "KINDS",
    "CallApi",
    "EditFile",
    "InstallPackages",
    "KeepSecret",
    "MakeEnvironment",
    "RemoveEnvironment",
    "RestorePackages",
    "change_from",
]
