"""Personal data and secrets in log text replaced by what they were: [email], [phone], [card], [iban], [ip], [id], [key], [password],
[address], [birth date], [name], [user].

Found by shape, check digit and what stands before it, not by a model: a name that nothing introduces stays (of a whole
conversation, `conversation.masked` knows more). Where a shape is ambiguous (ten bare digits are an order number as often as
a phone) the words right before it decide. Identifiers, dates, prices and times stay readable, because a masked log must
still be one to work with.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from workbench.text.personal_shapes import addresses, birth_dates, names
from workbench.text.secret_shapes import Span, keys, labelled, machines, national_ids

PLACEHOLDERS = (
    "email",
    "phone",
    "card",
    "iban",
    "ip",
    "id",
    "key",
    "password",
    "address",
    "birth date",
    "name",
    "user",
)
"""What may stand in brackets in masked text, with a number in that of one conversation."""


def mask(text: str) -> str:
    """The text with e-mail and IP addresses, phone numbers, cards, IBANs, national ids and secrets replaced; again changes nothing.

    Other scripts' digits, full-width forms and invisible characters inside hide nothing. A bare JSON number that is
    replaced becomes a JSON string, so masked JSON is JSON. Time is linear in the length of the text.
    """
    return _masked(text, _found(text))


_TELLING = frozenset(("[email]", "[key]", "[iban]", "[ip]", "[password]", "[user]"))
"""What an id can be taken for: a long number in one is an order as often as a card."""


TELLING_ID = r"[@:+%=]|eyJ|[A-Z]{2}[0-9]{2}|[0-9]\.[0-9]|_[0-9]{3}|(?i:key|tok|[a-z]{2}_)|-[A-Za-z0-9]{16}"
"""What an id has that holds personal data or a secret: a quick look that lets most of them pass."""


def shown_id(text: str) -> str:
    """An id, a role or a name of a bot as it may be shown: as it is, or masked with six hex digits that keep it apart.

    Only what can't be taken for an id itself counts as personal: an address, a key, an account, a phone with its country.
    """
    spans = [span for span in _found(text) if span[2] in _TELLING or (span[2] == "[phone]" and "+" in text)]
    if not spans:
        return text
    return f"{_splice(text, spans)}~{hashlib.blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=3).hexdigest()}"


class Numbered:
    """Masks the texts of one conversation so that the same address is the same placeholder wherever it stands.

    The first e-mail address is [email], the next other one [email-2]; likewise phones, cards and IBANs. So a masked tool
    result still answers its masked call, and two customers stay two. What was behind a number is kept nowhere.
    """

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, str]] = {}

    def mask(self, text: str) -> str:
        """Like `mask`, with numbers; texts are to be given in the order of the conversation.

        Bare digits that were a phone or a card in another text are one here too: give the texts twice, and those that
        came before are masked as well.
        """
        spans = [(start, end, self._numbered(what, text[start:end])) for start, end, what in _found(text)]
        return _masked(text, sorted(spans + self._said_elsewhere(text, spans)))

    def _numbered(self, what: str, datum: str) -> str:
        seen = self._seen.setdefault(what, {})
        order = len(seen) + 1
        return seen.setdefault(_identity(what, datum), what if order == 1 else f"{what[:-1]}-{order}]")

    def _said_elsewhere(self, text: str, spans: list[Span]) -> list[Span]:
        numbered = [(what, seen) for what in ("[phone]", "[card]") if (seen := self._seen.get(what))]
        if not numbered:
            return []
        folded, removed = _fold(_splice(text, [(start, end, "]" * (end - start)) for start, end, _ in spans]))
        return [
            (_unfold(run.start(), removed), _unfold(run.end() - 1, removed) + 1, seen[datum])
            for run in _DIGIT_RUN.finditer(folded)
            for what, seen in numbered
            if (datum := _identity(what, run[0])) in seen
        ]


_DIGIT_RUN = re.compile(r"(?<![0-9A-Za-z.-])[+(]?[0-9](?:[ .()/-]{0,2}[0-9]){6,18}(?![0-9A-Za-z])")


def _identity(what: str, datum: str) -> str:
    """What two spellings of one address share: an e-mail's letters and digits, a number's characters without separators."""
    folded, _ = _fold(datum)
    if what == "[email]":
        folded = re.sub(r"%40|\bat\b", "@", re.sub(r"\bdot\b", ".", folded, flags=re.IGNORECASE), flags=re.IGNORECASE)
        return re.sub(r"[^\w@.+-]", "", folded).casefold()
    # A phone with and without the prefix of its country is one phone: its last nine digits tell.
    signs = re.sub(r"[^0-9A-Za-z]", "", _POINT_ZERO.sub("", folded)).casefold()
    return signs[-9:] if what == "[phone]" else signs


def _found(text: str) -> list[Span]:
    """The places of personal data in a text, in their order."""
    folded, removed = _fold(text)
    spans: list[Span] = []
    for find in _FINDERS if _DIGIT.search(folded) else _FINDERS_WITHOUT_DIGITS:
        if located := list(find(folded)):
            # Brackets stand for the placeholder: what follows sees the text as a second masking would.
            folded = _splice(folded, [(start, end, "[" + "]" * (end - start - 1)) for start, end, _ in located])
            spans += located
    if not spans:
        return spans
    return sorted((_unfold(start, removed), _unfold(end - 1, removed) + 1, what) for start, end, what in spans)


def _masked(text: str, spans: list[Span]) -> str:
    return _splice(text, _quoted_where_json_needs_it(text, spans)) if spans else text


def _splice(text: str, spans: list[Span]) -> str:
    pieces, done = [], 0
    for start, end, new in spans:
        pieces += [text[done:start], new]
        done = end
    return "".join([*pieces, text[done:]])


# ── Folding: one spelling of digits and separators, nothing invisible, so that one set of patterns reads them all ──

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
_SEPARATORS = {"-": "‐‑‒–—―−﹣－", ".": "．﹒。｡・•∙", "@": "＠﹫", "+": "＋﹢", "(": "（", ")": "）"}
_FOLDED = {char: plain for plain, chars in _SEPARATORS.items() for char in chars}
_TO_FOLD = re.compile(rf"(?=[^\x00-\x7f])(?:\d|[^\S\x85\u2028\u2029]|[{''.join(_FOLDED)}])")


def _fold(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each invisible character left out the folded position that it stood before."""
    if text.isascii():
        return text, []
    removed = [match.start() - order for order, match in enumerate(_INVISIBLE.finditer(text))]
    return _TO_FOLD.sub(lambda match: _fold_char(match[0]), _INVISIBLE.sub("", text)), removed


