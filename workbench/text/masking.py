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
from bisect import bisect_left

from workbench.text.folding import fold
from workbench.text.shapes.accounts import POINT_ZERO, cards, ibans
from workbench.text.shapes.addresses import addresses
from workbench.text.shapes.birth_dates import birth_dates
from workbench.text.shapes.emails import emails
from workbench.text.shapes.keys import keys
from workbench.text.shapes.labelled import labelled
from workbench.text.shapes.machines import machines
from workbench.text.shapes.names import names
from workbench.text.shapes.national_ids import national_ids
from workbench.text.shapes.phones import phones
from workbench.text.shapes.spans import Span

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

    Other scripts' digits, full-width forms, escapes of JSON and HTML and invisible characters hide nothing. A bare JSON number that is
    replaced becomes a JSON string, so masked JSON is JSON. Time is linear in the length of the text.
    """
    return _masked(text, _found(text))


_TELLING = frozenset(("[email]", "[key]", "[iban]", "[ip]", "[password]", "[user]"))
"""What an id can be taken for: a long number in one is an order as often as a card."""


TELLING_ID = r"[@:+%=&\\~$]|eyJ|[A-Z]{2}[0-9]{2}|[0-9]\.[0-9]|_[0-9]{3}|(?i:key|tok|dapi|arroba|[\[(]at[\])]| dot |[a-z]{2}_)|-[A-Za-z0-9]{16}|-us[0-9]|[a-z][A-Z]"
"""What an id has that holds personal data or a secret: a quick look that lets most of them pass."""
_TELLING_ID = re.compile(TELLING_ID)


def shown_id(text: str) -> str:
    """An id, a role or a name of a bot as it may be shown: as it is, or masked with six hex digits that keep it apart.

    Only what can't be taken for an id itself counts as personal: an address, a key, an account, a phone with its country.
    """
    if not _TELLING_ID.search(text):
        return text
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
        folded = fold(_splice(text, [(start, end, "]" * (end - start)) for start, end, _ in spans]))
        return [
            (folded.unfold(run.start()), folded.unfold_end(run.end()), seen[datum])
            for run in _DIGIT_RUN.finditer(folded.text)
            for what, seen in numbered
            if (datum := _identity(what, run[0])) in seen
        ]


_DIGIT_RUN = re.compile(r"(?<![0-9A-Za-z.-])[+(]?[0-9](?:[ .()/-]{0,2}[0-9]){6,18}(?![0-9A-Za-z])")


def _identity(what: str, datum: str) -> str:
    """What two spellings of one address share: an e-mail's letters and digits, a number's characters without separators."""
    folded = fold(datum).text
    if what == "[email]":
        folded = re.sub(r"%40|\bat\b", "@", re.sub(r"\bdot\b", ".", folded, flags=re.IGNORECASE), flags=re.IGNORECASE)
        return re.sub(r"[^\w@.+-]", "", folded).casefold()
    # A phone with and without the prefix of its country is one phone: its last nine digits tell.
    signs = re.sub(r"[^0-9A-Za-z]", "", POINT_ZERO.sub("", folded)).casefold()
    return signs[-9:] if what == "[phone]" else signs


def _found(text: str) -> list[Span]:
    """The places of personal data in a text, in their order."""
    folded = fold(text)
    rest = folded.text
    spans: list[Span] = []
    for find in _FINDERS if _DIGIT.search(rest) else _FINDERS_WITHOUT_DIGITS:
        if located := list(find(rest)):
            # Brackets stand for the placeholder: what follows sees the text as a second masking would.
            rest = _splice(rest, [(start, end, "[" + "]" * (end - start - 1)) for start, end, _ in located])
            spans += located
    return sorted((folded.unfold(start), folded.unfold_end(end), what) for start, end, what in spans)


def _masked(text: str, spans: list[Span]) -> str:
    return _splice(text, _quoted_where_json_needs_it(text, spans)) if spans else text


def _splice(text: str, spans: list[Span]) -> str:
    pieces, done = [], 0
    for start, end, new in spans:
        pieces += [text[done:start], new]
        done = end
    return "".join([*pieces, text[done:]])


# ── JSON ──

_JSON_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*+"|(?<![0-9])-?[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?(?=\s*[,}\]])', re.DOTALL
)
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
            and POINT_ZERO.sub("", text[start:end]).isdigit()
        ):
            quoted.append((start, end, key[1] + what + key[1]))
        else:
            quoted.append((start, end, what))
    return quoted


def _end(span: tuple[int, int]) -> int:
    return span[1]


_DIGIT = re.compile("[0-9]")
_FINDERS = (keys, labelled, emails, ibans, machines, birth_dates, cards, national_ids, addresses, phones, names)
_FINDERS_WITHOUT_DIGITS = (keys, labelled, emails, machines, names)
"""Those that find something in a text without digits."""
