"""Phones, cards, accounts, addresses of machines and national ids of all countries, by others' tables: libphonenumber's examples,
the IBAN registry and the check digits of python-stdnum; the networks of cards as ISO/IEC 7812 issuers publish their ranges."""

from __future__ import annotations

import importlib
import ipaddress
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks.unseen.rows import Datum, Rng, around, filled

# ── Phones ──

PHONE_WORDS = {
    "English": ("phone: ", "my number is ", "call me at ", "cell ", "Tel. ", "mobile number: "),
    "German": ("Telefon: ", "Handynummer ", "meine Nummer ist ", "Tel.: ", "Mobil: ", "erreichbar unter "),
    "French": ("téléphone : ", "mon numéro est le ", "tél. ", "portable : ", "joignable au "),
    "Spanish": ("teléfono: ", "mi número es ", "móvil: ", "celular: ", "llámame al "),
    "Portuguese": ("telefone: ", "meu número é ", "celular: ", "telemóvel: ", "ligue para "),
    "Italian": ("telefono: ", "il mio numero è ", "cellulare: ", "cell. ", "chiamami al "),
    "Dutch": ("telefoon: ", "telefoonnummer: ", "mijn nummer is ", "mobiel: ", "bel me op "),
    "Polish": ("telefon: ", "mój numer to ", "tel. ", "komórka: ", "numer telefonu: "),
    "Swedish": ("telefon: ", "mitt nummer är ", "mobil: ", "telefonnummer: "),
    "Danish": ("telefon: ", "mit nummer er ", "mobil: ", "tlf. "),
    "Finnish": ("puhelin: ", "numeroni on ", "puh. ", "puhelinnumero: "),
    "Czech": ("telefon: ", "moje číslo je ", "mobil: ", "tel.: "),
    "Turkish": ("telefon: ", "numaram ", "cep telefonu: ", "tel: "),
    "Hungarian": ("telefonszám: ", "a számom ", "telefon: ", "mobil: "),
    "Romanian": ("telefon: ", "numărul meu este ", "mobil: "),
    "Russian": ("телефон: ", "мой номер ", "тел. ", "номер телефона: "),
    "Ukrainian": ("телефон: ", "мій номер ", "тел. "),
    "Greek": ("τηλέφωνο: ", "το κινητό μου είναι ", "τηλ. "),
    "Chinese": ("电话：", "手机号码：", "我的电话是", "联系电话: "),
    "Japanese": ("電話番号：", "電話: ", "携帯は", "連絡先: "),
    "Korean": ("전화번호: ", "휴대폰 ", "연락처: "),
    "Arabic": ("هاتف: ", "رقم هاتفي ", "جوال: "),
    "Hebrew": ("טלפון: ", "נייד: ", "הטלפון שלי הוא "),
    "Hindi": ("फ़ोन: ", "मोबाइल नंबर: ", "मेरा नंबर है "),
    "Indonesian": ("telepon: ", "nomor HP saya ", "no. telp: "),
    "Vietnamese": ("điện thoại: ", "số điện thoại: ", "sđt: "),
    "Thai": ("โทรศัพท์: ", "เบอร์โทร ", "โทร. "),
}


def _phonenumbers() -> Any:
    return importlib.import_module("phonenumbers")


def _number(rng: Rng, region: str) -> Any:
    oracle = _phonenumbers()
    kinds = [oracle.PhoneNumberType.FIXED_LINE, oracle.PhoneNumberType.MOBILE]
    rng.shuffle(kinds)
    number = next(filter(None, (oracle.example_number_for_type(region, kind) for kind in kinds)))
    for _ in range(30):
        other = oracle.PhoneNumber(
            country_code=number.country_code,
            italian_leading_zero=number.italian_leading_zero,
            number_of_leading_zeros=number.number_of_leading_zeros,
            national_number=number.national_number // 1000 * 1000 + rng.randrange(1000),
        )
        if oracle.is_valid_number(other):
            return other
    return number


