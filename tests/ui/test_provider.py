"""What a file states of an OpenID provider, and whom its claims name."""

from pathlib import Path
from typing import Any

import pytest

from workbench.errors import Denied, UserError
from workbench.ui.provider import Provider, read_provider

STATED = 'issuer = "https://login.example/pod"\nclient_id = "triage"\naddress = "https://triage.example"\n'


def stated(folder: Path, text: str) -> Path:
    file = folder / "sign-in.toml"
    file.write_text(text, "utf-8")
    return file


def test_a_file_states_a_provider(tmp_path: Path) -> None:
    text = STATED + 'name = "preferred_username"\nroles_from = "groups"\nhours = 4\n[roles]\nlead = ["leads"]\n'
    provider = read_provider(stated(tmp_path, text))
    assert provider == Provider(
        "https://login.example/pod", "triage", "https://triage.example", "preferred_username", "groups",
        {"lead": ("leads",)}, hours=4,
    )  # fmt: skip
    assert (provider.host, provider.secure) == ("triage.example", True)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("issuer =", "can't be read as TOML"),
        ('issuer = "https://login.example"', "client_id, address is missing"),
        (STATED + 'client_secret = "x"', "client_secret is nothing that a sign-in has.*WORKBENCH_CLIENT_SECRET"),
        (STATED.replace("https://login", "http://login"), "issuer is an address like https"),
        (STATED.replace("triage.example", "triage.example/workbench"), "address has a path"),
        (STATED.replace('"triage"', "1"), "every value is a text"),
        (STATED + 'roles_from = "groups"', "go together"),
        (STATED + '[roles]\nlead = ["leads"]', "go together"),
        (STATED + 'roles_from = "groups"\n[roles]\nboss = ["leads"]', "for viewer, triager, lead"),
        (STATED + 'roles_from = "groups"\n[roles]\nlead = "leads"', "lists the values"),
        (STATED + "hours = 0", "up to 720; got 0"),
        (STATED + "hours = true", "up to 720; got True"),
    ],
)
def test_what_is_wrong_in_it_is_named(tmp_path: Path, text: str, refusal: str) -> None:
    with pytest.raises(UserError, match=refusal):
        read_provider(stated(tmp_path, text))


@pytest.mark.parametrize(
    ("claims", "refusal"),
    [
        ({}, "no usable 'email'"),
        ({"email": ["ana@example.com"]}, "no usable 'email'"),
        ({"email": "ana@example.com\u200b"}, "no usable 'email'"),
        ({"email": "\u0430na@example.com"}, "no usable 'email'"),
        ({"email": "ana@example.com", "email_verified": False}, "isn't verified"),
        ({"email": "ana@example.com", "email_verified": "false"}, "isn't verified"),
    ],
)
def test_claims_that_name_nobody_for_sure_let_nobody_in(claims: dict[str, Any], refusal: str) -> None:
    with pytest.raises(Denied, match=refusal):
        Provider("i", "c", "a").person(claims)


GROUPS = Provider("i", "c", "a", roles_from="realm_access.roles", roles={"lead": ("leads",), "triager": ("pod", "ops")})


@pytest.mark.parametrize(
    ("roles", "role"),
    [(["ops", "leads"], "lead"), (["ops"], "triager"), ("pod", "triager"), ([], None), (None, None), (7, None)],
)
def test_the_highest_role_of_the_claims_counts(roles: Any, role: str | None) -> None:
    claims = {"email": " ana@example.com ", "realm_access": {"roles": roles}}
    assert GROUPS.person(claims) == ("ana@example.com", role)


@pytest.mark.parametrize("claims", [{}, {"email": ""}, {"email": "a\nb"}, {"email": "a" * 61}, {"name": "Ana"}])
def test_claims_without_a_usable_name_let_nobody_in(claims: dict[str, str]) -> None:
    with pytest.raises(Denied, match="no usable 'email'"):
        GROUPS.person(claims)


def test_a_claim_may_be_named_by_an_address() -> None:
    provider = Provider("i", "c", "a", "https://pod.example/name")
    assert provider.person({"https://pod.example/name": "ana"}) == ("ana", None)