def _fold_char(char: str) -> str:
    return _FOLDED.get(char) or (" " if char.isspace() else str(unicodedata.decimal(char)))


def _unfold(position: int, removed: list[int]) -> int:
    return position + bisect_right(removed, position)


# ── E-mail ──

# A token starts after whatever is no part of one, or after a JSON escape such as \n, whose letter is not the token's.
_AFTER_ESCAPE = r"(?<=\\[nrtbf])|(?<=\\u[0-9A-Fa-f]{4})"
_OPEN, _CLOSE = r"\s{0,2}[\[({<]\s?", r"\s?[\])}>]\s{0,2}"
_DOT_WORD = rf"(?:{_OPEN}(?:dot|\.){_CLOSE}|\s{{1,2}}dot\s{{1,2}})"
# The last label begins with a letter: package@1.2.3 is a version.
_EMAIL = re.compile(
    rf"""(?: (?<![\w.+-]) (?!(?<=\])[.+-]) (?!(?<=\\)(?:[nrtbf]|u[0-9A-Fa-f]{{4}})) | {_AFTER_ESCAPE} )
    [\w.+-]++
    (?: (?: @ | %40 | [ ]@[ ] | {_OPEN}(?:at|@){_CLOSE} ) [\w-]++ (?:(?:\.|{_DOT_WORD})[\w-]++)* (?:\.|{_DOT_WORD})[^\W\d_][\w-]++
      | \s{{1,2}}at\s{{1,2}} [\w-]++ (?:{_DOT_WORD}[\w-]++)*? {_DOT_WORD}(?:com|org|net|edu|gov|info|io|co|uk|de|fr|es)(?![\w-])
    )""",
    re.VERBOSE | re.IGNORECASE,
)


_EMAIL_SIGNS = re.compile(r"[\[({<]\s?(?:at|dot|\.)\s?[\])}>]|\sdot\s", re.IGNORECASE)
"""One of these, or an @ or %40, stands in every address; most texts have none, and the whole pattern tries each of their words."""


