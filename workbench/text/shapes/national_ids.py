"""National ids in folded text: by form and check digits of some twenty countries, and others behind their own name.

What has neither a check digit nor a shape of its own counts only behind a word that says what it is: a bare number of eleven
digits is an order as often as a tax id. Sources of the check digits: ISO 7064 (mod 11,10, mod 11-2 and mod 97-10), Verhoeff 1969,
and the issuing countries' own rules, named where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from workbench.text.shapes.accounts import OTHER_NUMBERS
from workbench.text.shapes.spans import Signs, Span, WordSigns, apart

_DIGIT = re.compile("[0-9]")

_ID = re.compile(
    r"""(?=[0-9A-Z][0-9A-Z./ -]{5}[0-9A-Z./ +-]{3}) (?<![0-9A-Za-z_\]]) (?<![0-9A-Za-z\]][.-]) (?:
      (?P<ssn>     (?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4} )
    | (?P<nino>    [A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ ]?[0-9]{2}[ ]?[0-9]{2}[ ]?[0-9]{2}[ ]?[A-D] )
    | (?P<dni>     (?:[XYZ]-?[0-9]{7}|[0-9]{8}|[0-9]{2}\.[0-9]{3}\.[0-9]{3})-?[A-HJ-NP-TV-Z] )
    | (?P<nir>     [1-478][ ]?[0-9]{2}[ ]?(?:0[1-9]|1[0-2]|[2-9][0-9])[ ]?(?:[0-9]{2}|2[AB])[ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{2} )
    | (?P<fiscale> [A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z] )
    | (?P<cpf>     [0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2} )
    | (?P<cnpj>    [0-9]{2}\.[0-9]{3}\.[0-9]{3}/[0-9]{4}-[0-9]{2} )
    | (?P<china>   [1-8][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X] )
    | (?P<aadhaar> [2-9][0-9]{3}(?P<parting>[ -])[0-9]{4}(?P=parting)[0-9]{4} (?![ -]?[0-9]) )
    | (?P<sweden>  (?:19|20)?[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-6][1-9]|[1-3]0|[39]1)[-+][0-9]{4} )
    | (?P<swiss>   756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2} )
    | (?P<belgium> [0-9]{2}\.(?:0[1-9]|1[0-2])\.[0-3][0-9]-[0-9]{3}\.[0-9]{2} )
    | (?P<czech>   [0-9]{2}(?:[05][1-9]|[16][0-2]|[27][1-9]|[38][0-2])[0-3][0-9]/[0-9]{3,4} )
    | (?P<finland> [0-3][0-9](?:0[1-9]|1[0-2])[0-9]{2}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y] )
    | (?P<korea>   [0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])-[1-8][0-9]{6} )
    | (?P<thai>    [1-8]-[0-9]{4}-[0-9]{5}-[0-9]{2}-[0-9] )
    | (?P<chile>   [0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-[0-9Kk] )
    | (?P<argentina> (?:20|2[347]|3[034])-[0-9]{8}-[0-9] )
    | (?P<curp>    [A-Z]{4}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[HMX][A-Z]{5}[0-9A-Z][0-9] )
    ) (?![0-9A-Za-z_]|[.-][0-9])""",
    re.VERBOSE,
)
_NAMES = (
    r"SSN|social[ ]security(?:[ ](?:number|no\.?))?|CURP|(?<![a-z])RFC(?=[: ]{1,2}[A-Z])|CNPJ|CUI[TL]|RU[TN](?=[:= ])|NIF(?=[:= ])|SIN|national[ ]insurance(?:[ ]number)?|NINO|NHS(?:[ ](?:number|no\.?))?|tax[ _-]?(?:id|file[ ]number)|TFN|IRD(?:[ ](?:number|no\.?))?"
    r"|national[ _-]?id(?:entity)?(?:[ _-]?(?:number|card))*|identity[ ](?:card|number)(?:[ ]number)?|passport(?:[ _]?(?:number|no\.?))?|driv(?:er['’]?s?|ing)[ _]?licen[cs]e(?:[ _]?(?:number|no\.?))?|aadhaar(?:[ ](?:number|no\.?|card))*|PPSN?(?:[ ](?:number|no\.?))?"
    r"|num[ée]ro[ ]de[ ]s[ée]curit[ée][ ]sociale|sécu|NIR|codice[ ]fiscale|C\.?F\.?(?=[: ]{1,2}[A-Z]{6})|SV-?nummer|sozialversicherungs(?:nummer|nr\.?)|AHV(?:-?(?:nummer|nr\.?))?|personalausweis(?:nummer|nr\.?)?|reisepass(?:nummer|nr\.?)?|ausweisnummer"
    r"|rijksregisternummer|NISS|numéro[ ]national|burgerservicenummer|rodn[ée][ ]č[íi]slo|CNP|ЕГН|Α\.?Μ\.?Κ\.?Α\.?|ΑΦΜ|OIB|EMŠO|JMBG|henkilötunnus|hetu|personnummer|fødselsnummer|CPR(?:-?nummer)?|isikukood|asmens[ ]kodas|personas[ ]kods"
    r"|T\.?C\.?[ ]?kimlik(?:[ ](?:no|numarası))?|תעודת[ ]זהות|ת\.ז\.?|СНИЛС|ИНН|паспорт|РНОКПП|マイナンバー|個人番号|주민등록번호|身份证(?:号码?)?|身分證(?:字號)?|เลขประจำตัวประชาชน|NIK|CCCD|CMND|cédula(?:[ ]de[ ](?:identidad|ciudadanía))?|pasaporte|passaporto|passeport"
)
_ID_BEHIND_ITS_NAME = re.compile(
    rf"""(?<![^\W\d_]) (?: (?P<german>steuer[ -]?(?:id|identifikationsnummer|nummer)(?:[ ]?nr\.?)?|idnr\.?) | (?P<brazil>CPF)
        | (?P<poland>PESEL) | (?P<dutch>BSN) | (?P<spain>DNI|NIE(?=[:= ])) | (?P<pan>PAN(?:[ ]card)?) | {_NAMES} ) (?![a-z])
        ["'\\*]{{0,8}} [ ]{{0,2}} (?:is|ist|est|es|é|è|:|=|\#|lautet|は|是)? [ ]{{0,2}} ["'\\*]{{0,8}}
        (?P<id> [A-Z]{{0,5}}[0-9][0-9A-Z]*(?:[ ./-](?:(?=[A-Z]{{0,3}}[0-9])[0-9A-Z]{{1,8}}|[A-Z](?![A-Z]))){{0,5}} ) (?![0-9A-Za-z_])""",
    re.VERBOSE | re.IGNORECASE,
)
_ID_NAMES = WordSigns(
    "ssn", "social security", "curp", "rfc", "cnpj", "cuit", "cuil", "rut", "run", "dni", "nie", "nif", "sin", "national", "nino", "nhs", "tax", "tfn", "ird", "identity", "passport", "passport_number", "driver", "drivers", "driving", "aadhaar", "pps", "ppsn", "numéro de s", "numero de s", "numéro national", "sécu", "nir", "codice fiscale",
    "c.f", "cf", "sv-nummer", "svnummer", "sozialversicherungsnummer", "sozialversicherungsnr", "ahv", "personalausweis", "personalausweisnummer", "personalausweisnr", "reisepass", "reisepassnummer", "reisepassnr", "ausweisnummer", "rijksregisternummer", "niss", "burgerservicenummer", "rodné", "rodne", "cnp", "егн", "α.μ", "αμκα", "αφμ",
    "oib", "emšo", "jmbg", "henkilötunnus", "hetu", "personnummer", "fødselsnummer", "cpr", "cpf", "isikukood", "asmens", "personas kods", "t.c", "tc kimlik", "tckimlik", "תעודת", "снилс", "инн", "паспорт", "рнокпп", "nik", "cccd", "cmnd", "cédula", "pasaporte", "passaporto", "passeport", "steuer", "steuerid", "steuernummer",
    "steueridentifikationsnummer", "idnr", "pesel", "bsn", "pan", "ת.ז",
)  # fmt: skip
_EASTERN_NAMES = Signs("マイナンバー", "個人番号", "주민등록", "身份证", "身分證", "เลขประจำ")
"""Names in scripts that put nothing between words."""
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
    """Ids whose form and check digits hold, of eighteen countries; others behind their name, checked where they have check digits."""
    if not _DIGIT.search(text):
        return
    spans: list[Span] = []
    for match in _ID.finditer(text):
        kind = match.lastgroup if match.lastgroup != "parting" else "aadhaar"
        check = _CHECKS.get(kind or "")
        if OTHER_NUMBERS.search(text[max(0, match.start() - 40) : match.start()]):
            continue
        if check is None or check(re.sub(r"[ ./+-]", "", match[0]) if kind != "finland" else match[0]):
            spans.append((*match.span(), "[id]"))
    names = list(_ID_NAMES.matches(_ID_BEHIND_ITS_NAME, text))
    if not text.isascii():
        names += _EASTERN_NAMES.matches(_ID_BEHIND_ITS_NAME, text)
    for match in names:
        code = re.sub(r"[ ./-]", "", match["id"])
        check = next((_CHECKS[name] for name in _NAMED_CHECKS if match[name]), None)
        if _could_be_an_id(code) if check is None else check(code):
            spans.append((*match.span("id"), "[id]"))
    yield from apart(spans)


def _could_be_an_id(code: str) -> bool:
    return 7 <= len(code) <= 20 and sum(map(str.isdigit, code)) >= 5


def _dni(code: str) -> bool:
    if not re.fullmatch("[0-9XYZ][0-9]{7}[A-Z]", code):
        return False
    number = code[:-1].translate(str.maketrans("XYZ", "012"))
    return _DNI_LETTERS[int(number) % 23] == code[-1]


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


def _cnpj(code: str) -> bool:
    """Receita Federal: two check digits, weights 2 to 9 from the right, modulo 11."""
    digits = [int(sign) for sign in code]
    return all(
        digits[end]
        == (11 - rest if (rest := sum(d * (2 + (end - 1 - n) % 8) for n, d in enumerate(digits[:end])) % 11) > 1 else 0)
        for end in (12, 13)
    )


def _ean(code: str) -> bool:
    """The Swiss number's check digit is that of EAN-13."""
    return sum(int(sign) * (1 + place % 2 * 2) for place, sign in enumerate(code)) % 10 == 0


def _belgium(code: str) -> bool:
    """97 less the number modulo 97; of those born from 2000 on with a 2 before it."""
    return int(code[-2:]) in (97 - int(code[:9]) % 97, 97 - int(f"2{code[:9]}") % 97)


def _czech(code: str) -> bool:
    """Nine digits until 1953; ten are a multiple of 11, or their first nine leave 10 and the last is 0."""
    if len(code) == 9:
        return int(code[:2]) < 54
    return int(code) % 11 == 0 or (int(code[:9]) % 11 == 10 and code[-1] == "0")


def _finland(code: str) -> bool:
    """The number without its sign modulo 31, as a letter."""
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(code[:6] + code[7:10]) % 31] == code[-1]


