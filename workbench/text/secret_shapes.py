"""Secrets, addresses of machines and national ids in folded text, by their shape, their label or their check digits.

What has neither a check digit nor a shape of its own counts only behind a word that says what it is: a bare number of eleven
digits is an order as often as a tax id. Sources of the check digits: ISO 7064 (mod 11,10 and mod 97-10), Verhoeff 1969, and
the issuing countries' own rules, named where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from ipaddress import AddressValueError, IPv6Address

Span = tuple[int, int, str]  # from, to (exclusive), what stands there

# ── Keys and tokens: the prefixes that their issuers document, and JSON Web Tokens (RFC 7519) ──

_KEY = re.compile(
    r"""(?<![A-Za-z0-9_-]) (?:
      (?:AKIA|ASIA)[0-9A-Z]{16} (?![0-9A-Za-z])
    | gh[opsur]_[A-Za-z0-9]{20,255} | github_pat_[A-Za-z0-9_]{20,255} | glpat-[A-Za-z0-9_-]{20,64}
    | (?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,255} | sk-(?:ant-|proj-)?(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,255}
    | xox[abeoprs]-[0-9A-Za-z-]{10,255} | AIza[0-9A-Za-z_-]{35} | ya29\.[0-9A-Za-z_-]{20,255}
    | npm_[A-Za-z0-9]{36} | hf_[A-Za-z0-9]{30,64} | SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}
    | eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,8192}(?:\.[A-Za-z0-9_-]{0,2048})?
    ) | -----BEGIN[ ][A-Z ]{0,20}PRIVATE[ ]KEY----- [A-Za-z0-9+/=\s\\]{0,8192} (?:-----END[ ][A-Z ]{0,20}PRIVATE[ ]KEY-----)?
      | (?<![A-Za-z]) (?:[Bb]earer|[Bb]asic)[ ] (?P<bearer> (?=[A-Za-z._~+/=-]{0,200}[0-9]) [A-Za-z0-9._~+/=-]{16,8192} )
    """,
    re.VERBOSE,
)
_KEY_SIGNS = ("AKIA", "ASIA", "gh", "glpat-", "k_", "sk-", "xox", "AIza", "ya29", "npm_", "hf_", "SG.", "eyJ", "PRIVATE", "earer ", "asic ")  # fmt: skip


def keys(text: str) -> Iterator[Span]:
    """Keys of known issuers, JSON Web Tokens, private keys and what an Authorization header carries."""
    if any(map(text.__contains__, _KEY_SIGNS)):
        for match in _KEY.finditer(text):
            yield *match.span("bearer" if match["bearer"] else 0), "[key]"


# ── Passwords and keys behind their label, and secrets in addresses of the web ──

_LABELLED = re.compile(
    r"""(?: (?P<password> pass(?:word|wd|phrase|code|wort) | (?<![a-z])pwd | kennwort | contraseña | mot[ ]de[ ]passe | senha | wachtwoord | 密码 )
          | (?P<key> api[ _-]?key | secret(?:[ _-]?(?:access)?[ _-]?key)? | (?:access|auth|refresh|session|bearer|security)[ _-]?token
                   | private[ _-]?key | client[ _-]?secret ) )
        (?P<link> (?:\\?["'])? [ ]{0,2} (?:[:=：]|(?:is|ist|es|est|é)(?:[ ]?:)?[ ]|->) [ ]{0,2} )
        (?: (?P<quote>\\?["'])(?P<quoted>[^"'\\\n]{1,200}) | (?P<bare>[^\s"'\\,;{}\[\]<>]{4,200}) )""",
    re.VERBOSE | re.IGNORECASE,
)
_LABEL_SIGNS = ("pass", "pwd", "kennw", "contras", "senha", "wachtw", "key", "secret", "token", "密码")
_NO_SECRET = frozenset(
    "true false null none string required optional missing invalid expired incorrect wrong reset changed unknown empty "
    "hidden redacted yes no set unset".split()
)
_QUERY_SECRET = re.compile(
    r"""(?<=[?&;#]) (?: (?:access_|auth_|id_|refresh_|session_?)?token | (?:api_?|access_?|secret_?)?key | sig(?:nature)? | password | passwd | pwd
          | secret | client_secret | auth | code | jwt | session_?id | sid | x-amz-(?:signature|credential|security-token) | awsaccesskeyid )
        = (?P<secret>[^\s&\#"'<>\\\[\]]{4,4096})""",
    re.VERBOSE | re.IGNORECASE,
)
_USER_IN_ADDRESS = re.compile(r"://(?P<secret>[^\s/@:\[\]\"'<>]{1,200}+:[^\s/@\[\]\"'<>]{1,200}+)@")


def labelled(text: str) -> Iterator[Span]:
    """What stands behind a label like `password:` or `api_key=`, and secrets in an address of the web.

    Behind "password is" only what holds more than letters: "my password is wrong" tells none.
    """
    spans: list[Span] = []
    if "://" in text:
        spans += [(*match.span("secret"), "[password]") for match in _USER_IN_ADDRESS.finditer(text)]
    if "=" in text and ("?" in text or "&" in text or "#" in text):
        spans += [(*match.span("secret"), "[key]") for match in _QUERY_SECRET.finditer(text)]
    if _names_any(text, _LABEL_SIGNS):
        for match in _LABELLED.finditer(text):
            which = "quoted" if match["quote"] else "bare"
            value = match[which] if which == "quoted" else match[which].rstrip(".!?)")
            if _is_secret(match, value):
                start = match.start(which)
                spans.append((start, start + len(value), "[password]" if match["password"] else "[key]"))
    free = 0
    for start, end, what in sorted(spans):
        if start >= free:
            yield start, end, what
            free = end


def _names_any(text: str, words: Iterable[str]) -> bool:
    """Whether one of the words is in a text, in any case: far cheaper than a pattern that begins with them."""
    lowered = text.lower()
    return any(map(lowered.__contains__, words))


def _is_secret(match: re.Match[str], value: str) -> bool:
    if value.startswith("[") or value.casefold() in _NO_SECRET or "://" in value:
        return False
    mixed = bool(re.search(r"[^\W\d_]", value)) and bool(re.search(r"[\W\d_]", value))
    in_words = match["link"].strip(" \"'\\")[:1].isalpha()
    if match["password"]:
        return (mixed or value.isdigit()) if in_words else len(value) > 3 and " " not in value.strip()
    return len(value) >= 8 and " " not in value and bool(re.search("[0-9]", value))


# ── Addresses of machines ──

_DIGIT = re.compile("[0-9]")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(rf"(?<![\w.\]])(?<!\]-){_OCTET}(?:\.{_OCTET}){{3}}(?![\w]|\.[0-9])")
_IPV6 = re.compile(
    r"(?=[0-9A-Fa-f:]{3})(?<![\w:.])(?=[0-9A-Fa-f]{0,4}+:[0-9A-Fa-f]{0,4}+:)[0-9A-Fa-f:]{2,39}(?:(?<=:)[0-9.]{7,15})?(?![\w:])"
)
_VERSION_WORDS = re.compile(
    r"(?:\b(?:v|ver|version|release|build|firmware|driver|sdk|chrome|app|section|§)\.?|/)[ :=\"']{0,4}\Z", re.IGNORECASE
)


_NOBODYS = frozenset(("127.0.0.1", "0.0.0.0", "::1"))
"""Addresses that every machine has for itself: messages of errors name them, and they tell of nobody."""


def machines(text: str) -> Iterator[Span]:
    """IPv4 and IPv6 addresses but those of any machine itself; four numbers behind a word like "version" are a version."""
    if text.count(".") >= 3:
        for match in _IPV4.finditer(text):
            if match[0] in _NOBODYS:
                continue
            if text[max(0, match.start() - 2) : match.start()] == "//" or not _VERSION_WORDS.search(
                text[max(0, match.start() - 16) : match.start()]
            ):
                yield *match.span(), "[ip]"
    if text.count(":") >= 2:
        for match in _IPV6.finditer(text):
            if match[0] not in _NOBODYS and _is_ipv6(match[0]):
                yield *match.span(), "[ip]"


def _is_ipv6(text: str) -> bool:
    if len(text) <= 5 or not _DIGIT.search(text):
        return False
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


# ── National ids ──

_ID = re.compile(
    r"""(?=[0-9A-Z][0-9A-Z. -]) (?<![0-9A-Za-z_\]]) (?<![0-9A-Za-z\]][.-]) (?:
      (?P<ssn>     (?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4} )
    | (?P<nino>    [A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ ]?[0-9]{2}[ ]?[0-9]{2}[ ]?[0-9]{2}[ ]?[A-D] )
    | (?P<dni>     (?:[XYZ]-?[0-9]{7}|[0-9]{8}|[0-9]{2}\.[0-9]{3}\.[0-9]{3})-?[A-HJ-NP-TV-Z] )
    | (?P<nir>     [1-478][ ]?[0-9]{2}[ ]?(?:0[1-9]|1[0-2]|[2-9][0-9])[ ]?(?:[0-9]{2}|2[AB])[ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{2} )
    | (?P<fiscale> [A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z] )
    | (?P<cpf>     [0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2} )
    | (?P<china>   [1-8][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X] )
    | (?P<aadhaar> [2-9][0-9]{3}(?P<parting>[ -])[0-9]{4}(?P=parting)[0-9]{4} )
    | (?P<sweden>  (?:19|20)?[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-6][1-9]|[1-3]0|[39]1)[-+][0-9]{4} )
    ) (?![0-9A-Za-z_]|[.-][0-9])""",
    re.VERBOSE,
)
_ID_BEHIND_ITS_NAME = re.compile(
    r"""(?<![A-Za-z]) (?: SSN | social[ ]security(?:[ ](?:number|no\.?))? | (?P<german>steuer[ -]?(?:id|identifikationsnummer|nummer)(?:[ ]?nr\.?)?|idnr\.?) | (?P<brazil>CPF)
        | (?P<poland>PESEL) | (?P<dutch>BSN|burgerservicenummer) | (?P<pan>PAN(?:[ ]card)?) | SIN | national[ ]insurance(?:[ ]number)?
        | NINO | tax[ _-]?id | national[ _-]?id | passport(?:[ ](?:number|no\.?))? )
        ["'\\]{0,8} [ ]{0,2} (?:is|ist|:|=|\#|lautet|é)? [ ]{0,2} ["'\\]{0,8}
        (?P<id> [A-Z]{0,5}[0-9][0-9A-Z]*(?:[ .-][0-9][0-9A-Z]{0,7}){0,4} ) (?![0-9A-Za-z_])""",
    re.VERBOSE | re.IGNORECASE,
)
_ID_NAMES = ("ssn", "social", "steuer", "idnr", "cpf", "pesel", "bsn", "burger", "pan", "sin", "national", "nino", "tax", "passport")  # fmt: skip
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"  # Real Decreto 1553/2005: the number modulo 23
_FISCALE_ODD = (
    1,
    0,
    5,
    7,
    9,
    13,
    15,
    17,
    19,
    21,
    2,
    4,
    18,
    20,
    11,
    3,
    6,
    8,
    12,
    14,
    16,
    10,
    22,
    25,
    24,
    23,
)  # D.M. 23/12/1976
_VERHOEFF_TURNS = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def national_ids(text: str) -> Iterator[Span]:
    """Ids whose check digits hold, of nine countries; others behind their name, checked where they have check digits."""
    if not _DIGIT.search(text):
        return
    spans: list[Span] = []
    for match in _ID.finditer(text):
        kind = match.lastgroup if match.lastgroup != "parting" else "aadhaar"
        check = _CHECKS.get(kind or "")
        if check is None or check(re.sub(r"[ .+-]", "", match[0])):
            spans.append((*match.span(), "[id]"))
    if _names_any(text, _ID_NAMES):
        for match in _ID_BEHIND_ITS_NAME.finditer(text):
            code = re.sub(r"[ .-]", "", match["id"])
            check = next((_CHECKS[name] for name in _NAMED_CHECKS if match[name]), None)
            if len(code) >= 8 if check is None else check(code):
                spans.append((*match.span("id"), "[id]"))
    free = 0
    for start, end, what in sorted(spans):
        if start >= free:
            yield start, end, what
            free = end


def _dni(code: str) -> bool:
    number = code[:-1].translate(str.maketrans("XYZ", "012"))
    return len(code) == 9 and _DNI_LETTERS[int(number) % 23] == code[-1]


def _nir(code: str) -> bool:
    """INSEE: 97 less the number modulo 97; Corsica's 2A and 2B count as 19 and 18."""
    number = code[:-2].replace("2A", "19").replace("2B", "18")
    return len(code) == 15 and 97 - int(number) % 97 == int(code[-2:])


def _fiscale(code: str) -> bool:
    values = [int(sign) if sign.isdigit() else ord(sign) - ord("A") for sign in code[:-1]]
    return (sum(_FISCALE_ODD[n] for n in values[::2]) + sum(values[1::2])) % 26 == ord(code[-1]) - ord("A")


def _cpf(code: str) -> bool:
    """Receita Federal: two check digits, weights falling to 2, modulo 11."""
    if len(code) != 11 or not code.isdigit() or len(set(code)) == 1:
        return False
    digits = [int(sign) for sign in code]
    return all(
        sum(digit * weight for digit, weight in zip(digits, range(end + 1, 1, -1), strict=False)) * 10 % 11 % 10
        == digits[end]
        for end in (9, 10)
    )


def _china(code: str) -> bool:
    """GB 11643-1999, ISO 7064 mod 11-2."""
    return sum(pow(2, 17 - place, 11) * (10 if sign == "X" else int(sign)) for place, sign in enumerate(code)) % 11 == 1


def _aadhaar(code: str) -> bool:
    turned, check = list(range(10)), 0
    for digit in map(int, reversed(code)):
        check = _turned(check, turned[digit])
        turned = [turned[turn] for turn in _VERHOEFF_TURNS]
    return check == 0


def _turned(a: int, b: int) -> int:
    """The product in the dihedral group of the pentagon, whose turns are 0–4 and reflections 5–9."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


def _sweden(code: str) -> bool:
    doubled = [int(sign) * (2 - place % 2) for place, sign in enumerate(code[-10:])]
    return sum(digit - 9 * (digit > 9) for digit in doubled) % 10 == 0


def _german(code: str) -> bool:
    """ISO 7064 mod 11,10 of the tax id of eleven digits."""
    if len(code) != 11 or not code.isdigit():
        return False
    product = 10
    for digit in map(int, code[:-1]):
        product = ((digit + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(code[-1])


def _weighted(weights: tuple[int, ...], modulus: int) -> Callable[[str], bool]:
    def check(code: str) -> bool:
        right = len(code) == len(weights) and code.isdigit()
        return right and sum(int(digit) * weight for digit, weight in zip(code, weights, strict=True)) % modulus == 0

    return check


def _pan(code: str) -> bool:
    return re.fullmatch("[A-Za-z]{5}[0-9]{4}[A-Za-z]", code) is not None


_CHECKS: dict[str, Callable[[str], bool]] = {
    "dni": _dni, "nir": _nir, "fiscale": _fiscale, "cpf": _cpf, "china": _china, "aadhaar": _aadhaar, "sweden": _sweden,
    "german": _german, "brazil": _cpf, "poland": _weighted((1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10),
    "dutch": _weighted((9, 8, 7, 6, 5, 4, 3, 2, -1), 11), "pan": _pan,
}  # fmt: skip
_NAMED_CHECKS = ("german", "brazil", "poland", "dutch", "pan")
