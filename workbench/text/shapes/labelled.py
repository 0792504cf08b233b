"""Passwords, codes and keys behind their label, and what addresses of the web, headers, cookies and connection strings carry of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text.shapes.spans import Signs, Span, WordSigns, apart

_OWN = r"(?:\s(?:mi|meu|minha|la[ ]mia|il[ ]mio|mijn|mitt|min|mea|mój|moje|мой|của[ ]tôi|μου|שלי|saya)){0,1}"
_SAYS = r"(?:is|are|ist|lautet|es|est|é|è|to|är|er|on|je|este|είναι|היא|הוא|là|adalah)"
_VALUE = rf"""(?P<link> (?:\\{{0,6}}["'])? {_OWN} [ \t]{{0,2}} (?: :?=>? | :{{1,2}} | -> | (?:是|は|는|은) | {_SAYS}(?:[ ]?:)?[ ] )? [ \t\n]{{0,2}} )
    (?: (?P<quote>\\{{0,6}}["'`])(?P<quoted>[^"'`\\\n]{{1,300}}) | (?P<bare>[!-~]{{3,300}}) )"""
_PASSWORD_SIGNS = Signs(
    "pass", "pwd", "pw", "kennwort", "zugangscode", "contraseña", "clave", "mot de passe", "mdp", "code secret", "senha", "palavra-passe", "parola d", "parol", "wachtwoord", "ww", "hasło", "lösenord", "adgangskode", "kodeord", "salasana", "heslo", "jelszó",
    "jelszavam", "şifre", "пароль", "κωδικός", "密码", "密碼", "口令", "パスワード", "暗証番号", "비밀번호", "كلمة", "סיסמה", "סיסמא", "पासवर्ड", "kata sandi", "sandi", "mật khẩu", "รหัสผ่าน",
)  # fmt: skip
_PASSWORD = re.compile(
    rf"""(?:pass(?:word|wd|phrase|code|wort|ordet|ord)s? | (?<=temp[ ])pass | (?<![a-z])pwd | (?<![a-z])pw | kennwort | zugangscode | contraseña | (?<![a-z])clave | mot[ ]de[ ]passe | (?<![a-z])mdp | code[ ]secret | senha | palavra-passe | parola[ ]d['’]ordine
          | wachtwoord | (?<![a-z])ww(?=[ ]?[:=]) | hasło | lösenord(?:et)? | adgangskode | kodeord | salasana(?:ni)? | heslo | jelszó | jelszavam | (?<![^\W\d_])parol[aă] | şifre(?:m|niz)? | пароль | κωδικός(?:[ ]πρόσβασης)? | 密码 | 密碼 | 口令 | パスワード | 暗証番号 | 비밀번호 | كلمة[ ](?:المرور|السر)
          | סיסמה | סיסמא | पासवर्ड | kata[ ]sandi | (?<![a-z])sandi | mật[ ]khẩu | รหัสผ่าน ) {_VALUE}""",
    re.VERBOSE | re.IGNORECASE,
)
_CODE_SIGNS = WordSigns(
    "verification", "one-time", "security", "authentication", "login", "mfa", "sms", "otp", "cvv", "cvc", "cvn", "pin", "code de v", "bestätigungscode", "prüfnummer", "sicherheitscode", "código de", "codice di", "verificatiecode", "kod weryfikacyjny", "код подтверждения",
)  # fmt: skip
_OTHER_CODE_SIGNS = Signs("2fa", "验证码", "認証コード", "인증번호")
_CODE = re.compile(
    rf"""(?: (?:verification|one-time|security|authentication|login|mfa|sms)[ _-]?(?:code|pin|passcode) | (?<![a-z])(?:otp|cvv2?|cvc2?|cvn|pin)(?![a-z])(?:[ -]?code)? | code[ ]de[ ]v[ée]rification | bestätigungscode | prüfnummer | sicherheitscode
          | código[ ]de[ ](?:verificación|verificação|seguridad|segurança) | codice[ ]di[ ]verifica | verificatiecode | kod[ ]weryfikacyjny | код[ ]подтверждения | 2fa(?:[ -]?code)? | 验证码 | 認証コード | 인증번호 ) {_VALUE}""",
    re.VERBOSE | re.IGNORECASE,
)
_KEY_SIGNS = Signs("key", "token", "secret", "credential", "_pass")
_KEY = re.compile(rf"(?:key|token|secret|credential|_pass)s?(?![A-Za-z0-9_]) {_VALUE}", re.VERBOSE | re.IGNORECASE)
_QUALIFIED = re.compile(
    r"(?:api|secret|access|private|encryption|signing|licen[cs]e|subscription|account|master|shared|storage|webhook|admin|app|client|consumer|service|auth|refresh|session|bearer|security|csrf|xsrf|personal|bot|user|deploy|identity|device|push)[ _-]?\Z"
    r"|(?<![A-Za-z])id[ _-]?\Z|[A-Za-z0-9]_\Z|x-[a-z-]{1,30}-\Z",
    re.IGNORECASE,
)
"""What makes a key, a token or a secret of the word behind it: `sort key` is none."""
_NO_SECRET = frozenset(
    "true false null none string required optional missing invalid expired incorrect wrong reset changed unknown empty "
    "hidden redacted yes no set unset".split()
)
_LETTER, _OTHER, _NUMBER = re.compile(r"[^\W\d_]"), re.compile(r"[\W\d_]"), re.compile("[0-9]")
_MIXED = re.compile("(?=.*[a-z])(?=.*[A-Z]).{20,}")
_BARE_END = re.compile(r"[\s,;{}\[\]<>\"'`\\|]|\)\s|\)\Z")

# ── Headers, cookies and command lines ──

_HEADER = re.compile(
    r"""(?<![a-z])(?:proxy-)?authorization ["'\\]{0,8} [ ]{0,2} [:=] [ ]{0,2} ["'\\]{0,8} (?:(?:bearer|basic|token|apikey|negotiate|ntlm|key|jwt)[ ]+)? (?P<value>[A-Za-z0-9._~+/=:-]{12,8192}) (?![ ]?(?:failed|error))
      | (?<![a-z])(?:bearer|basic)[ ] (?P<bearer>[a-z0-9._~+/=-]{16,8192})
      | (?<![a-z])(?:signature|response|oauth_token|cnonce)[=:]["'\\]{0,8}(?P<signed>(?=[a-z+/%_-]{0,200}[0-9])[a-z0-9+/=%_-]{16,1024})
      | (?<![a-z])-(?:u|-user)[ =]["']?[^\s:"'@/]{1,80}:(?P<user>[^\s"'@/]{4,200})
      | (?<![a-z])mysql(?:dump|admin)?[ ][^\n]{0,80}?-p(?P<mysql>[^\s"'-][^\s"']{3,200})
      | (?<![a-z])--?(?:api-?key|token|password|passwd|secret|access-?token|auth-?token)[ =]["']?(?P<option>[^\s"'-][^\s"']{7,400})
      | (?<![a-z])login[ ]\S{1,80}[ ]password[ ](?P<netrc>\S{4,200})""",
    re.VERBOSE | re.IGNORECASE,
)
_HEADER_SIGNS = ("uthorization", "earer ", "asic ", "ignature", "esponse=", "oauth_", "login ")
_OPTION_SIGNS = ("-u ", "user", "ysql", "api", "token", "pass", "secret", "auth")
_COOKIE = re.compile(
    r"(?<![a-z])(?:set-)?cookie[\"'\\]*[ ]{0,2}[:=][ ]{0,2}[\"']?(?P<pairs>[^\n\"']{4,4096})", re.IGNORECASE
)
_COOKIE_PAIR = re.compile(r"[\w.%-]{1,80}=(?P<value>[^;\s,]{12,2048})")
_SESSION = re.compile(r"(?<![A-Za-z])(?:PHPSESSID|JSESSIONID|ASPSESSIONID\w{0,10}|ASP\.NET_SessionId|connect\.sid|laravel_session|_gitlab_session|sessionid|csrftoken)=(?P<value>[^\s;&?\"'<>]{8,512})", re.IGNORECASE)  # fmt: skip

# ── Addresses of the web, connection strings ──

_QUERY = re.compile(
    r"""(?<=[?&;#]) (?: (?P<strong>[\w.-]{0,40}(?:token|secret|passw(?:or)?d|signature|api_?key|jwt|hmac|credential|sessid|session_?id|sharekey|share_key|accesskeyid)[\w-]{0,20} | pwd | pass | sig | samlresponse | samlrequest | otp | magic | appid | app_id )
        | (?P<weak>code | key | auth | session | sid | ticket | hash | state | nonce | invite | t | sign | login | verify | confirm | reset | unsubscribe) )
        = (?P<secret>[^\s&?\#"'<>\\\[\]|`*;)]{4,8192})""",
    re.VERBOSE | re.IGNORECASE,
)
_USER_IN_ADDRESS = re.compile(r"://(?P<secret>[^\s/@:\[\]\"'<>]{0,200}+:[^\s/@\[\]\"'<>]{1,200}+)@")
_THIN = re.compile(r"jdbc:[a-z:]{1,30}:(?P<secret>[^\s/@:\"']{1,80}/[^\s@\"']{3,200})@", re.IGNORECASE)
_PGPASS = re.compile(
    r"(?<![\w.:/])(?:localhost|\*|[\w-]{1,60}(?:\.[\w-]{1,60}){1,5}):[0-9]{2,5}:[\w*-]{1,60}:[\w-]{1,60}:(?P<secret>[^\s:\"'<>]{4,200})"
)


def labelled(text: str) -> Iterator[Span]:
    """What stands behind a label like `password:` or `api_key=`, in a header or cookie, and secrets in an address of the web.

    Behind "password is" only what holds more than letters: "my password is wrong" tells none.
    """
    spans = list(_carried(text))
    for signs, pattern, is_secret, what in (
        (_PASSWORD_SIGNS, _PASSWORD, _is_password, "[password]"), (_CODE_SIGNS, _CODE, _is_code, "[password]"), (_OTHER_CODE_SIGNS, _CODE, _is_code, "[password]"), (_KEY_SIGNS, _KEY, _is_key, "[key]"),
    ):  # fmt: skip
        for match in signs.matches(pattern, text):
            which = "quoted" if match["quote"] else "bare"
            value = match[which] if match["quote"] else _end_of_word(match[which])
            if what == "[key]":
                value = value.split("&")[0]  # the next parameter of an address
            if _could_be_secret(value) and is_secret(match, value):
                start = match.start(which)
                spans.append((start, start + len(value), what))
    yield from apart(spans)


def _carried(text: str) -> Iterator[Span]:
    if "://" in text:
        for match in _USER_IN_ADDRESS.finditer(text):
            if not match["secret"].startswith(("$", "<", "{", "%s", "...")):
                yield *match.span("secret"), "[password]"
    if "=" in text:
        if "?" in text or "&" in text or "#" in text or ";" in text:
            for match in _QUERY.finditer(text):
                value = match["secret"]
                if match["strong"] or (len(value) >= 16 and (_NUMBER.search(value) or _MIXED.match(value))):
                    yield *match.span("secret"), "[key]"
        yield from ((*match.span("value"), "[key]") for match in _SESSION.finditer(text))
    options = (" -" in text or text.startswith("-")) and any(map(text.__contains__, _OPTION_SIGNS))
    if options or any(map(text.__contains__, _HEADER_SIGNS)):
        for match in _HEADER.finditer(text):
            if match.lastgroup in ("value", "bearer", "signed", "option"):
                if _NUMBER.search(match[match.lastgroup]) or _MIXED.match(match[match.lastgroup]):
                    yield *match.span(match.lastgroup), "[key]"
            elif match.lastgroup:
                yield *match.span(match.lastgroup), "[password]"
    if "ookie" in text:
        for match in _COOKIE.finditer(text):
            for pair in _COOKIE_PAIR.finditer(text, *match.span("pairs")):
                yield *pair.span("value"), "[key]"
    if "jdbc:" in text:
        yield from ((*match.span("secret"), "[password]") for match in _THIN.finditer(text))
    if text.count(":") >= 4:
        yield from ((*match.span("secret"), "[password]") for match in _PGPASS.finditer(text))


def _end_of_word(bare: str) -> str:
    end = _BARE_END.search(bare)
    return (bare[: end.start()] if end else bare).rstrip(".!?)*")


def _could_be_secret(value: str) -> bool:
    """Whether it is neither a placeholder, nor a variable, nor a word that says how a secret is."""
    return bool(value) and not (
        value.startswith(("[", "$", "<", "{", "*"))
        or value.endswith("(")
        or "://" in value
        or value.casefold() in _NO_SECRET
    )


def _is_code(match: re.Match[str], value: str) -> bool:
    return value.isdigit() and 3 <= len(value) <= 8


def _is_password(match: re.Match[str], value: str) -> bool:
    link = match["link"].strip(" \t\n\"'\\`")
    mixed = bool(_LETTER.search(value)) and bool(_OTHER.search(value))
    if not match["link"]:
        return False  # the label goes on: www. is no password
    if not link and not match["quote"]:
        return len(value) >= 7 and mixed and bool(_NUMBER.search(value))
    if link[-1:].isalpha() or (link[:1].isalpha() and not link.endswith((":", "="))):
        return mixed or value.isdigit()
    return len(value) > 3 and " " not in value.strip()


def _is_key(match: re.Match[str], value: str) -> bool:
    start, text = match.start(), match.string
    if not _QUALIFIED.search(text, max(0, start - 24), start) and (
        match[0][:3].lower() == "key" or text[max(0, start - 1) : start].isalpha()
    ):
        return False
    if " " in value or not (_NUMBER.search(value) or _MIXED.match(value)):
        return False
    return len(value) >= (8 if match["link"].strip() or match["quote"] else 16)
