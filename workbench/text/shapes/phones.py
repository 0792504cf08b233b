"""Phone numbers in folded text: by their form where it says enough, and any number of their length behind a word that says so.

Ten bare digits are an order number as often as a phone: there the words right before it decide. Words of 27 languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text.shapes.accounts import with_point_zero
from workbench.text.shapes.spans import Span

_COUNTRY = (
    r"(?:1|7|2(?:0|7|1[1-368]|2[0-9]|3[0-9]|4[0-9]|5[0-8]|6[0-9]|9[017-9])|3(?:0|1|2|3|4|6|9|5[0-9]|7[0-9]|8[0-35-79])|4(?:0|1|3|4|5|6|7|8|9|2[013])"
    r"|5(?:1|2|3|4|5|6|7|8|0[0-9]|9[0-9])|6(?:0|1|2|3|4|5|6|7[0-9]|8[0-35-9]|9[0-2])|8(?:1|2|4|6|5[0235-6]|8[06])|9(?:0|1|2|3|4|5|8|6[0-8]|7[0-7]|9[2-68]))"
)
"""Codes that the ITU has given to countries (E.164)."""
_PHONE = re.compile(
    rf"""(?=[+(]?[ ]?[0-9]|\(\+[0-9])
    (?<![0-9A-Za-z_\]]) (?<![0-9A-Za-z\]]-) (?<![0-9\]]\.) (?<![$€£¥\#+])
    (?=(?:
      (?P<american> (?:\+?1[ .-]?)? (?: \([0-9]{{3}}\)[ .-]?[0-9]{{3}}[ .-]?[0-9]{{4}} (?![0-9])
                    | [0-9]{{3}}[.-][0-9]{{3}}[.-][0-9]{{4}} (?![0-9A-Za-z_])
                    | [2-9][0-9]{{2}}[ ][0-9]{{3}}[ -][0-9]{{4}} (?![0-9A-Za-z_]) ) (?![.-][0-9]) )
    | (?P<plus>     (?:\+[ ]?(?=[1-9])[0-9]{{1,15}}|\(\+[1-9][0-9]{{0,3}}\)) (?![0-9])
                    (?: [ ./()-]{{1,3}} (?: [0-9]{{2,12}} | [0-9](?=[ .-][0-9]{{2}}|\)) ) (?![0-9]) ){{0,6}} )
    | (?P<zeros>    (?<![0-9\]][ ]) 00(?={_COUNTRY}) (?: [0-9]{{0,3}} (?:[ ./()-]{{1,3}}[0-9]{{1,8}}){{1,6}} | [0-9]{{8,13}} )
                    (?![0-9A-Za-z_]) )
    | (?P<national> (?: 0[1-9][0-9]{{0,4}} | \(0[1-9][0-9]{{0,4}}(?:[ -][0-9]{{1,3}})?\) ) (?:[ ./-][0-9]{{2,8}}){{1,5}} (?![0-9A-Za-z_])
                    | 0[1-9][0-9]{{8,9}} (?![0-9A-Za-z_]) )
    | (?P<area>     \((?!19|20)[0-9]{{2,5}}\)[ .-]?[0-9]{{2,5}} (?:[ .-][0-9]{{2,5}}){{1,3}} (?![0-9A-Za-z_]) )
    | (?P<mobile>   (?<![0-9\]][ ]) (?: [6-9][0-9]{{4}}[ -][0-9]{{5}} | [6-9][0-9]{{2}}[ ][0-9]{{3}}[ ][0-9]{{3}}
                    | [6-9][0-9]{{2}}(?:[ ][0-9]{{2}}){{3}} | [1-9][0-9][ ]9[0-9]{{4}}[ -][0-9]{{4}}
                    | 1[3-9][0-9][ -][0-9]{{4}}[ -][0-9]{{4}} ) (?![0-9A-Za-z_]|[ ,.-][0-9\[]|[ ]?[$€£¥%]) )
    | (?P<told>     (?: [0-9]{{5,15}} | (?:[0-9]|\([0-9]+\))[0-9 ()./-]{{3,20}}[0-9] ) (?![0-9A-Za-z_]) )
    ))""",
    re.VERBOSE,
)
_DIGITS = {"american": (10, 11), "plus": (7, 15), "zeros": (10, 17), "national": (9, 12), "area": (9, 12)} | {
    "mobile": (9, 11),
    "told": (5, 15),
}
_LINK = r"""["'\\*]{0,8}\s{0,2}(?:(?:is|at|on|ist|lautet|unter|der|est|le|au|es|al|el|é|è|para|är|er|to|je|na|este|:|=|\#|は|是|는|은|号码)[ ]?){0,2}:?\s{0,2}["'\\(*]{0,8}\Z"""
_LINK_CHARACTERS = " \n\t\"'\\:=#(.*"
_NUMBER = (
    r"(?:[ _-]?(?:number|numbers|num|no|nr|nummer|numer[oi]?|numéro|número|numero|szám|szama|號碼|号码|番号|번호))?"
)
_WORDS = re.compile(
    rf"""(?: (?: (?<!i)phone | telefo(?:o)?n[oe]?(?:n|nummer|numer|szám|s|u)? | téléphone | teléfono | mobile? | mobiel | msisdn | whatsapp | puhelin(?:numero)?
               | телефон[ауе]? | τηλέφωνο | κινητό | 电话 | 電話 | 手机 | 手機 | 携帯 | 連絡先 | 联系方式 | 전화 | 휴대폰 | 핸드폰 | 연락처 | هاتف | هاتفي | جوال | موبايل | טלפון | נייד | फ़ोन | फोन | मोबाइल | điện[ ]thoại
               | โทรศัพท์ | เบอร์โทร | เบอร์ | โทร
               | (?<![a-z])(?:tel|téléf?|tél|cell|fax|sms|handy|handynummer|móvil|movil|celular|cellulare|portable|cellphone|telemóvel|telepon|telp|gsm|tlf|puh|komórka|komórki|mobil
                            |matkapuhelin|sđt|тел|моб|мобільний|мобильный|τηλ|ligue|rückrufnummer) ){_NUMBER}[s.]?
           | (?:call|text|ring|reach|contact|dial)[ ](?:me|us|him|her|them|back)?[ ]?(?:at|on) | (?:my|meine|mon|mi|il[ ]mio|mijn|mój|mitt|mit|meu|o[ ]meu|moje|numărul)[ ](?:number|nummer|numéro|número|numero|numer|číslo|meu) | számom
           | numeroni | numaram | (?:мой|мій)[ ](?:номер|телефон) | הטלפון[ ]שלי | मेरा[ ]नंबर | nomor(?:[ ](?:hp|telepon|wa))?(?:[ ]saya)?
           | erreichbar | joignable | (?:llám[ae]|llame)(?:me|nos)? | chiam[ai](?:mi|ci)? | bel(?:[ ]me)?[ ]op | ruf(?:en)?[ ](?:sie[ ])?(?:mich[ ])?(?:bitte[ ])?an )
    {_LINK}""",
    re.VERBOSE | re.IGNORECASE,
)
_ORDER_WORDS = re.compile(
    rf"""(?: (?:order|invoice|booking|tracking|confirmation|sku|shipment|parcel)(?:[ _-]?(?:number|num|no|nr|id|ref|code))?\.?
           | (?:ticket|case|reference|ref|reservation|item|product|claim|policy|serial|customer|account|part|article)[ _-]?(?:number|num|no|nr|id)\.?
           | (?:bestell|auftrags|kunden|rechnungs|sendungs|vorgangs|artikel|vertrags|buchungs|referenz|serien)(?:nummer|nr\.?|-nr\.?) | vorgang | rechnung | bestellung | auftrag
           | (?:commande|facture|dossier|colis|réservation|client)(?:[ ]n[°o]\.?)? | pedido | factura | fatura | reserva | rastreo | referencia | expediente | ordine | fattura | bestelling | zamówienie | faktura
           | (?<![a-z])(?:id|imei|isbn|ean|gtin|doi|issn|pmid|part|article|art\.|model|p/n|mpn|lot|batch) ) {_LINK}""",
    re.VERBOSE | re.IGNORECASE,
)
_WRITTEN_DATE = (
    r"(?:19|20)[0-9]{2}([./ -])(?:0?[1-9]|1[0-2])\1[0-3]?[0-9] | [0-3]?[0-9]([./ -])[0-3]?[0-9]\2(?:19|20)[0-9]{2}"
)
_DATE = re.compile(rf"(?: {_WRITTEN_DATE} ) (?![0-9])", re.VERBOSE)
_DATE_OR_ADDRESS = re.compile(
    rf"(?: {_WRITTEN_DATE} | [0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}(?!\.[0-9]) ) (?![0-9])", re.VERBOSE
)


def phones(text: str) -> Iterator[Span]:
    """Numbers of a form that phones have, and behind a word for phones any number that could be one."""
    free = 0
    for match in _PHONE.finditer(text):
        start, shape = match.start(), match.lastgroup
        if start < free or shape is None:
            continue
        announced = _stands_before(text, start, _WORDS)
        if shape == "told" and not announced:
            continue
        low, high = _DIGITS[shape]
        low = 5 if announced else low
        number = _first_groups(match[shape], high)
        if sum(map(str.isdigit, number)) < low or (_DATE if announced else _DATE_OR_ADDRESS).match(number):
            continue
        if shape != "plus" and not announced:
            uneven = shape == "national" and len(set(re.findall(r"[^0-9()]+", number)[1:])) > 1
            if uneven or _stands_before(text, start, _ORDER_WORDS):
                continue
        free = with_point_zero(text, start + len(number))
        yield start, free, "[phone]"


def _stands_before(text: str, start: int, words: re.Pattern[str]) -> bool:
    before = text[max(0, start - 40) : start]
    # Nearly all numbers follow a number or a sign; the look at the last letter spares them the search.
    last = before.rstrip(_LINK_CHARACTERS)[-1:]
    return (last.isalpha() or (bool(last) and not last.isascii())) and words.search(before) is not None


def _first_groups(number: str, most: int) -> str:
    """As many whole groups of digits from the left as hold no more than `most`, so that a date behind is not eaten."""
    count, end = 0, 0
    for group in re.finditer("[0-9]+", number):
        count += len(group[0])
        if count > most:
            break
        end = group.end()
    return number[:end]
