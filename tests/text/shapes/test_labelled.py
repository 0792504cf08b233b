import pytest

from workbench.text.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("das Passwort lautet Sommer2024!", "das Passwort lautet [password]!"),
        ("パスワードはPT564499xです", "パスワードは[password]です"),
        ("hasło: OZ697584x, мой пароль nFAfVGvC81", "hasło: [password], мой пароль [password]"),
        ("the password P@ssuxcgx9 doesn't work", "the password [password] doesn't work"),
        ("your verification code is 123456, PIN: 1234, CVV: 123", "your verification code is [password], PIN: [password], CVV: [password]"),
        ("mysql -uroot -ppJNSZhq0L shop; curl -u ana:geheim1 x", "mysql -uroot -p[password] shop; curl -u ana:[password] x"),
        ("machine h login ana password fdmmKRFdt", "machine h login ana password [password]"),
        ("jdbc:oracle:thin:app/tiger12@db:1521/XE", "jdbc:oracle:thin:[password]@db:1521/XE"),
        ("db.example.com:5432:shop:app:Tr0ub4dor110", "db.example.com:5432:shop:app:[password]"),
    ],
)  # fmt: skip
def test_passwords_and_codes_behind_a_label_of_any_language_and_where_programs_carry_them(text: str, masked: str) -> None:  # fmt: skip
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Cookie: theme=dark; session=kXlthL6z4YzcX6xqhQ; lang=de", "Cookie: theme=dark; session=[key]; lang=de"),
        ("export STRIPE_KEY=VXEp-zWgRiZFy9aZ", "export STRIPE_KEY=[key]"),
        ('auth_token := "OOZZM_2LwBqOu"', 'auth_token := "[key]"'),
        ("deploy --api-key goLY38PXjd8k --dry", "deploy --api-key [key] --dry"),
        ('Authorization: Digest username="ana", response="KS824qjHcSiohR_S"', 'Authorization: Digest username="ana", response="[key]"'),
        ("https://x.example/?magic=H5PeOAeJez&next=/&code=DE", "https://x.example/?magic=[key]&next=/&code=DE"),
        ("https://x.example/cart;jsessionid=H5PeOAeJez0?p=1", "https://x.example/cart;jsessionid=[key]?p=1"),
    ],
)  # fmt: skip
def test_keys_in_headers_cookies_commands_and_links(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "https://www.example.com/2024/05/a-page?id=12345",
        "api_key = os.environ['API_KEY'], password = input()",
        "postgres://$USER:$PASSWORD@db/shop",
        "sort key: created_2024_01, max_tokens=4096, the secret of success",
        "zip code 12345, postal code: 90210, error code: 404, shipping: 123",
        "29e9:7607:0000",
    ],
)
def test_what_only_looks_like_a_label_or_names_a_variable_stays(text: str) -> None:
    assert mask(text) == text
