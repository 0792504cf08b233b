"""Whose names a conversation holds, so that no cluster is called by a customer's: out of the log's own fields, forms of address
and introductions. By where a name stands, not by a list of names or a model: one that nothing introduces is not seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workbench.conversation.model import Conversation
from workbench.conversation.roles import is_bot, is_system, is_tool, is_user

_PERSON = (
    "customer|passenger|traveler|traveller|holder|cardholder|guest|patient|client|member|subscriber|caller|contact|recipient|sender|"
    "owner|tenant|employee|driver|student|author|assignee|attendee|participant|beneficiary|payee|kunde|kundin|client"
)
_NAMED = rf"(?:first|last|middle|full|given|family|sur|nick|maiden|user|{_PERSON})"
PERSON_FIELD = re.compile(
    rf"(?:\w*_)?(?:{_NAMED}[_\s-]?names?|name_(?:first|last|full)|(?:{_PERSON})s?|surname|forename|vorname|nachname|prenom|prénom|"
    r"apellidos?|cognome)",
    re.IGNORECASE,
)
"""A field's name that says that a person's name stands in it, whole."""
_FIELD = re.compile(rf'"({PERSON_FIELD.pattern})"\s*:\s*(\[[^\[\]{{}}]{{1,400}}\]|"[^"\\]{{1,80}}")', re.IGNORECASE)
_BARE_NAME = re.compile(r'"name"\s*:\s*"([^"\\]{1,80})"')
_PERSONAL = re.compile(
    r'"(?:\w*_)?(?:dob|date_of_birth|birth\w*|gender|passport\w*|e?mail|(?:first|last)_name|customer_id|user_id)"'
)
_OBJECT = 400
"""Characters to either side in which the object lies that a bare "name" stands in."""
_EMAIL = re.compile(r"(?<![\w.+-])([A-Za-z]{2,20})[._-]([A-Za-z]{2,20})[\w.]{0,10}@")
_HANDLE = re.compile(r"(?<![\w-])([a-z]{2,20})_([a-z]{2,20})_\d{2,}(?!\w)")
_CAPITALISED = r"[A-Z][^\W\d_]+(?:['’-][A-Z][^\W\d_]+)*"
_NAMES = rf"({_CAPITALISED}(?:[ \t]+{_CAPITALISED}){{0,2}})"
# Each begins with the letters that a word of its own may begin with: told from them, most words of a long text are passed by.
_TITLED = re.compile(
    r"\b(?=[dfhmpsDFHMPS])(?i:mr|mrs|ms|miss|dr|prof|herr|frau|monsieur|madame|señora?)\.?[ \t]+" + _NAMES
)
_LABELLED = re.compile(rf"\b(?i:{_PERSON})(?:[ \t]*(?i:name))?[ \t]*[:=][ \t]*{_NAMES}")
_GREETED = re.compile(
    r"\b(?=[bcdghmtBCDGHMT])(?:(?i:hi|hello|hey|dear|hallo|hola|bonjour|ciao)(?:\s*,)?\s+|(?i:thank you|thanks|danke|merci|gracias)\s*,\s+)"
    rf"({_CAPITALISED})(?=\s*[,.!:]|\s*$)",
    re.MULTILINE,
)
_INTRODUCED = re.compile(
    r"\b(?i:my (?:full |first |last )?name is|my name's|name:|ich heiße|mein name ist|je m'appelle|me llamo|mi chiamo)\s+"
    r"((?:[^\W\d_]+['’-]?[^\W\d_]*)(?:[ \t]+[^\W\d_]+){0,2})"
)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_WRITTEN = re.compile(r"(?<![\w.@-])\w++(?![\w@])")
"""A word that is no part of an address or an id."""
_JOINS = frozenset("and but i my with for the from is on at to in i'm und aber ich et je y yo e".split())
"""Words at which a name that somebody wrote without capitals ends."""


def people(conversation: Conversation) -> tuple[str, ...]:
    """The words of the names of people in a conversation, in lower case, sorted.

    Fields of tool results, arguments and metadata (`first_name`, `customer`, a `name` beside a birthday), addresses and user
    ids made of names, who a turn says that its user is; in text forms of address, greetings and introductions. Of these last a
    word counts only where the bot's side never writes it small: “Dear Customer” is nobody's name.
    """
    texts = list(_machine_texts(conversation))
    messages = [turn.content for turn in conversation.turns if is_user(turn.role)]
    replies = [turn.content for turn in conversation.turns if turn.content and is_bot(turn.role)]
    names = {word for text in texts for word in _in_fields(text)}
    names |= {word for turn in conversation.turns if turn.name and is_user(turn.role) for word in _words(turn.name)}
    names |= {word for text in messages for word in (*_introduced(text), *_in_handles(text))}
    free = {word for text in (*texts, *replies) for word in _addressed(text)}
    free |= {word for text in replies for match in _GREETED.finditer(text) for word in _words(match[1])}
    if free - names:
        systems = [turn.content for turn in conversation.turns if is_system(turn.role)]
        free -= {word for text in (*texts, *replies, *systems) for word in _WRITTEN.findall(text)}
    return tuple(sorted((names | free) - _NOBODY))


def names_a_person(field: str) -> bool:
    """Whether a field of this name, given as a path like `passengers[].first_name`, holds a person's name."""
    parts = [part.removesuffix("[]") for part in field.split(".")]
    return any(PERSON_FIELD.fullmatch(part) for part in parts[-1:]) or (
        parts[-1] == "name" and any(PERSON_FIELD.fullmatch(part) for part in parts[:-1])
    )


