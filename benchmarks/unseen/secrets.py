"""Keys of many vendors, tokens, headers, cookies, connection strings, private keys, links and passwords as they come into logs.

What a vendor's key looks like was learned from the rules of gitleaks and detect-secrets and from the vendors' own pages; the values
are random.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks.unseen.rows import Datum, Rng, around, filled

# ── Keys whose form alone says that they are one ──

KEYS = {
    "1Password": ("A3-<u6>-<u11>-<u5>-<u5>-<u5>", "ops_eyJ<b250>"), "Adobe": ("p8e-<l32>",), "age": ("AGE-SECRET-KEY-1<u58>",), "Alibaba": ("LTAI<a20>",),
    "Anthropic": ("sk-ant-api03-<w93>AA", "sk-ant-admin01-<w93>AA"), "Artifactory": ("AKCp<a69>", "cmVmd<a59>"), "Atlassian": ("ATATT3<w186>",),
    "AWS": ("AKIA<u16>", "ASIA<u16>", "ABIA<u16>"), "Azure AD": ("<a3>8Q~<w34>",), "Brevo": ("xkeysib-<h64>-<a16>",), "ClickHouse": ("4b1d<a38>",), "Clojars": ("CLOJARS_<l60>",),
    "Cloudflare": ("v1.0-<h24>-<h146>",), "Databricks": ("dapi<h32>", "dapi<h32>-2"), "DigitalOcean": ("dop_v1_<h64>", "doo_v1_<h64>", "dor_v1_<h64>"), "Doppler": ("dp.pt.<a43>",),
    "Discord": ("M<a23>.<w6>.<w27>", "https://discord.com/api/webhooks/<d18>/<w68>"), "Duffel": ("duffel_live_<w43>", "duffel_test_<w43>"), "Dynatrace": ("dt0c01.<u24>.<u64>",),
    "EasyPost": ("EZAK<a54>", "EZTK<a54>"), "Facebook": ("EAAC<a110>", "EAAM<a150>"), "Flutterwave": ("FLWSECK_TEST-<h32>-X",), "Fly.io": ("fo1_<w43>", "fm2_<b120>"), "Frame.io": ("fio-u-<w64>",),
    "GitHub": ("ghp_<a36>", "gho_<a36>", "ghu_<a36>", "ghs_<a36>", "ghr_<a36>", "github_pat_<a22>_<a59>"),
    "GitLab": ("glpat-<w20>", "gldt-<w20>", "glrt-<w20>", "glptt-<h40>", "glsoat-<w20>", "glcbt-<d2>_<w20>", "GR1348941<w20>", "glft-<w20>", "gloas-<w64>"),
    "Google": ("AIza<w35>", "ya29.<w60>", "GOCSPX-<w28>", "<d12>-<l32>.apps.googleusercontent.com"), "Grafana": ("glc_<b60>", "glsa_<a32>_<h8>", "eyJrIjoi<a80>"), "Groq": ("gsk_<a52>",),
    "Harness": ("pat.<w22>.<a24>.<a20>",), "Heroku": ("HRKU-AA<w58>",), "HubSpot": ("pat-na1-<h8>-<h4>-<h4>-<h4>-<h12>",), "Hugging Face": ("hf_<A34>", "api_org_<A34>"), "Infracost": ("ico-<a32>",),
    "Intra42": ("s-s4t2ud-<h64>",), "Linear": ("lin_api_<a40>",), "Mailchimp": ("<h32>-us12",), "Mailgun": ("key-<h32>",), "Mapbox": ("pk.eyJ<a58>.<w22>", "sk.eyJ<a58>.<w22>"), "MaxMind": ("<a6>_<a29>_mmk",),
    "New Relic": ("NRAK-<u27>", "NRJS-<h19>", "NRII-<w32>"), "Notion": ("ntn_<d11><a35>", "secret_<a43>"), "npm": ("npm_<a36>",), "NuGet": ("oy2<l43>",), "Octopus": ("API-<u26>",), "Okta": ("00<w40>",),
    "OpenAI": ("sk-proj-<w74>T3BlbkFJ<w74>", "sk-<a20>T3BlbkFJ<a20>", "sk-svcacct-<w58>T3BlbkFJ<w58>"), "OpenRouter": ("sk-or-v1-<h64>",), "OpenShift": ("sha256~<w43>",), "PayPal": ("access_token$production$<l16>$<h32>",),
    "Perplexity": ("pplx-<a48>",), "Plaid": ("access-production-<h8>-<h4>-<h4>-<h4>-<h12>",), "PlanetScale": ("pscale_tkn_<w43>", "pscale_pw_<w43>", "pscale_oauth_<w43>"), "Postman": ("PMAK-<h24>-<h34>",),
    "Prefect": ("pnu_<a36>",), "Pulumi": ("pul-<h40>",), "PyPI": ("pypi-AgEIcHlwaS5vcmc<w80>",), "Replicate": ("r8_<a37>",), "ReadMe": ("rdme_<l70>",), "RubyGems": ("rubygems_<h48>",), "Scalingo": ("tk-us-<w48>",),
    "SendGrid": ("SG.<w22>.<w43>",), "Sentry": ("sntryu_<h64>", "https://<h32>@o<d6>.ingest.sentry.io/<d7>"), "Shippo": ("shippo_live_<h40>",), "Shopify": ("shpat_<h32>", "shpca_<h32>", "shppa_<h32>", "shpss_<h32>"),
    "Slack": ("xoxb-<d12>-<d12>-<a24>", "xoxp-<d12>-<d12>-<d12>-<h32>", "xapp-1-<u11>-<d13>-<h64>", "xoxe.xoxp-1-<u163>", "https://hooks.slack.com/services/T<u8>/B<u8>/<a24>"),
    "Sourcegraph": ("sgp_<h40>", "sgp_<h16>_<h40>"), "Square": ("sq0atp-<w22>", "sq0csp-<w43>", "EAAA<w60>"), "Stripe": ("sk_live_<a24>", "rk_test_<a24>", "pk_live_<a24>", "whsec_<a32>"), "Supabase": ("sbp_<h40>",),
    "Tailscale": ("tskey-auth-<a12>-<a32>",), "Telegram": ("<d9>:AA<w33>",), "Terraform": ("<a14>.atlasv1.<w64>",), "Twilio": ("SK<h32>", "AC<h32>"), "Twitter": ("AAAAAAAAAAAAAAAAAAAAAA<a80>",), "Typeform": ("tfp_<w59>",),
    "Vault": ("hvs.<w95>", "hvb.<w140>", "s.<a24>"), "Vercel": ("vercel_blob_rw_<a16>_<a30>",), "Yandex": ("AQVN<w36>", "t1.<w20>.<w86>"), "xAI": ("xai-<a80>",), "Zapier": ("https://hooks.zapier.com/hooks/catch/<d7>/<l7>",),
    "Teams": ("https://acme.webhook.office.com/webhookb2/<h8>-<h4>-<h4>-<h4>-<h12>@<h8>-<h4>-<h4>-<h4>-<h12>/IncomingWebhook/<h32>/<h8>-<h4>-<h4>-<h4>-<h12>",),
}  # fmt: skip
_FIXED = ("https://discord.com/api/webhooks/", "https://hooks.slack.com/services/", "https://hooks.zapier.com/hooks/catch/", "https://acme.webhook.office.com/webhookb2/")  # fmt: skip


def keys_by_form(rng: Rng) -> Iterator[Datum]:
    """Keys of some eighty vendors without a word that says so."""

    def make(forms: tuple[str, ...], rng: Rng) -> tuple[str, tuple[str, ...]]:
        key = filled(rng, rng.choice(forms))
        return key, (key[-12:] if key.startswith(_FIXED) else key[-16:].split("@o")[0],)

    return around(
        rng,
        {vendor: partial(make, forms) for vendor, forms in KEYS.items() if vendor != "Sentry"} | {"Sentry": _sentry},
    )


def _sentry(rng: Rng) -> tuple[str, tuple[str, ...]]:
    secret = filled(rng, "<h32>")
    return rng.choice((f"https://{secret}@o{rng.randrange(10**6)}.ingest.sentry.io/42", f"sntryu_{secret}{secret}")), (
        secret,
    )


# ── Keys whose name says it ──

LABELLED = {
    "Datadog": ("DD_API_KEY=<h32>", 'datadog_api_key: "<h32>"'), "Algolia": ("ALGOLIA_ADMIN_KEY=<h32>", '"algoliaApiKey": "<h32>"'), "AWS secret": ("aws_secret_access_key = <b40>", 'AWS_SECRET_ACCESS_KEY="<b40>"', "SecretAccessKey: <b40>"),
    "Azure storage": ("AccountKey=<b86>==", "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=<b86>==;EndpointSuffix=core.windows.net"), "Azure": ("AZURE_CLIENT_SECRET=<w34>", "Ocp-Apim-Subscription-Key: <h32>"),
    "Cohere": ("COHERE_API_KEY: <a40>", "CO_API_KEY=<a40>"), "Mistral": ("MISTRAL_API_KEY=<a32>",), "Twilio": ("TWILIO_AUTH_TOKEN=<h32>", '"authToken": "<h32>"'), "Okta": ("okta_token: 00<w40>", "OKTA_API_TOKEN=00<w40>"),
    "Heroku": ("HEROKU_API_KEY=<h8>-<h4>-<h4>-<h4>-<h12>",), "Generic": ("api_key=<a32>", '"apiKey": "<a32>"', "apikey: <a32>", "X-API-Key: <a40>", "x-api-key=<a40>", "api-key '<h32>'", "my API key is <a32>"),
    "Secret": ("client_secret=<w40>", '"clientSecret": "<w40>"', "secret: <a32>", "app_secret => '<h40>'", "SECRET_KEY=<w50>", "shared_secret: <a24>", "the secret is <a24>"),
    "Token": ("access_token=<a40>", '"refresh_token": "<w64>"', "token: <h40>", "auth_token='<a40>'", "csrf_token: <a32>", "X-Auth-Token: <a32>", "id_token=<w60>", "SLACK_TOKEN=<a32>", "token=<a32>"),
    "Webhook": ("webhook_secret: <a32>", "signing_secret=<h32>"), "Encryption": ("encryption_key: <b43>=", "ENCRYPTION_KEY=<h64>", "private_key: <b64>"), "License": ("license_key: <u5>-<u5>-<u5>-<u5>",),
    "Session": ("PHPSESSID=<l26>", "JSESSIONID=<H32>", "connect.sid=s%3A<w32>.<a43>"), "One-time": ("your verification code is <d6>", "OTP: <d6>", "code de vérification : <d6>", "Bestätigungscode: <d6>", "2FA code <d6>"),
    "PIN": ("PIN: <d4>", "my PIN is <d4>", "PIN-Code: <d4>", "CVV: <d3>", "cvc <d3>", "security code: <d3>", "CVV2=<d3>"),
}  # fmt: skip

"""A `session_id` beside them is left out: in a log it is the id of a conversation, which stays."""


def keys_behind_their_name(rng: Rng) -> Iterator[Datum]:
    """Values without a form of their own behind a name, in environment, JSON, YAML, headers and prose."""

    def make(forms: tuple[str, ...], rng: Rng) -> tuple[str, tuple[str, ...]]:
        form = rng.choice(forms)
        text = filled(rng, form)
        value = text.split("AccountKey=")[1].split("=")[0] if "AccountKey=" in text else text
        secret = value.rstrip("\"'=")
        return text, (secret[-3:] if "<d3>" in form else secret[-4:] if "<d4>" in form else secret[-6:] if "<d6>" in form else secret[-10:],)  # fmt: skip

    return around(rng, {name: partial(make, forms) for name, forms in LABELLED.items()})


# ── Tokens, headers, cookies, private keys ──


def _jwt(rng: Rng) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    head, claims = (
        {"alg": rng.choice(("HS256", "RS256")), "typ": "JWT"},
        {"sub": filled(rng, "<d10>"), "name": "Ana", "iat": 1516239022},
    )
    return f"{part(head)}.{part(claims)}.{filled(rng, '<w43>')}"


def tokens(rng: Rng) -> Iterator[Datum]:
    """JSON Web Tokens whole and cut, headers of each scheme, cookies, command lines, and blocks of private keys, cut too."""

    def form(text: str, size: int = 12) -> Callable[[Rng], tuple[str, tuple[str, ...]]]:
        def make(rng: Rng) -> tuple[str, tuple[str, ...]]:
            secret = filled(rng, "<a1><w30>")
            return text.format(secret=secret), (secret[:size],)

        return make

    def jwt(cut: Callable[[str], str], rng: Rng) -> tuple[str, tuple[str, ...]]:
        token = cut(_jwt(rng))
        return token, (token.replace("Bearer ", "").split("...")[0][-16:],)

    def block(head: str, lines: int, cut: bool, joint: str, rng: Rng) -> tuple[str, tuple[str, ...]]:
        body = [filled(rng, "<b64>") for _ in range(lines)]
        return joint.join([f"-----BEGIN {head}-----", *body, *([] if cut else [f"-----END {head}-----"])]), (body[-1],)

    basic = "Authorization: Basic {secret}=="
    makers: dict[str, Callable[[Rng], tuple[str, tuple[str, ...]]]] = {
        "JWT": partial(jwt, str), "JWT cut": partial(jwt, lambda t: t[:90] + "..."), "JWT unsigned": partial(jwt, lambda t: t.rsplit(".", 1)[0] + "."), "JWT of bearer": partial(jwt, lambda t: "Bearer " + t),
        "JWT two parts": partial(jwt, lambda t: t.rsplit(".", 1)[0]), "Basic": form(basic), "Bearer": form("Authorization: Bearer {secret}"), "bearer small": form("authorization: bearer {secret}"), "Token scheme": form("Authorization: Token {secret}"),
        "ApiKey scheme": form("Authorization: ApiKey {secret}"), "no scheme": form("Authorization: {secret}"), "header JSON": form('{{"Authorization": "Bearer {secret}"}}'), "proxy": form("Proxy-Authorization: Basic {secret}"),
        "AWS4": form("Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature={secret}"), "Digest": form('Authorization: Digest username="ana", realm="x", nonce="abc", response="{secret}"'),
        "Cookie": form("Cookie: theme=dark; session={secret}; lang=de"), "Set-Cookie": form("Set-Cookie: sid={secret}; Path=/; HttpOnly"), "Cookie auth": form("cookie: __Secure-next-auth.session-token={secret}"), "curl": form("curl -H 'X-Api-Key: {secret}' https://api.example.com"),
        "curl user": form("curl -u ana:{secret} https://api.example.com"), "curl header": form('curl --header "PRIVATE-TOKEN: {secret}" https://git.example.com'), "option": form("deploy --token={secret} --dry-run"), "option apart": form("deploy --api-key {secret} --dry-run"), "mysql": form("mysql -uroot -p{secret} shop"),
        "environment": form("export STRIPE_KEY={secret}"), "assignment": form('auth_token := "{secret}"'), "RSA": partial(block, "RSA PRIVATE KEY", 6, False, "\n"), "EC": partial(block, "EC PRIVATE KEY", 3, False, "\n"), "OpenSSH": partial(block, "OPENSSH PRIVATE KEY", 9, False, "\n"),
        "PKCS8 cut": partial(block, "PRIVATE KEY", 9, True, "\n"), "encrypted": partial(block, "ENCRYPTED PRIVATE KEY", 12, False, "\r\n"), "PGP": partial(block, "PGP PRIVATE KEY BLOCK", 20, False, "\n"), "escaped": partial(block, "RSA PRIVATE KEY", 8, False, "\\n"), "long": partial(block, "RSA PRIVATE KEY", 50, False, "\n"),
    }  # fmt: skip
    return around(rng, makers)


LINKS = {
    "token": "https://shop.example/reset?token={}", "access_token": "https://api.example.com/v1/me#access_token={}&expires_in=3600", "sig": "https://acc.blob.core.windows.net/c/f.pdf?sv=2022-11-02&se=2026-01-01&sr=b&sp=r&sig={}%3D",
    "amz": "https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=300&X-Amz-Signature={}", "goog": "https://storage.googleapis.com/b/o?X-Goog-Signature={}&X-Goog-Expires=60", "cloudfront": "https://d1.cloudfront.net/v.mp4?Expires=17&Signature={}&Key-Pair-Id=APKA",
    "code": "https://app.example.com/callback?code={}&state=x", "session": "https://shop.example/cart;jsessionid={}?p=1", "sid": "https://shop.example/?sid={}&lang=en", "PHPSESSID": "http://shop.example/a.php?PHPSESSID={}", "apikey": "https://maps.example.com/json?key={}&q=berlin", "api_key": "https://api.example.com/data?api_key={}",
    "appid": "https://api.weather.example/data?appid={}&units=metric", "auth": "wss://push.example.com/ws?auth={}", "invite": "https://app.example.com/invite?invitation_token={}", "magic": "https://app.example.com/login?magic={}&next=/", "unsubscribe": "https://news.example.com/unsubscribe?hash={}&n=4",
    "password": "https://legacy.example.com/login?user=ana&password={}", "ticket": "https://cas.example.edu/login?service=x&ticket=ST-{}", "id_token": "https://app.example.com/cb#id_token={}&state=1", "saml": "https://idp.example.com/sso?SAMLResponse={}", "otp": "https://app.example.com/verify?otp={}", "refresh": "https://api.example.com/oauth?grant_type=refresh_token&refresh_token={}",
    "secret": "https://api.example.com/x?client_id=web&client_secret={}", "jwt": "https://embed.example.com/dashboard?jwt={}", "hmac": "https://webhook.example.com/in?hmac={}&shop=acme", "confirm": "https://app.example.com/confirm?confirmation_token={}", "share": "https://drive.example.com/f/1?share_key={}", "fbclid": "https://example.com/?session_token={}", "signature": "https://cdn.example.com/i.png?signature={}",
}  # fmt: skip


def links(rng: Rng) -> Iterator[Datum]:
    """Addresses of the web with a token, a signature, a session or a password in them."""

    def make(form: str, rng: Rng) -> tuple[str, tuple[str, ...]]:
        secret = filled(rng, rng.choice(("<a1><w30><a1>", "<h40>", "<a22>")))
        return form.format(secret), (secret,)

    return around(rng, {name: partial(make, form) for name, form in LINKS.items()})


CONNECTIONS = {
    "postgres": "postgres://app:{}@db.example.com:5432/shop", "postgresql": "postgresql+psycopg://app:{}@db/shop?sslmode=require", "mysql": "mysql://root:{}@127.0.0.1:3306/shop", "mongodb": "mongodb+srv://app:{}@cluster0.abcde.mongodb.net/shop?retryWrites=true",
    "redis": "redis://:{}@cache.example.com:6379/0", "rediss": "rediss://default:{}@cache:6380", "amqp": "amqp://guest:{}@mq:5672/%2F", "ftp": "ftp://ana:{}@files.example.com/in", "smtp": "smtps://mailer:{}@smtp.example.com:465", "https": "https://ana:{}@git.example.com/acme/shop.git",
    "mssql": "Server=tcp:db.example.com,1433;Initial Catalog=shop;User ID=app;Password={};Encrypt=True;", "odbc": "Driver={{ODBC Driver 18}};Server=db;UID=app;PWD={};", "jdbc": "jdbc:postgresql://db:5432/shop?user=app&password={}", "jdbc oracle": "jdbc:oracle:thin:app/{}@db:1521/XE", "libpq": "host=db port=5432 user=app password={} dbname=shop",
    "snowflake": "snowflake://ana:{}@acme-eu/db?warehouse=wh", "ldap": "ldap://cn=admin:{}@ldap.example.com", "elastic": "https://elastic:{}@es.example.com:9243", "cloudinary": "cloudinary://123456789012345:{}@acme", "pgpass": "db.example.com:5432:shop:app:{}", "netrc": "machine git.example.com login ana password {}", "sqlserver": "sqlserver://sa:{}@db:1433?database=shop",
}  # fmt: skip


def connections(rng: Rng) -> Iterator[Datum]:
    """Connection strings with a password in them, as drivers take them."""

    def make(form: str, rng: Rng) -> tuple[str, tuple[str, ...]]:
        secret = filled(
            rng, rng.choice(("<A8><d2>", "<a16>", "Tr0ub4dor<d3>", "<w20><a1>", "<A4>!<a6>", "<A5>%40<a5>"))
        )
        return form.format(secret), (secret,)

    return around(rng, {name: partial(make, form) for name, form in CONNECTIONS.items()})


PASSWORD_FORMS = {
    "English": ("password: {}", "my password is {}", "Password = {}", "pwd: {}", "passcode: {}", '"password": "{}"', "username: ana / password: {}", "temp pass: {}", "the password {} doesn't work", "pw: {}"),
    "German": ("Passwort: {}", "mein Passwort ist {}", "Kennwort: {}", "das Passwort lautet {}", "Zugangscode: {}"), "French": ("mot de passe : {}", "mon mot de passe est {}", "mdp: {}", "code secret : {}"),
    "Spanish": ("contraseña: {}", "mi contraseña es {}", "clave: {}", "la contraseña es: {}"), "Portuguese": ("senha: {}", "minha senha é {}", "palavra-passe: {}"), "Italian": ("password: {}", "la mia password è {}", "parola d'ordine: {}"),
    "Dutch": ("wachtwoord: {}", "mijn wachtwoord is {}", "ww: {}"), "Polish": ("hasło: {}", "moje hasło to {}"), "Swedish": ("lösenord: {}", "mitt lösenord är {}"), "Danish": ("adgangskode: {}", "kodeord: {}"), "Norwegian": ("passord: {}", "passordet mitt er {}"),
    "Finnish": ("salasana: {}", "salasanani on {}"), "Czech": ("heslo: {}", "moje heslo je {}"), "Hungarian": ("jelszó: {}", "a jelszavam {}"), "Romanian": ("parolă: {}", "parola mea este {}"), "Turkish": ("şifre: {}", "parola: {}", "şifrem {}"), "Russian": ("пароль: {}", "мой пароль {}"),
    "Ukrainian": ("пароль: {}", "мій пароль {}"), "Greek": ("κωδικός: {}", "ο κωδικός μου είναι {}"), "Chinese": ("密码：{}", "我的密码是{}", "密碼: {}"), "Japanese": ("パスワード：{}", "パスワードは{}です"), "Korean": ("비밀번호: {}", "비밀번호는 {}"), "Arabic": ("كلمة المرور: {}", "كلمة السر: {}"),
    "Hebrew": ("סיסמה: {}", "הסיסמה שלי היא {}"), "Hindi": ("पासवर्ड: {}",), "Indonesian": ("kata sandi: {}", "sandi: {}"), "Vietnamese": ("mật khẩu: {}", "mật khẩu của tôi là {}"), "Thai": ("รหัสผ่าน: {}",),
}  # fmt: skip


def passwords(rng: Rng) -> Iterator[Datum]:
    """Passwords behind their label in 28 languages, in prose and in fields."""

    def make(forms: tuple[str, ...], rng: Rng) -> tuple[str, tuple[str, ...]]:
        secret = filled(rng, rng.choice(("Sommer<d4>!", "<A8><d2>", "<a6>#<a5>", "P@ss<a5>9", "correct-horse-<L6>7", "<U2><d6>x")))  # fmt: skip
        return rng.choice(forms).format(secret), (secret,)

    return around(rng, {language: partial(make, forms) for language, forms in PASSWORD_FORMS.items()})
