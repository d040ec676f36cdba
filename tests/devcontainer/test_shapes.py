"""What looks like a secret, and what only sounds like one."""

from __future__ import annotations

import pytest

from devcontainer.shapes import dotted, secret_kind, secret_name, secret_spots, shown

HEX = "0123456789abcdef" * 2
SECRETS = {
    f"dapi{HEX}": "a Databricks token",
    f"token: dapi{HEX}-2;": "a Databricks token",
    f"dose{HEX}": "a Databricks token",
    "AKIAIOSFODNN7EXAMPLE": "an AWS access key",
    "ASIAIOSFODNN7EXAMPLE": "an AWS access key",
    "ghp_" + "aB3" * 12: "a GitHub token",
    "github_pat_" + "11A_" * 10: "a GitHub token",
    "glpat-abcdef0123456789ABCD": "a GitLab token",
    "xoxb-1234567890-abcdef": "a Slack token",
    "pypi-AgEIcHlwaS5vcmcCJDAw": "a Python index token",
    "npm_" + "a1B2" * 9: "an npm token",
    "AIza" + "a1B2-" * 7: "an API key",
    "abc8Q~" + "aB3.-" * 6 + "xyzw": "an Entra client secret",
    "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=" + "a+/B" * 21 + "ab==;": "an Azure storage key",
    "Endpoint=sb://x/;SharedAccessKey=abcdefgh12345678=": "a shared access key",
    "https://x.blob.core.windows.net/c?sv=2024&sig=aB3%2Fdefghij0123456%3D": "a shared access signature",
    "InstrumentationKey=e6221ea6-0000-1111-2222-8a0985a1502f;IngestionEndpoint=https://x/": (
        "an Application Insights connection string"
    ),
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123_-": "a JSON web token",
    "-----BEGIN RSA PRIVATE KEY-----": "a private key",
    "Authorization: Bearer abcdef0123456789abcdef": "an HTTP credential",
    "pip install --index-url https://me:hunter2@feed.example/simple": "a password inside a URL",
}
CLEAN = [
    "",
    "dapi",
    "dapiXXXXXXXXXXXXXXXXXXXXXXXX",
    "the doses of a medicine",
    "9fceb02d0ae598e95dc970b74767f19372d61af8",
    "e6221ea6-0000-1111-2222-8a0985a1502f",
    "1120-221530-abcd1234",
    "https://adb-7936878321001673.13.azuredatabricks.net",
    "${localEnv:DATABRICKS_TOKEN}",
    "AccountKey=${localEnv:STORAGE_KEY}",
    "InstrumentationKey=<guid>",
    "sha256:cbe1" + HEX + HEX,
    "https://${localEnv:USER}:${localEnv:PASSWORD}@feed.example",
    "ssh://git@github.com:22/x",
    "basic understanding of everything",
]
NAMES = {
    True: "TOKEN DATABRICKS_TOKEN githubToken API_KEY APIKEY apiKey GH_PAT ARM_CLIENT_SECRET DB_PASSWORD dbkstoken APPI_IK "
    "AWS_ACCESS_KEY_ID AWS_SESSION_TOKEN STORAGE_CONNECTION_STRING connectionString SQL_PWD secret-value GHToken "
    "AZURE_CREDENTIALS DBTOKEN API_KEYS storage_sas",
    False: "PATH PYTHONPATH PWD OLDPWD HOME KEY_VAULT_NAME AZURE_KEY_VAULT_URL MAX_TOKENS TOKENIZERS_PARALLELISM TOKEN_FILE "
    "DATABRICKS_CONFIG_FILE PUBLIC_KEY SECRET_SCOPE SSH_AUTH_SOCK KEYBOARD MONKEY PASSIVE PASSWORD_STORE_DIR BROKEN compat "
    "DATABRICKS_HOST VARIANT GIT_CREDENTIAL_HELPER - 1",
}


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_known_by_its_shape(text: str) -> None:
    assert secret_kind(text) == SECRETS[text]
    assert SECRETS[text] in [kind for _, kind in secret_spots(f"# {text}\n{text}")]


@pytest.mark.parametrize("text", CLEAN)
def test_hashes_ids_references_and_placeholders_are_no_secrets(text: str) -> None:
    assert secret_kind(text) is None
    assert secret_spots(text) == []


@pytest.mark.parametrize(("expected", "name"), [(yes, name) for yes, names in NAMES.items() for name in names.split()])
def test_a_variable_is_judged_by_the_words_of_its_name(expected: bool, name: str) -> None:
    assert secret_name(name) is expected


def test_a_name_is_shown_short_without_escapes_and_never_if_it_is_a_secret() -> None:
    assert shown("A_TOKEN") == '"A_TOKEN"'
    assert shown("\x1b[31mred\n") == '"\\u001b[31mred\\n"'
    assert len(shown("x" * 10_000)) < 80
    assert shown(f"dapi{HEX}") == '"(hidden)"'


def test_a_path_is_written_as_people_write_it() -> None:
    assert dotted(()) == "the top level"
    assert dotted(("a", "b", 2, "c")) == "a.b[2].c"
    assert dotted(("features", "ghcr.io/x/y:1", f"dapi{HEX}")) == 'features."ghcr.io/x/y:1"."(hidden)"'
    assert dotted((0,)) == "[0]"


def test_a_long_hostile_text_is_searched_at_once() -> None:
    """No clock: with nested repetitions this would never end."""
    for piece in ("dapi", "://a:", "eyJa.", "bearer ", "dapia", "a8Q~", "?sig=", "AccountKey="):
        assert secret_spots(piece * 50_000) is not None