def _machine_texts(conversation: Conversation) -> Iterator[str]:
    """What was called and came back, documents, and what stands beside the conversation."""
    for turn in conversation.turns:
        if turn.content and is_tool(turn.role):
            yield turn.content
        yield from (call.arguments for call in turn.tool_calls)
    for field, value in conversation.metadata.items():
        if isinstance(value, str):
            yield f'"{field}": "{value}"' if not value.lstrip().startswith(("{", "[")) else value
        elif isinstance(value, dict | list):
            yield re.sub(r"'(\w+)'\s*:\s*'([^']*)'", r'"\1": "\2"', str(value))


def _in_fields(text: str) -> Iterator[str]:
    if "name" in text or '"' in text:
        for match in _FIELD.finditer(text):
            if _could_be_a_name(match[2]) or match[1].lower().endswith("name"):
                yield from _words(match[2])
        for match in _BARE_NAME.finditer(text):
            if _PERSONAL.search(text, *_around(text, match.start(), match.end())) and _could_be_a_name(match[1]):
                yield from _words(match[1])
    yield from _in_handles(text)


def _in_handles(text: str) -> Iterator[str]:
    if "@" in text or "_" in text:
        for pattern in (_EMAIL, _HANDLE):
            for match in pattern.finditer(text):
                yield from (part.lower() for part in match.groups())


def _addressed(text: str) -> Iterator[str]:
    for pattern in (_TITLED, _LABELLED) if ":" in text or "=" in text else (_TITLED,):
        for match in pattern.finditer(text):
            yield from _words(match[1])


def _introduced(text: str) -> Iterator[str]:
    for match in _INTRODUCED.finditer(text):
        for word in match[1].split():
            if word.lower() in _JOINS:
                break
            yield from _words(word)


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the object begins and ends that a place lies in, as far as braces tell."""
    opened, closed = text.rfind("{", max(0, start - _OBJECT), start), text.find("}", end, end + _OBJECT)
    return max(opened, 0), closed if closed >= 0 else min(len(text), end + _OBJECT)


def _could_be_a_name(value: str) -> bool:
    words = re.sub(r'[",]', " ", value).strip("[] ").split()
    return 0 < len(words) <= 12 and all(word[:1].isupper() for word in words) and not any(map(str.isdigit, value))


def _words(value: str) -> Iterable[str]:
    return (word.lower() for word in _LETTERS.findall(value))


_NOBODY = frozenset(
    f"{_PERSON}|user|agent|gift|card|credit|certificate|name|names|mr|mrs|ms|dr|sir|madam|there|all|team|everyone|support|service|test|unknown|none|null|true|false".split(
        "|"
    )
)
"""Words that stand where a name would and are none."""
