"""Payment cards and bank accounts in folded text, by length, issuer and check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text.shapes.spans import Span

# ── IBAN (ISO 13616: country, length, remainder 1 modulo 97) ──

_COUNTRIES = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 "
    "FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 "
    "MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 "
    "SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
_LENGTH = {country[:2]: int(country[2:]) for country in _COUNTRIES.split()}
# Part of a UUID is none: nothing is joined on by a hyphen.
_IBAN = re.compile(
    r"(?=[A-Za-z]{2}(?:[0-9]{2}|AN))(?<![0-9A-Za-z\]])(?<![0-9A-Za-z\]]-)(?:IBAN)?(?=([A-Za-z]{2}[0-9]{2}(?:[ .-]{0,2}[0-9A-Za-z]){11,30}))",
    re.IGNORECASE,
)
_JOINED_ON = re.compile("-?[0-9A-Za-z]")


def ibans(text: str) -> Iterator[Span]:
    """Accounts whose country, length and check digits agree, in groups or whole."""
    free = 0
    for match in _IBAN.finditer(text):
        start, length = match.start(1), _LENGTH.get(match[1][:2].upper())
        places = [place for place, char in enumerate(match[1]) if char not in " .-"]
        if length is None or length > len(places) or start < free:
            continue
        end = start + places[length - 1] + 1
        number = [match[1][place] for place in places[:length]]
        remainder = int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97
        if remainder == 1 and not _JOINED_ON.match(text, end):
            free = end
            yield start, end, "[iban]"


# ── Payment cards (ISO/IEC 7812: issuer prefix, length, Luhn's check digit) ──

_CARD = re.compile(r"(?=[1-9])(?<![0-9A-Za-z\]])(?<![0-9\]]\.)(?=([1-9](?:[ .-]{0,3}[0-9]){11,18}))")
# 4111111111111111.0 is how a table of floats logs a number; another fraction is a measure.
POINT_ZERO = re.compile(r"\.0+(?![0-9])")
_ISSUERS = (
    (re.compile("4"), (16, 19)),
    (re.compile("3[47]"), (15,)),
    (re.compile("30|36|38|39"), (14, 16, 19)),
    (re.compile("5[1-5]|2(?:2[2-9]|[3-6]|7[01]|720)"), (16,)),
    (re.compile("220[0-5]"), (16, 17, 18, 19)),  # Mir
    (re.compile("5018|5020|5038|5893|6304|6759|676[1-3]"), (13, 14, 15, 16, 17, 18, 19)),  # Maestro
    (re.compile("35|5[06-9]|6"), (16, 17, 18, 19)),
    (re.compile("8[12]|8600|9860|9792"), (16,)),  # RuPay, Uzcard, Humo, Troy
)
_ANY_LENGTH = (12, 13, 14, 15, 16, 17, 18, 19)
_GROUPS = {
    (4, 4, 4, 4),
    (4, 4, 4, 4, 3),
    (4, 6, 5),
    (4, 6, 4),
    (8, 8),
    (2,) * 8,
    (4, 3, 3, 3),
    (6, 12),
    (6, 13),
    (4, 4, 4, 5),
}
_VISA_OF_THIRTEEN = ((4, 3, 3, 3), (4, 4, 4, 1))
"""Bare, thirteen digits that begin with 4 are a German article's number more often than this card, which is no longer issued."""
_CARD_WORDS = re.compile(
    r"""(?: (?:credit|debit|bank|payment)?[ _-]?card(?:[ _-]?(?:number|num|no|nr))?\.? | (?<![a-z])pan | visa | master ?card | amex | american\ express | maestro
          | (?:kredit|bank|giro|debit)?karten?(?:nummer|nr\.?)? | (?:n[úu]mero\ (?:de|da)\ )?(?:la\ )?(?:tarjeta|cart[ãa]o|carta|carte)(?:\ de\ cr[ée]dito|\ bancaire)?
          | (?:credit|bank|krediet|bet[aá]l)?(?:kaart|kort|kortti)(?:nummer|nr|numero)?\.? | num[ée]ro\ de\ carte | kart(?:y|a|ı)?(?:\ numaras[ıi])? | карт[аыу] | 卡号 | 银行卡 | カード番号 | 카드번호 )
    ["'\\]{0,8}\s{0,2}(?:is|ist|est|es|é|è|:|=|\#)?:?\s{0,2}["'\\(]{0,8}\Z""",
    re.VERBOSE | re.IGNORECASE,
)
OTHER_NUMBERS = re.compile(
    r"(?:imei|imsi|iccid|isbn|ean|gtin|upc|sim|serial|tracking)(?:[ _-]?(?:number|num|no|nr|code))?\.?[\"'\\]*\s{0,2}(?:is|:|=|#)?\s{0,2}[\"'\\]*\Z",
    re.IGNORECASE,
)

