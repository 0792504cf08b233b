"""Names of people in folded text where the text itself says that they are names, in some twenty languages.

Behind an introduction (“my name is …”), a form of address (“Herr …”, “Dear …,”), a closing formula (“Best regards,”) or a label, and in fields
that are called so. A name that nothing introduces is masked where its conversation tells whose it is (`conversation.masked`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workbench.text.shapes.spans import Signs, Span, WordSigns, apart

_INTRODUCED = re.compile(
    r"""(?<![^\W\d_]) (?: my[ ](?:full[ ]|first[ ]|last[ ])?name[ ]is | my[ ]name['’]s | (?:under|in)[ ]the[ ]name(?:[ ]of)? | customer[ ]name[ ]is | mein[ ]name[ ]ist | ich[ ]hei(?:ß|ss)e | je[ ]m['’]appelle | je[ ]me[ ]nomme | mon[ ]nom[ ]est
      | me[ ]llamo | mi[ ]nombre[ ]es | me[ ]chamo | chamo-me | meu[ ]nome[ ]é | mi[ ]chiamo | il[ ]mio[ ]nome[ ]è | mijn[ ]naam[ ]is | ik[ ]heet | nazywam[ ]się | mam[ ]na[ ]imię | jag[ ]heter | mitt[ ]namn[ ]är | jeg[ ]he(?:dd|t)er | mitt?[ ]navn[ ]er
      | nimeni[ ]on | jmenuji[ ]se | volám[ ]sa | a[ ]nevem | mă[ ]numesc | numele[ ]meu[ ]este | (?:benim[ ])?adım | меня[ ]зовут | мене[ ]звати | με[ ]λένε | ονομάζομαι | nama[ ]saya | tên[ ]tôi[ ]là | zovem[ ]se
      | (?:mrs?|ms|miss|mx|herrn?|frau|monsieur|madame|mme|mlle|señora?|senhora?|signora?|mevrouw|meneer|dhr|herra|rouva|bayan|fru)\.? ) :? [ ]{1,2}""",
    re.VERBOSE | re.IGNORECASE,
)
_TITLED = re.compile(r"(?<![^\W\d_])(?:Sra?|Srta|M|Hr|Fr|Dr|Prof|Sig|Sig\.ra|Dott|mw)\.[ ]{1,2}")
_PERHAPS = re.compile(
    r"(?<![^\W\d_])(?:i['’]m|i[ ]am|ich[ ]bin|je[ ]suis|soy|sou|sono|ik[ ]ben|jag[ ]är|jeg[ ]er|jestem|ben)[ ]{1,2}",
    re.IGNORECASE,
)
"""What a name follows and much else, too: two words written large, and then the end of a clause."""
_SPEAKING = re.compile(r"[ ](?:speaking|calling|here|from|again)(?!\w)")
_CLAUSE = re.compile(
    r"[ ]?(?:[,.;!?)\n]|\Z|and[ ]|und[ ]|et[ ]|y[ ]|e[ ]|en[ ]|och[ ]|speaking|calling|here|from|with|at[ ])"
)
_GREETED = re.compile(
    r"""(?<![^\W\d_]) (?: dear | hi | hello | hey | hallo | liebe[r]? | sehr[ ]geehrte[r]? | bonjour | ch[eè]re? | hola | estimad[oa] | querid[oa] | olá | prezad[oa] | car[oa] | ciao | gentile | beste | geachte | hej | kære | hei | dobrý[ ]den,?
      | sayın | merhaba | уважаем(?:ый|ая) | здравствуйте,? | cześć | szanown(?:y[ ]panie|a[ ]pani) | dzień[ ]dobry | αγαπητ(?:έ|ή) | stimate | kedves | tisztelt )
      [ ]{1,2} (?:(?:herr|frau|monsieur|madame|pane|paní|mr|mrs|ms)\.?[ ]{1,2})?""",
    re.VERBOSE | re.IGNORECASE,
)
_GREETING_ENDS = re.compile(r"[ ]?(?:[,!:.\n]|\Z|-[ ]|–)")
_SIGNED = re.compile(
    r"""(?<![^\W\d_]) (?: (?:best|kind|warm|with[ ]kind)[ ](?:regards|wishes) | regards | sincerely | yours[ ](?:truly|sincerely|faithfully) | thanks(?:[ ]again)? | many[ ]thanks | thank[ ]you | cheers | mit[ ](?:freundlichen|besten)[ ]gr(?:ü|ue)(?:ß|ss)en | (?:viele|beste|liebe|freundliche)[ ]gr(?:ü|ue)(?:ß|ss)e
      | mfg | lg | vg | (?:bien[ ])?cordialement | bien[ ]à[ ]vous | salutations | merci | (?:un[ ]|cordiales[ ])?saludos? | atentamente | gracias | atenciosamente | cumprimentos | obrigad[oa] | abraços | (?:cordiali|distinti)[ ]saluti | grazie | met[ ]vriendelijke[ ]groet(?:en)? | groet(?:en|jes)?
      | pozdrawiam | z[ ]poważaniem | (?:med[ ])?(?:vänliga|bästa)[ ]hälsningar | med[ ]ven(?:lig|nlig)[ ]hilsen | mvh | ystävällisin[ ]terveisin | terveisin | s[ ]pozdravem | s[ ]pozdravom | saygılarımla | с[ ]уважением | з[ ]повагою | με[ ]εκτίμηση | üdvözlettel | cu[ ](?:stimă|respect) )
      [,.!]?[ ]{0,3} \n \s{0,4} [-–—~]{0,2}[ ]?""",
    re.VERBOSE | re.IGNORECASE,
)
_LINE_ENDS = re.compile(r"[ .,]{0,3}(?:\n|\Z|[`\"<|)*」])")
_LABEL = re.compile(
    r"""(?:(?:full|customer|passenger|guest|traveller|traveler|contact|account[ ]holder|cardholder)(?:['’]s)?[ ]?(?:name)? | name | nom(?:[ ]complet)? | nombre(?:[ ]completo)? | nome(?:[ ]completo)? | naam | navn | namn
      | nimi | imię[ ]i[ ]nazwisko | jméno | név | ad[ ]soyad | имя | фио | ім['’]я | όνομα | passagier | pasajero | passager | fahrgast ) [ *]{0,3} : [ *]{1,4}""",
    re.VERBOSE | re.IGNORECASE,
)
_LABEL_SIGNS = WordSigns(
    "full name", "customer", "passenger", "guest", "traveller", "traveler", "contact", "account holder", "cardholder", "name", "nom", "nombre", "nome", "naam", "navn", "namn", "nimi", "imię i", "jméno", "név", "ad soyad", "имя", "фио", "ім'я", "ім’я", "όνομα", "passagier", "pasajero", "passager", "fahrgast",
)  # fmt: skip
_BEFORE_LABEL = re.compile(r"(?:\A|[\n;|>*•,({`「\"])[ *-]{0,4}\Z")
"""Where a label begins: not behind a word, as in “Plan name: Premium”."""
_INTRODUCED_SIGNS = WordSigns(
    "my name", "my full name", "my first name", "my last name", "under the name", "in the name", "customer name is", "mein name ist", "ich heiß", "ich heiss", "je m", "je me", "mon nom est", "me llamo", "mi nombre es", "me chamo", "chamo-me", "meu nome", "mi chiamo", "il mio nome", "mijn naam",
    "ik heet", "nazywam", "mam na imi", "jag heter", "mitt namn", "jeg he", "mit navn", "mitt navn", "nimeni on", "jmenuji se", "volám sa", "a nevem", "mă numesc", "numele meu", "benim adım", "adım", "меня зовут", "мене звати", "με λένε", "ονομάζομαι", "nama saya",
    "tên tôi", "zovem se", "mr", "mrs", "ms", "miss", "mx", "herr", "herrn", "frau", "monsieur", "madame", "mme", "mlle", "señor", "señora", "senhor", "senhora", "signor", "signora", "mevrouw", "meneer", "dhr", "rouva", "bayan", "fru",
)  # fmt: skip
_TITLED_SIGNS = WordSigns(
    "sr. ", "sra. ", "srta. ", "m. ", "hr. ", "fr. ", "dr. ", "prof. ", "sig. ", "sig.ra", "dott. ", "mw. "
)
_PERHAPS_SIGNS = WordSigns(
    "i'm ",
    "i’m ",
    "i am ",
    "ich bin ",
    "je suis ",
    "soy ",
    "sou ",
    "sono ",
    "ik ben ",
    "jag är ",
    "jeg er ",
    "jestem ",
    "ben ",
)
_GREETED_SIGNS = WordSigns(
    "dear ", "hi ", "hello ", "hey ", "hallo ", "liebe", "lieber", "sehr geehrte", "bonjour ", "cher", "chère", "chere", "hola ", "estimado", "estimada", "querido", "querida", "olá ", "prezado", "prezada", "caro ", "cara ", "ciao ", "gentile ", "beste ", "geachte ", "hej ", "kære ", "hei ", "dobrý den", "sayın ", "merhaba ", "уважаемый", "уважаемая",
    "здравствуйте", "cześć ", "szanowny", "szanowna", "dzień dobry ", "αγαπητέ", "αγαπητή", "stimate ", "kedves ", "tisztelt ",
)  # fmt: skip
_SIGNED_SIGNS = WordSigns(
    "best ", "kind ", "warm ", "with kind", "regards", "sincerely", "yours ", "thanks", "many thanks", "thank you", "cheers", "mit ", "viele ", "beste ", "liebe ", "freundliche", "mfg", "lg", "vg", "bien ", "cordialement", "salutations", "merci", "un saludo", "saludo", "saludos", "cordiali", "cordiales", "atentamente",
    "gracias", "atenciosamente", "cumprimentos", "obrigado", "obrigada", "abraços", "distinti", "grazie", "met vriendelijke", "groet", "groeten", "groetjes", "pozdrawiam", "z poważaniem", "med v", "vänliga", "bästa", "mvh", "ystävällisin", "terveisin", "s pozdrav", "saygılarımla", "с уважением", "з повагою", "με εκτίμηση",
    "üdvözlettel", "cu stimă", "cu respect",
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_PARTICLES = frozenset("van von der den de da do dos di del della la el al bin ibn ten zu y e le du des af".split())
_NOBODY = frozenset(
    (
        "customer customers team support service services sir madam all there everyone everybody user users valued friend friends guest agent assistant bot member members passenger traveler airline airlines company group desk department "
        "manager helpdesk again you your for so very much thanks thank regards best i we it this that the a an and but please yes no not ok okay sure sorry hello hi hey good great happy here in on at from with to as by of my his her its our their is are was were "
        "will can could would may might should january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday kunde kundin kunden damen herren team zusammen client cliente clientes madame "
        "monsieur messieurs mesdames señor señora señores todos tous alle allemaal collega utente signore signora senhor senhora tutti id name names number ai american united delta english german french spanish gold silver platinum premium basic economy business class plan"
    ).split()
)
"""Words that stand where a name would and are none; at one of them a name ends."""
_CJK = r"[\u3005\u3400-\u9fff]"
_EASTERN = re.compile(
    rf"""(?:我叫|我的名字是|姓名[:：\s]{{0,2}}|我是(?={_CJK}{{2,4}}[，,。]))(?P<chinese>{_CJK}{{2,4}}) | (?:私の名前は|名前は|氏名[:：\s]{{0,2}})(?P<japanese>[\u3040-\u30ff{_CJK[1:-1]}\s]{{2,10}}?)(?=です|と|。|、|\s*$)
      | (?P<humble>[\u3040-\u30ff{_CJK[1:-1]}]{{2,8}})(?=と申します|と言います|といいます) | (?<![\u3040-\u30ff{_CJK[1:-1]}])(?!お客|皆|神|各|貴|奥|王|同)(?P<honoured>{_CJK}{{2,6}})(?=様)
      | (?:제[ ]?이름은|저는|성명[:：\s]{{0,2}})[ ]?(?P<korean>[\uac00-\ud7af]{{2,4}})(?=입니다|이라고|예요|이에요|\s*$) | (?<![\uac00-\ud7af])(?!고객|회원|선생|사장|여러|손님|기사|부장|과장)(?P<sir>[\uac00-\ud7af]{{2,4}})(?=님(?![\uac00-\ud7af]))""",
    re.VERBOSE,
)
_PERSON = "customer|passenger|traveller|traveler|holder|cardholder|account_holder|guest|patient|client|member|caller|contact|recipient|sender|employee|driver|payee|user"
_FIELD = re.compile(
    rf"""(?P<quote>\\{{0,6}}["']) (?: (?:\w{{1,24}}_)?(?:first|last|middle|full|given|family|sur|maiden)[_ ]?name | (?:{_PERSON})[_ ]?(?:full[_ ]?)?name | surname | vorname | nachname
          | prenom | prénom | apellidos? | cognome | sobrenome | nombres? ) (?P=quote)
        \s{{0,4}}:\s{{0,4}} (?P=quote) (?P<value>[^"\\\n]{{2,80}}?) (?P=quote)""",
    re.VERBOSE | re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@/.-])[a-z]{2,20}_[a-z]{2,20}_[0-9]{3,6}(?![\w-])")
_NO_HANDLE = re.compile(
    r"(?:card|gift|credit|debit|paypal|order|item|user|account|ticket|case|call|payment|test|sample|id)_", re.IGNORECASE
)


def names(text: str) -> Iterator[Span]:
    """Names where the text says that they are, what fields of names hold, and user ids made of names."""
    spans: list[Span] = []
    for signs, pattern, least, then in _FORMS:
        spans += _behind(signs.matches(pattern, text), text, least, then)
    if "\n" in text:
        spans += _behind(_SIGNED_SIGNS.matches(_SIGNED, text), text, 1, _LINE_ENDS)
    if ":" in text:
        lines = "\n" in text
        labels = (
            match
            for match in _LABEL_SIGNS.matches(_LABEL, text)
            if _BEFORE_LABEL.search(text, max(0, match.start() - 5), match.start())
        )
        spans += _behind(labels, text, 1 if lines else 2, _LINE_ENDS if lines else None)
        if '"' in text or "'" in text:
            spans += [
                (*match.span("value"), "[name]")
                for match in _FIELD.finditer(text)
                if not match["value"].startswith("[")
            ]
    if not text.isascii():
        spans += [(*match.span(match.lastgroup or 0), "[name]") for match in _EASTERN.finditer(text)]
    if "_" in text:
        spans += [(*match.span(), "[user]") for match in _HANDLE.finditer(text) if not _NO_HANDLE.search(match[0])]
    yield from apart(spans)


_FORMS: tuple[tuple[Signs, re.Pattern[str], int, re.Pattern[str] | None], ...] = (
    (_INTRODUCED_SIGNS, _INTRODUCED, 1, None),
    (_TITLED_SIGNS, _TITLED, 1, None),
    (_PERHAPS_SIGNS, _PERHAPS, 2, _CLAUSE),
    (WordSigns("this is "), re.compile(r"(?<![^\W\d_])this[ ]is[ ]{1,2}", re.IGNORECASE), 1, _SPEAKING),
    (_GREETED_SIGNS, _GREETED, 1, _GREETING_ENDS),
)
"""What begins, how many words written large a name behind it has at least, and what has to follow."""


def _behind(matches: Iterable[re.Match[str]], text: str, least: int, then: re.Pattern[str] | None) -> Iterator[Span]:
    """The names of at least so many words behind each match, where what follows is as it has to be."""
    for match in matches:
        start = match.end()
        end, count = _name(text, start)
        if count >= least and (then is None or then.match(text, end)):
            yield start, end, "[name]"


def _name(text: str, start: int) -> tuple[int, int]:
    """Where a name that begins here ends, and how many words written large it has; at most four."""
    end, count, place = start, 0, start
    while count < 4 and (word := _WORD.match(text, place)):
        letters = word[0].rstrip(".")
        if letters in _PARTICLES and text[word.end() : word.end() + 1] == " ":
            place = word.end() + 1
            continue
        if not letters[0].isupper() or letters.lower() in _NOBODY or (len(letters) == 1 and not word[0].endswith(".")):
            break
        count += 1
        end = word.end() if len(letters) == 1 else word.start() + len(letters)
        if text[end : end + 1] != " ":
            break
        place = end + 1 + (text[end + 1 : end + 2] == " ")
    return end, count