def _emails(text: str) -> Iterator[Span]:
    if "@" not in text and "%40" not in text and not _EMAIL_SIGNS.search(text):
        return
    for match in _EMAIL.finditer(text):
        yield match.end() - len(match[0].lstrip(".+-")), match.end(), "[email]"


# ── IBAN (ISO 13616: country, length, remainder 1 modulo 97) ──

_IBAN_COUNTRIES = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 "
    "FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 "
    "MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 SV28 "
    "TL23 TN24 TR26 UA29 VA22 VG24 XK20"
)
_IBAN_LENGTH = {country[:2]: int(country[2:]) for country in _IBAN_COUNTRIES.split()}
# Part of a UUID is none: nothing is joined on by a hyphen.
_IBAN = re.compile(
    rf"(?=[A-Za-z]{{2}}[0-9]{{2}})(?:(?<![0-9A-Za-z\]])|{_AFTER_ESCAPE})(?<![0-9A-Za-z\]]-)"
    r"(?=([A-Za-z]{2}[0-9]{2}(?:[ -]?[0-9A-Za-z]){11,28}))"
)
_JOINED_ON = re.compile("-?[0-9A-Za-z]")


def _ibans(text: str) -> Iterator[Span]:
    free = 0
    for match in _IBAN.finditer(text):
        start, length = match.start(), _IBAN_LENGTH.get(match[1][:2].upper())
        places = [place for place, char in enumerate(match[1]) if char not in " -"]
        if length is None or length > len(places) or start < free:
            continue
        end = start + places[length - 1] + 1
        number = [match[1][place] for place in places[:length]]
        remainder = int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97
        if remainder == 1 and not _JOINED_ON.match(text, end):
            free = end
            yield start, end, "[iban]"


# ── Payment cards (ISO/IEC 7812: issuer prefix, length, Luhn's check digit) ──

_CARD = re.compile(
    rf"(?=[2-6])(?:(?<![0-9A-Za-z\]])|{_AFTER_ESCAPE})(?<![0-9\]]\.)(?=([2-6](?:[ .-]{{0,3}}[0-9]){{13,18}}))"
)
# 4111111111111111.0 is how a table of floats logs a number; another fraction is a measure.
_POINT_ZERO = re.compile(r"\.0+(?![0-9])")
_CARD_LENGTHS = (
    (re.compile("4"), (16, 19)),
    (re.compile("3[47]"), (15,)),
    (re.compile("30|36|38|39"), (14, 16)),
    (re.compile("5[1-5]|2(?:2[2-9]|[3-6]|7[01]|720)"), (16,)),
    (re.compile("35|5[06-9]|6"), (16, 17, 18, 19)),
)
_CARD_GROUPS = {(4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4), (8, 8), (2,) * 8}


def _cards(text: str) -> Iterator[Span]:
    free = 0
    for match in _CARD.finditer(text):
        start = match.start()
        if start < free:
            continue
        places = [place for place, char in enumerate(match[1]) if char not in " .-"]
        digits = "".join(match[1][place] for place in places)
        for length in _possible_lengths(digits):
            end = start + places[length - 1] + 1
            if _luhn(digits[:length]) and _written_like_a_card(text, start, end):
                free = _with_point_zero(text, end)
                yield start, free, "[card]"
                break


def _with_point_zero(text: str, end: int) -> int:
    zero = _POINT_ZERO.match(text, end)
    return zero.end() if zero else end


def _possible_lengths(digits: str) -> list[int]:
    lengths = next((lengths for prefix, lengths in _CARD_LENGTHS if prefix.match(digits)), ())
    return [length for length in reversed(lengths) if length <= len(digits)]


def _luhn(number: str) -> bool:
    digits = [int(char) for char in reversed(number)]
    return (sum(digits[::2]) + sum(digit * 2 - 9 * (digit > 4) for digit in digits[1::2])) % 10 == 0


def _written_like_a_card(text: str, start: int, end: int) -> bool:
    after = text[end : end + 4]
    if after[:1].isalnum() or (re.match(r"\.[0-9]", after) and not _POINT_ZERO.match(text, end)):
        return False
    groups = tuple(len(group) for group in re.findall("[0-9]+", text[start:end]))
    if len(groups) == 1 or groups in _CARD_GROUPS or set(groups) == {1}:
        return True
    # Any other even grouping counts only where no further number or code is joined on.
    before = text[max(0, start - 3) : start]
    joined = re.search(r"[0-9\]][ ./:-]{1,3}\Z|[A-Za-z][._/-]\Z", before) or re.match(r"[ ./:-]{1,3}[0-9\[]", after)
    return not joined and min(groups[:-1]) > 1 and len(set(re.findall("[^0-9]+", text[start:end]))) == 1


