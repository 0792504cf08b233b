"""Postal addresses in folded text by their form, and what fields of addresses hold.

The street with its number is looked for, as some thirty countries write it, with what of floor, postcode and town stands right
behind; in other countries' forms the number between a street of any name and a postcode with its town.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text.shapes.spans import Span, apart, words_of

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
    | (?: (?:{_WORD}[ ]){{0,3}}[A-ZÄÖÜ][a-zäöüßA-Z-]{{1,24}}?(?:{_GERMAN}) | (?:{_WORD}[ ]){{1,3}}(?:Stra(?:ß|ss)e|Str\.|Weg|Platz|Allee|Ring|Damm|Ufer) ) [ ]{_NUMBER}
    | {_NUMBER} (?:[ ](?:bis|ter))? ,?[ ] (?i:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allée|quai|route|cours|square|faubourg|passage)[ ]
        (?:(?:de|du|des|la|le|les|l'|d'|de[ ]l['’]|d['’]|l['’])[ ]?){{0,3}} {_WORD}(?:[ ](?:de|du|des|la|le|{_WORD})){{0,4}}
    | (?:Calle|C/|Avenida|Avda\.?|Av\.|Plaza|Pza\.?|Paseo|P[ºo°]\.|Camino|Carrera|Ronda|Travesía|Glorieta|Rua|R\.|Travessa|Alameda|Praça|Rodovia|Estrada|Largo
          |Via|Viale|Piazza|Corso|Vicolo|ul\.|al\.) [ ]? (?:(?:de|del|da|do|dos|das|la|las|los|el|e|della|dei|di)[ ]){{0,3}} {_WORD}
        (?:[ ](?:de|del|da|do|dos|das|la|las|los|y|e|della|dei|di|{_WORD})){{0,5}} ,?[ ] (?:n[ºo°.]{{0,2}}[ ]?)?{_NUMBER}
    ) (?P<behind> {_BEHIND} {_TAIL} )""",
    re.VERBOSE,
)
_CAPITAL = r"[^\W\d_a-zà-öø-ÿа-яёα-ώ][\w'’.-]{1,24}"
_MORE = re.compile(
    rf"""(?<![\w.#/-]) (?:
      (?: (?:{_CAPITAL}[ ]){{0,3}}{_CAPITAL}? (?:vej|vejen|gade|allé|stræde|torv|vägen|gatan|torget|gränd|stigen|veien|vegen|gata|torg|katu|tie|kuja|polku|baan|dreef|singel|kaai|steenweg|utca|útja?) | (?:{_CAPITAL}[ ]){{1,3}}(?:utca|út|útja|tér|tere|krt\.|köz|sokak|caddesi|cad\.|sok\.|katu|tie|gata|gatan) )
        [ ] [0-9]{{1,4}}[ ]?[A-Za-z]?(?:[/-][0-9]{{1,4}})?\.? (?![\w%€$£])
    | (?: ulica|ul\.|aleja|al\.|plac|pl\.|os\.|osiedle|Strada|Str\.|Bulevardul|Bd\.|Aleea|Intrarea|Calea|Drumul|Șoseaua|Jl\.|Jalan|Gang|Gg\.|náměstí|nám\.|[Nn]ámestie|třída|trg|cesta
        | ул\.|улица|пер\.|переулок|пр-т|просп\.|проспект|пр\.|наб\.|набережная|бул\.|бульвар|ш\.|шоссе|пл\.|алл\.|вул\.|вулиця|провулок|площа|Οδός|Λεωφόρος|Λεωφ\.|Πλατεία|đường|phố|Đường|Phố )
        [ ] (?:{_CAPITAL}[ ,]{{1,2}}|[0-9]{{1,2}}[ ]){{1,4}}? (?:(?:[Nn]r|[Nn]o|N[º°]|д|буд|дом|будинок|h)\.?[ ]?)? [0-9]{{1,4}}[ ]?[A-Za-zА-Яа-я]?(?:[/-][0-9]{{1,4}})? (?![\w%€$£])
    | (?: Calle|Avenida|Av\.|Avda\.?|Av|Boulevard|Blvd?\.?|Privada|Prolongación|Calzada|Andador|Callejón|Circuito|Carrera|Cra\.?|Cl\.?|Diagonal|Diag\.|Dg\.?|Transversal|Rua|Travessa|Alameda|Largo|Praça|Praceta|Passarela|Vila|Viela|Ladeira|Vereda|Fazenda|Via|Viale|Piazza|Corso|Vicolo|Strada|Canale|Contrada|Stretto|Borgo
        | [Rr]ue|[Aa]venue|[Cc]hemin|[Rr]oute|[Qq]uai|[Bb]oulevard|[Ii]mpasse )
        [ ] (?:(?:de|del|da|do|dos|das|des|du|la|las|los|le|les|l['’]|d['’]|el|e|y|di|della|dei)[ ]?){{0,3}} (?:{_CAPITAL}[ ]){{0,4}}{_CAPITAL} ,?[ ] (?:[NnSs][º°o.]{{0,2}}[ ]?|\#[ ]?|No\.?[ ])? (?:[0-9]{{1,5}}[A-Za-z]?(?:[ ]?[/-][ ]?[0-9]{{1,4}})?|S/N|s/n) (?![\w%€$£])
    | [\u4e00-\u9fff]{{0,12}}(?:[省市县縣區区町村郡镇鄉乡]|新区)[\u3040-\u30ff\u4e00-\u9fff]{{1,16}}?(?:[0-9一二三四五六七八九十]{{1,3}}丁目[0-9]{{1,3}}番(?:[0-9]{{1,3}}号)?|(?:路|街|道|巷|弄|大道|胡同)(?:[0-9一二三四五六七八九十]{{1,3}}段)?(?:[0-9]{{1,3}}[巷弄])?(?:[0-9]{{1,5}}|[A-Z]座)[号號]?)(?:[ ]?[0-9一-龥A-Z]{{1,6}}[楼樓室])?
    | [\u4e00-\u9fff]{{1,6}}(?:路|街|巷)(?:[0-9一二三四五六七八九十]{{1,3}}段)?(?:[0-9]{{1,3}}[巷弄])?[0-9]{{1,5}}[号號](?:[0-9]{{1,3}}[楼樓])?
    | [\uac00-\ud7af]{{1,8}}(?:도|시|군|구|특별시|광역시)[ ](?:[\uac00-\ud7af]{{1,8}}(?:시|군|구|읍|면)[ ]){{0,2}}[\uac00-\ud7af0-9]{{1,12}}(?:로|길|가|거리)[ ]?(?:지하)?[0-9]{{1,4}}(?:-[0-9]{{1,4}})?
    | [0-9]{{1,4}}(?:/[0-9]{{1,4}})?[ ](?:หมู่[ ]?[0-9]{{1,2}}[ ])?(?:ถ\.|ถนน|ซ\.|ซอย)[\u0e00-\u0e7f]{{2,30}} | [Ss]ố[ ][0-9]{{1,4}}(?:[/A-Z][0-9A-Z]{{1,4}}){{0,3}}[ ](?:(?:Hẻm|Ngõ|Khóm|[Pp]hố|[Đđ]ường)[ ])?[^\n,;|<`"]{{3,60}}
    ) (?P<behind> {_BEHIND} {_TAIL} )""",
    re.VERBOSE,
)
"""Streets as other countries write them."""
_BETWEEN = re.compile(
    rf"""(?<![\w.#/-]) (?:
      [0-9]{{1,5}}[A-Z]?[ ] (?:{_CAPITAL}[ ]){{0,3}}{_CAPITAL} (?:,?[ ](?:Apt\.?|Suite|Unit|Flat|\#)[ ]?[\w-]{{1,6}})? [,\n][ ]? (?:{_CAPITAL}[ ]?){{1,3}}, [ ]?[A-Z]{{2,3}},?[ ](?:[0-9]{{4,5}}(?:-[0-9]{{4}})?|[A-Z][0-9][A-Z][ ]?[0-9][A-Z][0-9])(?![\w-])
    | (?:{_CAPITAL}[ ]){{0,3}}{_CAPITAL}[ ][0-9]{{1,4}}[a-zA-Z]?(?:[/-][0-9]{{1,4}})? [,\n]{{1,2}}[ ]? (?:ΤΚ[ ]|[A-Z]{{1,2}}-)?(?!(?:19|20)[0-9]{{2}}[ \n,])(?:[0-9]{{3}}[ ][0-9]{{2}}|[0-9]{{2}}-[0-9]{{3}}|[0-9]{{4,5}}(?:[ ]?[A-Z]{{2}}(?![\w]))?)[ ,]{{1,2}}{_CAPITAL}(?:[ -]{_CAPITAL})?
    )""",
    re.VERBOSE,
)
"""A street of any name with its number, and behind it a town with its postcode, as in the United States and on the continent."""
_CODE_AND_TOWN = re.compile(
    r"[,\n][ ]?(?:ΤΚ |[A-Z]{1,2}-)?[0-9]{2,5}[ -]?[0-9A-Z]{0,3}[ ,]{1,2}[^\W\d_a-z]|, ?[A-Z]{2,3},? [0-9A-Z]{3,5}"
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
_MORE_STREETS = frozenset(
    "ulica ul aleja al plac pl os osiedle Strada Str Bulevardul Bd Aleea Intrarea Calea Drumul Șoseaua Jl Jalan Gang Gg trg cesta Calle Avenida Av Avda Boulevard Blvd Blv Privada Prolongación Calzada Andador Circuito Carrera Cra Cl Diagonal Diag Dg Transversal Rua Travessa "
    "Alameda Largo Praça Praceta Vila Viela Ladeira Vereda Fazenda Via Viale Piazza Corso Vicolo Canale Contrada Borgo Rue rue Avenue avenue Chemin chemin Route route Quai quai boulevard Impasse impasse utca út tér sokak caddesi".split()
)
_MORE_ENDED = re.compile(
    r"(?:vej|gade|allé|vägen|gatan|torget|veien|gata|katu|tie|kuja|polku|baan|singel|dreef|steenweg)[ ][0-9]"
)
_FIELD_OF_ADDRESS = re.compile(
    r"""(?P<quote>\\{0,6}["']) (?:\w*_)?(?:address_?(?:line_?)?[0-9]?|street(?:_?(?:address|name|line_?[0-9]?))?|line[12]|zip(?:_?code)?|post(?:al)?_?code|postcode|plz|
          cep|codigo_postal|code_postal) (?P=quote)
        \s{0,4}:\s{0,4} (?P=quote) (?P<value>[^"'\\\n]{2,120}) (?P=quote)""",
    re.VERBOSE | re.IGNORECASE,
)


_DIGIT = re.compile("[0-9]")


def addresses(text: str) -> Iterator[Span]:
    """Streets with their number and what stands right behind them, and what fields of addresses hold."""
    spans: list[Span] = []
    if not _DIGIT.search(text):
        return
    words = words_of(text)
    if not _MORE_STREETS.isdisjoint(words) or _MORE_ENDED.search(text) or not text.isascii():
        spans += [(*match.span(), "[address]") for match in _MORE.finditer(text)]
    if _CODE_AND_TOWN.search(text):
        spans += [(*match.span(), "[address]") for match in _BETWEEN.finditer(text)]
    if not _STREETS.isdisjoint(words) or _ENDED.search(text):
        spans += [
            (*match.span(), "[address]")
            for match in _ADDRESS.finditer(text)
            if not match["maybe"] or match["behind"] or _LIVES.search(text[max(0, match.start() - 40) : match.start()])
        ]
    if '":' in text or '" :' in text or "':" in text:
        for match in _FIELD_OF_ADDRESS.finditer(text):
            if not match["value"].startswith("[") and "@" not in match["value"]:
                spans.append((*match.span("value"), "[address]"))
    yield from apart(spans)