def _regions() -> list[str]:
    return sorted(_phonenumbers().SUPPORTED_REGIONS)


def _written(number: Any, form: str) -> str:
    oracle = _phonenumbers()
    return str(oracle.format_number(number, getattr(oracle.PhoneNumberFormat, form)))


def _with_country(region: str, rng: Rng) -> tuple[str, tuple[str, ...]]:
    number = _number(rng, region)
    international = _written(number, "INTERNATIONAL")
    code, _, rest = international.partition(" ")
    text = rng.choice((
        international, international, _written(number, "E164"), _written(number, "RFC3966"), international.replace(" ", "."),
        international.replace(" ", "-"), f"({code}) {rest}", "00" + international[1:], "00" + _written(number, "E164")[1:],
        f"{code} (0){rest}" if _written(number, "NATIONAL").startswith("0") else international, international.replace(" ", "\u00a0"),
        f"{code}{rest.replace(' ', '')}", _written(number, "E164").translate(_FULL_WIDTH), "\u200b".join(international.split(" ")),
    ))  # fmt: skip
    return text, (re.sub(r"\D", "", _written(number, "E164"))[-7:],)


_FULL_WIDTH = {ord(str(n)): chr(0xFF10 + n) for n in range(10)} | {ord("+"): "＋"}


def phones_with_country(rng: Rng) -> Iterator[Datum]:
    """International numbers of each region: as libphonenumber writes them, dotted, in parentheses, with 00, full-width, as a link."""
    return around(rng, {region: partial(_with_country, region) for region in _regions()})


def phones_behind_a_word(rng: Rng) -> Iterator[Datum]:
    """National numbers behind what says so in one of 27 languages; the halves are halves of the languages."""
    regions = _regions()

    def make(language: str, rng: Rng) -> tuple[str, tuple[str, ...]]:
        written = _written(_number(rng, rng.choice(regions)), "NATIONAL")
        digits = re.sub(r"\D", "", written)
        text = rng.choice((written, written, digits, written.replace(" ", "."), written.replace(" ", "-")))
        return rng.choice(PHONE_WORDS[language]) + text, (digits[-6:],)

    return around(rng, {language: partial(make, language) for language in PHONE_WORDS})


def phones_bare(rng: Rng) -> Iterator[Datum]:
    """National numbers as libphonenumber writes them, without a word that says so: many are any number's form."""

    def make(region: str, rng: Rng) -> tuple[str, tuple[str, ...]]:
        written = _written(_number(rng, region), "NATIONAL")
        return written, (re.sub(r"\D", "", written)[-6:],)

    return around(rng, {region: partial(make, region) for region in _regions()})


# ── Cards ──

NETWORKS = {
    "Visa 13": (("4",), 13), "Visa 16": (("4",), 16), "Visa 19": (("4",), 19), "Mastercard": (("51", "53", "55"), 16),
    "Mastercard 2": (("2221", "2399", "2650", "2720"), 16), "American Express": (("34", "37"), 15), "Diners 14": (("300", "305", "36", "38"), 14),
    "Diners 19": (("36", "39"), 19), "Discover": (("6011", "644", "65"), 16), "Discover 19": (("6011", "65"), 19), "JCB": (("3528", "3589"), 16),
    "JCB 19": (("3533",), 19), "UnionPay 16": (("621", "625"), 16), "UnionPay 17": (("622",), 17), "UnionPay 18": (("624",), 18),
    "UnionPay 19": (("620", "628"), 19), "Maestro 13": (("5018", "6304"), 13), "Maestro 16": (("5020", "6759"), 16), "Maestro 18": (("6761", "5038"), 18),
    "Maestro 19": (("6763", "5893"), 19), "Mir": (("2200", "2204"), 16), "RuPay": (("817", "820", "508"), 16), "Troy": (("9792",), 16),
    "Elo": (("636368", "438935", "504175", "509048", "650485"), 16), "Hipercard": (("606282",), 16), "UATP": (("1",), 15),
    "Verve": (("506099", "506115"), 19), "Dankort": (("5019",), 16), "InstaPayment": (("637", "639"), 16), "Uzcard": (("8600",), 16), "Humo": (("9860",), 16),
}  # fmt: skip
_GROUPS = {
    13: (4, 3, 3, 3),
    14: (4, 6, 4),
    15: (4, 6, 5),
    16: (4, 4, 4, 4),
    17: (4, 4, 4, 5),
    18: (6, 12),
    19: (4, 4, 4, 4, 3),
}