# ── Phone numbers ──

_PHONE = re.compile(
    rf"""(?=[+(]?[ ]?[0-9])
    (?: (?<![0-9A-Za-z_\]]) | {_AFTER_ESCAPE} )
    (?<![0-9A-Za-z\]]-) (?<![0-9\]]\.) (?<![$€£¥\#+])
    (?=(?:
      (?P<american> (?:\+?1[ .-]?)? (?: \([0-9]{{3}}\)[ .-]?[0-9]{{3}}[ .-]?[0-9]{{4}} (?![0-9])
                    | [0-9]{{3}}[.-][0-9]{{3}}[.-][0-9]{{4}} (?![0-9A-Za-z_])
                    | [2-9][0-9]{{2}}[ ][0-9]{{3}}[ -][0-9]{{4}} (?![0-9A-Za-z_]) ) (?![.-][0-9]) )
    | (?P<plus>     \+[ ]?(?=[1-9])[0-9]{{1,15}} (?![0-9])
                    (?: [ ./()-]{{1,3}} (?: [0-9]{{2,12}} | [0-9](?=[ .-][0-9]{{2}}|\)) ) (?![0-9]) ){{0,6}} )
    | (?P<zeros>    (?<![0-9\]][ ]) 00[1-9] (?: [0-9]{{0,2}} (?:[ ./()-]{{1,3}}[0-9]{{1,8}}){{2,6}} | [0-9]{{9,12}} )
                    (?![0-9A-Za-z_]) )
    | (?P<national> (?: 0[1-9][0-9]{{0,4}} | \(0[1-9][0-9]{{0,4}}\) ) (?:[ ./-][0-9]{{2,8}}){{1,5}} (?![0-9A-Za-z_])
                    | 0[1-9][0-9]{{8,9}} (?![0-9A-Za-z_]) )
    | (?P<area>     \((?!19|20)[0-9]{{2,5}}\)[ .-]?[0-9]{{2,5}} (?:[ .-][0-9]{{2,5}}){{1,3}} (?![0-9A-Za-z_]) )
    | (?P<mobile>   (?<![0-9\]][ ]) (?: [6-9][0-9]{{4}}[ -][0-9]{{5}} | [6-9][0-9]{{2}}[ ][0-9]{{3}}[ ][0-9]{{3}}
                    | [67][0-9]{{2}}(?:[ ][0-9]{{2}}){{3}} | [1-9][0-9][ ]9[0-9]{{4}}[ -][0-9]{{4}}
                    | 1[3-9][0-9][ -][0-9]{{4}}[ -][0-9]{{4}} ) (?![0-9A-Za-z_]|[ ,.-][0-9\[]|[ ]?[$€£¥%]) )
    | (?P<told>     (?: [0-9]{{7,15}} | (?:[0-9]|\([0-9]+\))[0-9 ()./-]{{5,20}}[0-9] ) (?![0-9A-Za-z_]) )
    ))""",
    re.VERBOSE,
)
_DIGITS = {"american": (10, 11), "plus": (7, 15), "zeros": (9, 17), "national": (9, 11), "area": (9, 12)} | {
    "mobile": (9, 11),
    "told": (7, 15),
}
_LINK = r"""["'\\]*\s{0,2}(?:is|at|on|:|=|\#)?:?\s{0,2}["'\\(]*\Z"""
_LINK_CHARACTERS = " \n\t\"'\\:=#(."
_PHONE_WORDS = re.compile(
    rf"""(?: (?: phone | telefon[oe]? | téléphone | teléfono | mobile | msisdn | whatsapp | (?<![a-z])(?:tel|cell|fax|sms
               |handy|móvil|celular|portable|cellphone) ) (?:[ _-]?(?:number|num|no|nr))?[s.]?
           | (?:call|text|ring|reach|contact|dial)[ ](?:me|us|him|her|them|back)?[ ]?(?:at|on) | my[ ]number | 电话 | 手机 | 電話 )
    {_LINK}""",
    re.VERBOSE | re.IGNORECASE,
)
_ORDER_WORDS = re.compile(
    rf"""(?: (?:order|invoice|booking|tracking|confirmation|sku)(?:[ _-]?(?:number|num|no|nr|id|ref))?\.?
           | (?:ticket|case|reference|ref|reservation|item|product|claim|policy|serial)[ _-]?(?:number|num|no|nr|id)\.?
           | (?<![a-z])(?:id|imei) ) {_LINK}""",
    re.VERBOSE | re.IGNORECASE,
)
_DATE_OR_ADDRESS = re.compile(
    r"""(?: (?:19|20)[0-9]{2}([./ -])(?:0?[1-9]|1[0-2])\1[0-3]?[0-9] | [0-3]?[0-9]([./ -])[0-3]?[0-9]\2(?:19|20)[0-9]{2}
          | [0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\.[0-9]) ) (?![0-9])""",
    re.VERBOSE,
)


