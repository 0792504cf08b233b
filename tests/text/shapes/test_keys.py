import pytest

from workbench.text.masking import mask

HEX, LETTERS = "0123456789abcdef", "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2Yz3"


@pytest.mark.parametrize(
    "key",
    [
        f"dop_v1_{HEX * 4}", f"lin_api_{LETTERS}0", f"pypi-AgEIcHlwaS5vcmc{LETTERS}", f"shpat_{HEX * 2}", f"whsec_{LETTERS}", f"{HEX * 2}-us12", "A3-ABCDEF-ABCDEFGHIJK-ABCDE-ABCDE-ABCDE",
        f"123456789:AA{LETTERS[:33]}", f"hvs.{LETTERS * 3}", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI2NjM0NzU5", "eyJrIjoiT0tTcG1pUlY2RnVKZTFVaDFsNFZXdE9ZWmNrMkZYbk",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----",
    ],
)  # fmt: skip
def test_what_an_issuer_begins_its_keys_with_tells_them(key: str) -> None:
    assert mask(f"use {key}, please") == "use [key], please"


def test_of_a_webhooks_address_the_secret_goes() -> None:
    text = "https://hooks.slack.com/services/T01234567/B01234567/Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8"
    assert mask(text) == "https://hooks.slack.com/services/[key]"


@pytest.mark.parametrize(
    "text",
    ["call_fLxcMYQFvKcOdQNYvY2sKVRr", "toolu_01A09q90qw90lq917835lq9", "chatcmpl-9713d864488177dc6b273b53b7f23", f"commit {HEX * 2}{HEX[:8]}", f"sha256:{HEX * 4}", f"data:image/png;base64,iVBORw0KGgo+AC{HEX * 2}/r8_{LETTERS}"],
)  # fmt: skip
def test_ids_of_calls_digests_and_images_are_no_keys(text: str) -> None:
    assert mask(text) == text