def cards(rng: Rng) -> Iterator[Datum]:
    """Numbers of 31 ranges of issuers with a true check digit: bare, grouped, with dots, dashes or thin spaces, after a label."""
    luhn = importlib.import_module("stdnum.luhn")

    def make(prefixes: tuple[str, ...], length: int, rng: Rng) -> tuple[str, tuple[str, ...]]:
        body = rng.choice(prefixes)
        body += filled(rng, f"<d{length - 1 - len(body)}>")
        number = body + luhn.calc_check_digit(body)
        sizes, parts, at = _GROUPS[length] if rng.random() < 0.7 else (4,) * (length // 4) + (length % 4,), [], 0
        for size in sizes:
            parts.append(number[at : at + size])
            at += size
        joined = rng.choice(("", "", " ", "-", ".", "\u00a0", "\u2009", "–", "  ")).join(filter(None, parts))
        if rng.random() < 0.1:
            joined = number.translate(_FULL_WIDTH)
        label = rng.choice(("", "", "", "card number: ", "Kartennummer ", "PAN=", "número de tarjeta: ", "my Visa is "))
        return label + joined, (number[-8:],)

    return around(rng, {name: partial(make, *range_) for name, range_ in NETWORKS.items()})


# ── Bank accounts ──


def ibans(rng: Rng) -> Iterator[Datum]:
    """Accounts of every country of the registry by its structure: whole, in fours, small, dashed, with a label, full-width."""
    structures = importlib.import_module("stdnum.iban")._ibandb
    digits = importlib.import_module("stdnum.iso7064.mod_97_10")

    def make(country: str, structure: str, rng: Rng) -> tuple[str, tuple[str, ...]]:
        signs = {"n": "d", "a": "U", "c": "u"}
        bban = "".join(
            filled(rng, f"<{signs[sign]}{size}>") for size, sign in re.findall(r"([0-9]+)!([nac])", structure)
        )
        whole = country + digits.calc_check_digits(bban + country) + bban
        fours = [whole[at : at + 4] for at in range(0, len(whole), 4)]
        text = rng.choice((
            whole, whole, " ".join(fours), " ".join(fours), whole.lower(), "-".join(fours), "\u00a0".join(fours), "IBAN " + whole, "IBAN: " + " ".join(fours),
            f"IBAN{whole}", "\u200b".join(fours), whole.translate(_FULL_WIDTH), " ".join((whole[:4], whole[4:])), ".".join(fours),
        ))  # fmt: skip
        return text, (whole[-10:],)

    return around(rng, {country: partial(make, country, fields) for country, fields in _iban_countries(structures)})


def _iban_countries(database: Any) -> Iterator[tuple[str, str]]:
    for _length, low, _high, properties, _children in database.prefixes:
        yield low, properties["bban"]


# ── Addresses of machines ──


def ips(rng: Rng) -> Iterator[Datum]:
    """IPv4 and IPv6 in every spelling of RFC 4291, 5952, 6874 and 3986: ports, masks, zones, brackets, mapped, defanged, in headers."""

    def v4() -> str:
        return ".".join(str(rng.randrange(2, 250)) for _ in range(4))

    def v6(zeros: bool = True) -> ipaddress.IPv6Address:
        groups = [rng.randrange(1, 65536) for _ in range(8)]
        if zeros:
            first = rng.randrange(2, 5)
            groups[first : first + rng.randrange(2, 4)] = [0] * 8
        return ipaddress.IPv6Address(":".join(f"{group:x}" for group in (groups + [7] * 8)[:8]))

    def low(address: ipaddress.IPv6Address) -> str:
        return address.compressed

    def of(form: str, address: str) -> tuple[str, tuple[str, ...]]:
        return form.format(address), (re.sub(r"[^0-9a-fA-F]", "", address)[-6:],)

    forms: dict[str, Callable[[Rng], tuple[str, tuple[str, ...]]]] = {
        "v4": lambda _: of("{}", v4()), "v4 port": lambda _: of("{}:8443", v4()), "v4 mask": lambda _: of("{}/24", v4()), "v4 url": lambda _: of("http://{}/admin?x=1", v4()),
        "v4 brackets": lambda _: of("[{}]", v4()), "v4 forwarded": lambda _: of("X-Forwarded-For: {}, 203.0.113.9", v4()), "v4 label": lambda _: of("client_ip={}", v4()),
        "v4 quoted": lambda _: of("'{}'", v4()), "v4 end": lambda _: of("Connection refused by {}.", v4()), "v4 defanged": lambda _: of("{}", v4().replace(".", "[.]")),
        "v4 host name": lambda _: of("ip-{}.ec2.internal", v4().replace(".", "-")), "v4 user": lambda _: of("root@{}", v4()), "v4 range": lambda _: of("{}-254", v4()),
        "v6 whole": lambda _: of("{}", v6(False).exploded), "v6 short": lambda _: of("{}", low(v6())), "v6 capitals": lambda _: of("{}", low(v6()).upper()),
        "v6 zeros": lambda _: of("{}", v6().exploded), "v6 port": lambda _: of("[{}]:443", low(v6())), "v6 url": lambda _: of("https://[{}]/x", low(v6())),
        "v6 zone": lambda _: of("{}%eth0", "fe80::" + low(v6(False)).split(":", 4)[4]), "v6 mask": lambda _: of("{}/64", low(v6())),
        "v6 mapped": lambda _: of("::ffff:{}", v4()), "v6 nat64": lambda _: of("64:ff9b::{}", v4()), "v6 label": lambda _: of("remote_addr: {}", low(v6())),
        "v6 end": lambda _: of("from {}.", low(v6(False))), "v6 prefix": lambda _: of("{}::/48", ":".join(low(v6(False)).split(":")[:3])),
    }  # fmt: skip
    return around(rng, forms)


# ── National ids ──

IDS = {
    "us/ssn": ("<d3>-<d2>-<d4>", "SSN", True), "ca/sin": ("<d3>-<d3>-<d3>", "SIN", False), "gb/nhs": ("<d3> <d3> <d4>", "NHS number", False),
    "mx/curp": ("<U4>8<d>0<n>1<d>HDF<U3><u><d>", "CURP", True), "br/cnpj": ("<d2>.<d3>.<d3>/0001-<d2>", "CNPJ", True), "br/cpf": ("<d3>.<d3>.<d3>-<d2>", "CPF", True),
    "ar/cuit": ("20-<d8>-<d>", "CUIT", True), "cl/rut": ("1<d>.<d3>.<d3>-<d>", "RUT", True), "es/nif": ("<d8><U>", "DNI", True), "es/nie": ("X<d7><U>", "NIE", True),
    "pt/nif": ("2<d8>", "NIF", False), "fr/nir": ("28<d>0<n>75<d8>", "numéro de sécurité sociale", True), "it/codicefiscale": ("<U6>7<d>A1<d>H<d3><U>", "codice fiscale", True),
    "de/idnr": ("<d2> <d3> <d3> <d3>", "Steuer-ID", False), "at/vnr": ("<n><d3>0<n>0<n>8<d>", "SV-Nummer", False), "ch/ssn": ("756.<d4>.<d4>.<d2>", "AHV-Nummer", True),
    "be/nn": ("8<d>.0<n>.1<d>-<d3>.<d2>", "rijksregisternummer", True), "nl/bsn": ("<d9>", "BSN", False), "pl/pesel": ("8<d>0<n>1<d><d5>", "PESEL", False),
    "cz/rc": ("8<d>0<n>1<d>/<d4>", "rodné číslo", True), "sk/rc": ("7<d>0<n>1<d>/<d4>", "rodné číslo", True), "ro/cnp": ("18<d>0<n>1<d><d6>", "CNP", False),
    "bg/egn": ("8<d>0<n>1<d><d4>", "ЕГН", False), "gr/amka": ("1<d>0<n>8<d><d5>", "ΑΜΚΑ", False), "hr/oib": ("<d11>", "OIB", False), "si/emso": ("1<d>0<n>98<d>50<d4>", "EMŠO", False),
    "fi/hetu": ("1<d>0<n>8<d>-<d3><u>", "henkilötunnus", True), "se/personnummer": ("8<d>0<n>1<d>-<d4>", "personnummer", True), "no/fodselsnummer": ("1<d>0<n>8<d> <d5>", "fødselsnummer", False),
    "dk/cpr": ("1<d>0<n>8<d>-<d4>", "CPR", True), "ee/ik": ("38<d>0<n>1<d><d4>", "isikukood", False), "lt/asmens": ("38<d>0<n>1<d><d4>", "asmens kodas", False),
    "ie/pps": ("<d7><U>", "PPS number", False), "tr/tckimlik": ("<n><d10>", "TC kimlik no", False), "il/idnr": ("<d9>", "תעודת זהות", False), "za/idnr": ("8<d>0<n>1<d><d7>", "ID number", False),
    "au/tfn": ("<d3> <d3> <d3>", "TFN", False), "nz/ird": ("<d2>-<d3>-<d3>", "IRD number", False), "jp/in_": ("<d4> <d4> <d4>", "マイナンバー", False),
    "kr/rrn": ("8<d>0<n>1<d>-1<d6>", "주민등록번호", True), "cn/ric": ("11010519<d2>0<n>1<d><d3><d>", "身份证号", True), "th/pin": ("<n>-<d4>-<d5>-<d2>-<d>", "เลขประจำตัวประชาชน", True),
    "in_/aadhaar": ("<d4> <d4> <d4>", "Aadhaar", True), "in_/pan": ("<U3>P<U><d4><U>", "PAN", False),
}  # fmt: skip
"""Form, name, and whether the form with its check digits says enough without the name."""


def _valid(rng: Rng, module: str, form: str) -> str:
    checker = importlib.import_module(f"stdnum.{module.replace('/', '.')}")
    return next(text for text in iter(lambda: filled(rng, form), None) if checker.is_valid(text))


def ids_behind_their_name(rng: Rng) -> Iterator[Datum]:
    """Ids of 43 kinds that python-stdnum finds valid, behind their own name."""

    def make(module: str, form: str, name: str, rng: Rng) -> tuple[str, tuple[str, ...]]:
        code = _valid(rng, module, form)
        text = code if rng.random() < 0.7 else re.sub(r"[ ./-]", "", code)
        return name + rng.choice((": ", " ", " is ", "=")) + text, (re.sub(r"\W", "", code)[-6:],)

    return around(rng, {module: partial(make, module, *row[:2]) for module, row in IDS.items()})


def ids_bare(rng: Rng) -> Iterator[Datum]:
    """Those whose form and check digits say enough, without their name."""

    def make(module: str, form: str, rng: Rng) -> tuple[str, tuple[str, ...]]:
        code = _valid(rng, module, form)
        return code, (re.sub(r"\W", "", code)[-6:],)

    return around(rng, {module: partial(make, module, row[0]) for module, row in IDS.items() if row[2]})