def _phones(text: str) -> Iterator[Span]:
    free = 0
    for match in _PHONE.finditer(text):
        start, shape = match.start(), match.lastgroup
        if start < free or shape is None:
            continue
        announced = _said_before(text, start, _PHONE_WORDS)
        if shape == "told" and not announced:
            continue
        low, high = _DIGITS[shape]
        number = _first_groups(match[shape], high)
        if sum(map(str.isdigit, number)) < low or _DATE_OR_ADDRESS.match(number):
            continue
        if shape not in ("plus", "zeros") and not announced:
            uneven = shape == "national" and len(set(re.findall(r"[^0-9()]+", number)[1:])) > 1
            if uneven or _said_before(text, start, _ORDER_WORDS):
                continue
        free = _with_point_zero(text, start + len(number))
        yield start, free, "[phone]"


def _said_before(text: str, start: int, words: re.Pattern[str]) -> bool:
    before = text[max(0, start - 40) : start]
    # Nearly all numbers follow a number or a sign; the look at the last letter spares them the search.
    return before.rstrip(_LINK_CHARACTERS)[-1:].isalpha() and words.search(before) is not None


def _first_groups(number: str, most: int) -> str:
    """As many whole groups of digits from the left as hold no more than `most`, so that a date behind is not eaten."""
    count, end = 0, 0
    for group in re.finditer("[0-9]+", number):
        count += len(group[0])
        if count > most:
            break
        end = group.end()
    return number[:end]


# ── JSON ──

_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|-?[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?(?=\s*[,}\]])', re.DOTALL)
_JSON_KEY = re.compile(r'(\\*")\s{0,8}:\s{0,8}\Z')
_JSON_END = re.compile(r"\s{0,8}[,}\]]")


def _quoted_where_json_needs_it(text: str, spans: list[Span]) -> list[Span]:
    """The spans with quotes around what replaces a JSON number, and the rest of that number taken along.

    In text that is JSON as a whole every number is known; in prose, and in JSON within a JSON string, only the values
    of keys are.
    """
    is_json = text.lstrip()[:1] in ("{", "[") and text.rstrip()[-1:] in ("}", "]")
    tokens = _JSON_TOKEN.finditer(text) if is_json else ()
    numbers = [token.span() for token in tokens if token[0][0] != '"']
    quoted: list[Span] = []
    for start, end, what in spans:
        key = _JSON_KEY.search(text[max(0, start - 24) : start])
        first, last = numbers[place] if (place := bisect_left(numbers, end, key=_end)) < len(numbers) else (end, end)
        if quoted and start < quoted[-1][1]:
            continue  # the number that it is part of went already
        if first <= start < last:
            quoted.append((first, last, f'"{what}"'))
        elif (
            key
            and (len(key[1]) > 1 or not is_json)
            and _JSON_END.match(text, end)
            and _POINT_ZERO.sub("", text[start:end]).isdigit()
        ):
            quoted.append((start, end, key[1] + what + key[1]))
        else:
            quoted.append((start, end, what))
    return quoted


def _end(span: tuple[int, int]) -> int:
    return span[1]


_DIGIT = re.compile("[0-9]")
_FINDERS = (
    keys,
    labelled,
    _emails,
    _ibans,
    machines,
    birth_dates,
    national_ids,
    _cards,
    addresses,
    _phones,
    names,
)
_FINDERS_WITHOUT_DIGITS = (keys, labelled, _emails, machines, names)
"""Those that find something in a text without digits."""
