"""Postal addresses by their form, birth dates behind their label, and names where a text itself says that they are one.

Of addresses the street with its number is looked for, as eight countries write it, with what of floor, postcode and town stands right
behind. A name counts behind what introduces it (“my name is …”, “Herr …”) or in a field that is called so; one that nothing
introduces is masked where the conversation tells whose it is (`conversation.masked`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text.secret_shapes import Span

# ── Postal addresses ──

_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’.-]{0,24}"
_NUMBER = r"[0-9]{1,5}(?:[ ]?[A-Za-z])?(?:[/-][0-9]{1,4}[A-Za-z]?)?(?![\w%€$£])"
_ENGLISH = "Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Boulevard|Blvd|Terrace|Crescent|Highway|Hwy|Parkway|Pkwy|Mews|Gardens|Gdns|Pkwy"
_AMBIGUOUS = "Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Close|Circle|Cir|Trail|Trl|Loop|Row|Grove|Hill|Walk|Alley|Crossing|Quay|Green|Park"
"""Words that also end what is no street: these count where a town or a flat follows, or a word before says that somebody lives there."""
_GERMAN = "stra(?:ß|ss)e|str\\.|weg|platz|allee|gasse|ring|damm|ufer|hof|steig|chaussee|markt|graben|berg|park|straat|laan|plein|gracht|kade"
_BEHIND = r"""(?: ,?[ ]{1,2}(?:(?i:apartment|apto|appt|apt|suite|ste|unit|flat|floor|room|bloco|piso|planta|puerta|bât|étage|esc|fl|rm|box|bl|ap)\b\.?[ ]?|\#[ ]?)
                  [\w-]{1,6} | ,?[ ][0-9]{1,2}[º°ªo.][ ]?(?:[A-Z]|izq\.?|dcha\.?)?(?![\w]) ){0,2}"""
_TOWN = r"(?:[A-ZÀ-ÖØ-Þ][\w'’.-]{1,24}(?:[ -][A-ZÀ-ÖØ-Þ][\w'’.-]{1,24}|[ ](?:am|an der|de|la|do|da|dos|upon|sur|le|del)(?=[ ])){0,3})"
_POSTCODE = r"(?:[0-9]{5}(?:-[0-9]{3,4})?|[A-Z]{1,2}[0-9][0-9A-Z]?[ ]?[0-9][A-Z]{2}|[A-Z][0-9][A-Z][ ]?[0-9][A-Z][0-9]|[0-9]{4}[ ]?[A-Z]{2}|[0-9]{2}-[0-9]{3}|[0-9]{4})(?![\w-])"
_THEN = r"""(?: [ ]?[,\n;–-][ ]{0,2}|[ ]{1,2} )"""
_TAIL = rf"""(?: {_THEN}{_POSTCODE}(?:[ ,]{{1,2}}{_TOWN})?
             | {_THEN}{_TOWN}(?:,?[ ][A-Z]{{2}}\b)?(?: [ ]?[,–-]?[ ]{{0,2}}{_POSTCODE}) )?"""
_ADDRESS = re.compile(
    rf"""(?<![\w.#/-]) (?:
      {_NUMBER} [ ] (?:[NSEW]\.?[ ]|(?:North|South|East|West)[ ])? (?:(?:{_WORD}|[0-9]{{1,3}}(?:st|nd|rd|th))[ ]){{1,3}}
        (?: (?:{_ENGLISH})\b | (?P<maybe>{_AMBIGUOUS})\b ) \.?
    | (?: (?:{_WORD}[ -]){{0,3}}[A-ZÄÖÜ][a-zäöüßA-Z-]{{1,24}}?(?:{_GERMAN}) | (?:{_WORD}[ -]){{1,3}}(?:Stra(?:ß|ss)e|Str\.|Weg|Platz|Allee|Ring|Damm|Ufer) ) [ ]{_NUMBER}
    | {_NUMBER} (?:[ ](?:bis|ter))? ,?[ ] (?i:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allée|quai|route|cours|square|faubourg|passage)[ ]
        (?:(?:de|du|des|la|le|les|l'|d'|de[ ]l['’]|d['’]|l['’])[ ]?){{0,3}} {_WORD}(?:[ -](?:de|du|des|la|le|{_WORD})){{0,4}}
    | (?:Calle|C/|Avenida|Avda\.?|Av\.|Plaza|Pza\.?|Paseo|P[ºo°]\.|Camino|Carrera|Ronda|Travesía|Glorieta|Rua|R\.|Travessa|Alameda|Praça|Rodovia|Estrada|Largo
          |Via|Viale|Piazza|Corso|Vicolo|ul\.|al\.) [ ]? (?:(?:de|del|da|do|dos|das|la|las|los|el|e|della|dei|di)[ ]){{0,3}} {_WORD}
        (?:[ ](?:de|del|da|do|dos|das|la|las|los|y|e|della|dei|di|{_WORD})){{0,5}} ,?[ ] (?:n[ºo°.]{{0,2}}[ ]?)?{_NUMBER}
    ) (?P<behind> {_BEHIND} {_TAIL} )""",
    re.VERBOSE,
)
_LIVES = re.compile(
    r"\b(?:address|live|living|located|ship|deliver|delivery|send|sent|mail|moved?|house|home|residence|street)\b",
    re.IGNORECASE,
)
_STREETS = frozenset(
    f"{_ENGLISH}|{_AMBIGUOUS}|Straße|Strasse|Str|Weg|Platz|Allee|Ring|Damm|Ufer|rue|avenue|av|boulevard|bd|place|chemin|impasse|allée|quai|route|cours|"
    "square|faubourg|passage|Rue|Bd|Chemin|Impasse|Quai|Route|Cours|Calle|C|Avenida|Avda|Av|Plaza|Pza|Paseo|P|Camino|Carrera|Ronda|"
    "Travesía|Glorieta|Rua|R|Travessa|Alameda|Praça|Rodovia|Estrada|Largo|Via|Viale|Piazza|Corso|Vicolo|ul|al".split(
        "|"
    )
)
"""Words of which an address has one, in the case in which it has it; the look for them spares nearly all texts the search."""
_ENDINGS = (
    "straße", "strasse", "str.", "weg", "platz", "allee", "gasse", "ring", "damm", "ufer", "hof", "steig", "chaussee", "markt", "graben", "berg", "park",
    "straat", "laan", "plein", "gracht", "kade",
)  # fmt: skip
_ENDED = re.compile(rf"(?:{'|'.join(map(re.escape, _ENDINGS))}) [0-9]")
_WORDS = re.compile(r"[^\W\d_]+")
_FIELD_OF_ADDRESS = re.compile(
    r"""(?P<quote>\\*["']) (?:\w*_)?(?:address_?(?:line_?)?[0-9]?|street(?:_?(?:address|name|line_?[0-9]?))?|line[12]|zip(?:_?code)?|post(?:al)?_?code|postcode|plz|
          cep|codigo_postal|code_postal) (?P=quote)
        \s{0,4}:\s{0,4} (?P=quote) (?P<value>[^"'\\\n]{2,120}) (?P=quote)""",
    re.VERBOSE | re.IGNORECASE,
)


def addresses(text: str) -> Iterator[Span]:
    """Streets with their number and what stands right behind them, and what fields of addresses hold."""
    spans: list[Span] = []
    if _DIGIT.search(text) and _may_hold_a_street(text):
        spans += [
            (*match.span(), "[address]")
            for match in _ADDRESS.finditer(text)
            if not match["maybe"] or match["behind"] or _LIVES.search(text[max(0, match.start() - 40) : match.start()])
        ]
    if '":' in text or '" :' in text or "':" in text:
        for match in _FIELD_OF_ADDRESS.finditer(text):
            if not match["value"].startswith("[") and "@" not in match["value"]:
                spans.append((*match.span("value"), "[address]"))
    yield from _apart(spans)


def _may_hold_a_street(text: str) -> bool:
    return not _STREETS.isdisjoint(_WORDS.findall(text)) or _ENDED.search(text) is not None


# ── Birth dates ──

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|"
    r"septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janeiro|"
    r"fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|january|february|march|april|june|july|august|september|"
    r"october|november|december)\.?"
)
_DATE = (
    r"(?:[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2}|[0-9]{1,2}[./ -]{1,2}[0-9]{1,2}[./ -]{1,2}(?:[0-9]{4}|[0-9]{2})"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th|er|º|\.)?[ ](?:of[ ]|de[ ])?{_MONTH}(?:[ ]de)?,?[ ][0-9]{{4}}|{_MONTH}[ ][0-9]{{1,2}}(?:st|nd|rd|th)?,?[ ][0-9]{{4}})"
)
_BORN = re.compile(
    rf"""(?<![A-Za-z]) (?: (?:my[ ])?date[ _]?of[ _]?birth | d\.?o\.?b\.? | birth[ _-]?da(?:te|y) | born(?:[ ]on|[ ]in)? | geburts(?:datum|tag) | geboren(?:[ ]am)? | geb\.(?:[ ]am)?
          | né(?:e|\(e\))?[ ]le | date[ ]de[ ]naissance | fecha[ ]de[ ]nacimiento | nac(?:í|ido|ida)[ ]el | data[ ]de[ ]nascimento | nasc(?:i|ido|ida)[ ]em
          | geboortedatum | data[ ]di[ ]nascita | nat[oa][ ]il )
        ["'\\]{{0,8}} [ ]{{0,2}} (?:is|was|ist|war|est|es|é|:|=)? [ ]{{0,2}} ["'\\]{{0,8}} (?P<date>{_DATE})(?![0-9])""",
    re.VERBOSE | re.IGNORECASE,
)
_BIRTH_SIGNS = (
    "birth",
    "dob",
    "d.o.b",
    "born",
    "geb",
    "naissance",
    "né le",
    "née le",
    "né(e",
    "nací",
    "nacid",
    "nacim",
    "nasci",
    "nasce",
    "nato il",
    "nata il",
)


def birth_dates(text: str) -> Iterator[Span]:
    """Dates behind a word that says that somebody was born on them."""
    if _DIGIT.search(text):
        lowered = text.lower()
        if any(map(lowered.__contains__, _BIRTH_SIGNS)):
            yield from ((*match.span("date"), "[birth date]") for match in _BORN.finditer(text))


# ── Names ──

_CAPITALISED = r"(?:[A-ZÀ-ÖØ-Þ][^\W\d_]{1,24}(?:['’-][A-ZÀ-ÖØ-Þ]?[^\W\d_]{1,24}){0,2}|[A-ZÀ-Þ]['’][A-ZÀ-Þ][^\W\d_]{1,24}|[A-ZÀ-Þ]\.)"
_PARTICLE = r"(?:van|von|der|den|de|da|do|dos|di|del|la|el|al|bin|ibn|ten|zu)"
_NAME = rf"{_CAPITALISED}(?:[ ]{{1,2}}(?:{_PARTICLE}[ ]){{0,2}}{_CAPITALISED}){{0,3}}"
_INTRODUCED = re.compile(
    rf"""(?<![^\W\d_]) (?: (?i:my[ ](?:full[ ]|first[ ]|last[ ])?name[ ]is|my[ ]name['’]s|mein[ ]name[ ]ist|ich[ ]hei(?:ß|ss)e|je[ ]m['’]appelle|me[ ]llamo|mi[ ]nombre[ ]es|me[ ]chamo|meu[ ]nome[ ]é
            |mi[ ]chiamo|mijn[ ]naam[ ]is|ik[ ]heet|customer[ ]name[ ]is)[ ]+
          | (?i:mrs?|ms|miss|herrn?|frau|monsieur|madame|mme|señora?|senhora?)\.?[ ]+ | (?:Sra?|M|Hr|Fr)\.[ ]+ )
        (?P<name>(?:{_PARTICLE}[ ]){{0,2}}{_NAME})""",
    re.VERBOSE,
)
_NAME_SIGNS = (
    "name",
    "hei",
    "appelle",
    "llamo",
    "nombre",
    "chamo",
    "nome",
    "chiamo",
    "naam",
    "heet",
    "mr",
    "ms",
    "miss",
    "herr",
    "frau",
    "monsieur",
    "madame",
    "mme",
    "seño",
    "senho",
)
_TITLE_SIGNS = ("Sr. ", "Sra. ", "M. ", "Hr. ", "Fr. ")  # fmt: skip
_PERSON = "customer|passenger|traveller|traveler|holder|cardholder|account_holder|guest|patient|client|member|caller|contact|recipient|sender|employee|driver|payee|user"
_FIELD_OF_NAME = re.compile(
    rf"""(?P<quote>\\*["']) (?: (?:\w{{1,24}}_)?(?:first|last|middle|full|given|family|sur|maiden)[_ ]?name | (?:{_PERSON})[_ ]?(?:full[_ ]?)?name | surname | vorname | nachname
          | prenom | prénom | apellidos? | cognome | sobrenome ) (?P=quote)
        \s{{0,4}}:\s{{0,4}} (?P=quote) (?P<value>[^"\\\n]{{2,80}}?) (?P=quote)""",
    re.VERBOSE | re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@/.-])[a-z]{2,20}_[a-z]{2,20}_[0-9]{3,6}(?![\w-])")
_NO_HANDLE = re.compile(
    r"(?:card|gift|credit|debit|paypal|order|item|user|account|ticket|case|call|payment|test|sample|id)_", re.IGNORECASE
)


def names(text: str) -> Iterator[Span]:
    """Names behind an introduction or a form of address, and those that fields of names hold, with user ids made of names."""
    spans: list[Span] = []
    lowered = text.lower()
    if any(map(lowered.__contains__, _NAME_SIGNS)) or any(map(text.__contains__, _TITLE_SIGNS)):
        spans += [(*match.span("name"), "[name]") for match in _INTRODUCED.finditer(text)]
        if '"' in text or "'" in text:
            for match in _FIELD_OF_NAME.finditer(text):
                if not match["value"].startswith("["):
                    spans.append((*match.span("value"), "[name]"))
    if "_" in text:
        spans += [(*match.span(), "[user]") for match in _HANDLE.finditer(text) if not _NO_HANDLE.search(match[0])]
    yield from _apart(spans)


_DIGIT = re.compile("[0-9]")


def _apart(spans: list[Span]) -> Iterator[Span]:
    """Spans in their order, none over another."""
    free = 0
    for start, end, what in sorted(spans):
        if start >= free:
            yield start, end, what
            free = end