def _chile(code: str) -> bool:
    """Modulo 11, weights 2 to 7 from the right; 10 is K."""
    total = sum(int(sign) * (2 + place % 6) for place, sign in enumerate(reversed(code[:-1])))
    return "0K987654321"[total % 11] == code[-1].upper()


def _thai(code: str) -> bool:
    """Modulo 11, weights 13 to 2."""
    return (11 - sum(int(sign) * (13 - place) for place, sign in enumerate(code[:12])) % 11) % 10 == int(code[-1])


def _korea(code: str) -> bool:
    """Modulo 11, weights 2 to 9 and 2 to 5; since October 2020 the last digits are given by chance."""
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    right = (11 - sum(int(sign) * weight for sign, weight in zip(code, weights, strict=False)) % 11) % 10
    return right == int(code[-1]) or (code[6] in "3478" and int(code[:2]) >= 20)


_CHECKS: dict[str, Callable[[str], bool]] = {
    "dni": _dni, "nir": _nir, "fiscale": _fiscale, "cpf": _cpf, "china": _china, "aadhaar": _aadhaar, "sweden": _sweden,
    "german": _german, "brazil": _cpf, "poland": _weighted((1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10),
    "dutch": _weighted((9, 8, 7, 6, 5, 4, 3, 2, -1), 11), "pan": _pan, "spain": lambda code: (code.isdigit() and 7 <= len(code) <= 8) or _dni(code.upper()), "cnpj": _cnpj, "swiss": _ean, "belgium": _belgium, "czech": _czech,
    "finland": _finland, "chile": _chile, "thai": _thai, "korea": _korea, "argentina": _weighted((5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), 11),
}  # fmt: skip
_NAMED_CHECKS = ("spain", "german", "brazil", "poland", "dutch", "pan")
