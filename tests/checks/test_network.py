"""Names, proxies and certificates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import Evidence, Finding, Platform, Remedy, Reply, Stat, Status
from tests.healthy import HOST, KNOCK, PROJECT, found, healthy

PEM = "-----BEGIN CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(404), Status.OK),
        (Reply(0, problem="refused", hop="tcp"), Status.OK),
        (Reply(0, problem="not resolved", hop="dns"), Status.UNKNOWN),
        (Reply(0, problem="407", hop="proxy"), Status.SKIPPED),
    ],
)
def test_a_name_that_is_not_resolved_is_unknown(reply: Reply, status: Status) -> None:
    (finding,) = found("network.resolves", healthy(replies={KNOCK: reply}))
    assert finding.status is status


def test_in_wsl_the_remedy_is_to_start_it_again() -> None:
    world = healthy(replies={KNOCK: Reply(0, problem="?", hop="dns")}, platform=Platform(wsl=True))
    (finding,) = found("network.resolves", world)
    assert finding.remedy is not None
    assert finding.remedy.commands == ("wsl --shutdown",)
    assert finding.about == HOST


PROXY = "http://proxy.corp:3128"


@pytest.mark.parametrize(
    ("env", "texts"),
    [
        ({}, ["no proxy is set"]),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "localhost,127.0.0.1"}, ["the proxy's settings agree"]),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "*"}, ["the proxy's settings agree"]),
        ({"HTTPS_PROXY": PROXY}, ["a proxy is set, and NO_PROXY does not spare localhost and 127.0.0.1"]),
        ({"https_proxy": PROXY, "NO_PROXY": "localhost"}, ["a proxy is set, and NO_PROXY does not spare 127.0.0.1"]),
        (
            {"HTTPS_PROXY": PROXY, "https_proxy": "http://other:1", "NO_PROXY": "*"},
            ["HTTPS_PROXY and https_proxy differ: programs go different ways"],
        ),
        (
            {"HTTPS_PROXY": "http://ada:hunter2hunter@proxy:1", "NO_PROXY": "*"},
            ["HTTPS_PROXY holds a password, which every process can see"],
        ),
    ],
)
def test_what_a_proxy_can_do_is_told(env: dict[str, str], texts: list[str]) -> None:
    findings = found("network.proxy", healthy(env=env))
    assert [f.text for f in findings] == texts
    assert "hunter2" not in repr(findings)


def test_the_remedy_for_no_proxy_keeps_what_was_there() -> None:
    (finding,) = found("network.proxy", healthy(env={"HTTP_PROXY": PROXY, "NO_PROXY": ".corp"}))
    assert finding.remedy == Remedy(
        "Spare this machine.",
        ("export NO_PROXY=.corp,localhost,127.0.0.1", "export no_proxy=.corp,localhost,127.0.0.1"),
    )


BOTH = {"REQUESTS_CA_BUNDLE": "/ca.pem", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": "/ca.pem"}


@pytest.mark.parametrize(
    ("env", "files", "texts"),
    [
        ({}, {}, ["no bundle is named"]),
        (BOTH, {"/ca.pem": PEM}, ["the bundles that are named are there"]),
        (
            {"REQUESTS_CA_BUNDLE": "/ca.pem"},
            {"/ca.pem": PEM},
            [
                (
                    "REQUESTS_CA_BUNDLE is set and GRPC_DEFAULT_SSL_ROOTS_FILE_PATH is not: one half of the client will not "
                    "trust the workspace"
                )
            ],
        ),
        ({"SSL_CERT_FILE": "/gone.pem"}, {}, ["SSL_CERT_FILE names a file that is not there"]),
        ({"SSL_CERT_FILE": "/ca.pem"}, {"/ca.pem": "hello"}, ["SSL_CERT_FILE names a file that holds no certificate"]),
    ],
)
def test_bundles_are_there_and_both_halves_have_one(
    env: dict[str, str], files: dict[str, bytes | str], texts: list[str]
) -> None:
    assert [f.text for f in found("network.ca", healthy(env=env, files=files))] == texts


def test_a_bundle_that_the_project_names_counts_too() -> None:
    project = replace(PROJECT, environ=tuple(BOTH.items()))
    assert found("network.ca", healthy(project=project, stats={"/ca.pem": Stat(9, 0o644, 0, folder=True)}))[
        0
    ] == Finding(
        "network.ca",
        Status.ERROR,
        "REQUESTS_CA_BUNDLE names a file that is a folder",
        about="REQUESTS_CA_BUNDLE",
        evidence=(Evidence("REQUESTS_CA_BUNDLE=/ca.pem", "is a folder"),),
        remedy=Remedy("Name a bundle that is there, or unset REQUESTS_CA_BUNDLE."),
    )