"""Words before a number of a device, a book or a parcel, whose check digits are those of cards, too."""


def cards(text: str) -> Iterator[Span]:
    """Numbers with an issuer's prefix, a length of theirs and the check digit; behind a word for cards of any issuer."""
    free = 0
    for match in _CARD.finditer(text):
        start = match.start()
        if start < free:
            continue
        places = [place for place, char in enumerate(match[1]) if char not in " .-"]
        digits = "".join(match[1][place] for place in places)
        lengths = _possible_lengths(digits)
        before = text[max(0, start - 40) : start]
        if len(digits) < 16 or not lengths:
            lengths = _with_what_is_said(lengths, digits, match[1], before)
        for length in lengths:
            end = start + places[length - 1] + 1
            if luhn(digits[:length]) and _written_like_a_card(text, start, end) and not OTHER_NUMBERS.search(before):
                free = with_point_zero(text, end)
                yield start, free, "[card]"
                break


def with_point_zero(text: str, end: int) -> int:
    """The end of a number with the fraction behind it that a table of floats writes."""
    zero = POINT_ZERO.match(text, end)
    return zero.end() if zero else end


def luhn(number: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812."""
    digits = [int(char) for char in reversed(number)]
    return (sum(digits[::2]) + sum(digit * 2 - 9 * (digit > 4) for digit in digits[1::2])) % 10 == 0


def _possible_lengths(digits: str) -> list[int]:
    lengths = next((lengths for prefix, lengths in _ISSUERS if prefix.match(digits)), ())
    return [length for length in reversed(lengths) if length <= len(digits)]


def _with_what_is_said(lengths: list[int], digits: str, written: str, before: str) -> list[int]:
    """The lengths that count where the number is thirteen digits in groups, or behind a word for cards."""
    if tuple(map(len, re.findall("[0-9]+", written))) in _VISA_OF_THIRTEEN and digits[0] == "4":
        return [*lengths, 13]
    if before.rstrip(" \n\t\"'\\:=#(.")[-1:].isalpha() and _CARD_WORDS.search(before):
        return [length for length in reversed(_ANY_LENGTH) if length <= len(digits)]
    return lengths


def _written_like_a_card(text: str, start: int, end: int) -> bool:
    after = text[end : end + 4]
    if after[:1].isalnum() or (re.match(r"\.[0-9]", after) and not POINT_ZERO.match(text, end)):
        return False
    groups = tuple(len(group) for group in re.findall("[0-9]+", text[start:end]))
    if len(groups) == 1 or groups in _GROUPS or set(groups) == {1}:
        return True
    # Any other even grouping counts only where no further number or code is joined on.
    before = text[max(0, start - 3) : start]
    joined = re.search(r"[0-9\]][ ./:-]{1,3}\Z|[A-Za-z][._/-]\Z", before) or re.match(r"[ ./:-]{1,3}[0-9\[]", after)
    return not joined and min(groups[:-1]) > 1 and len(set(re.findall("[^0-9]+", text[start:end]))) == 1
