"""Dates behind a word that says that somebody was born on them, in 24 languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text.shapes.spans import Signs, Span, WordSigns

_DATE = (
    r"(?:[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2}|[0-9]{1,2}[./ -]{1,2}[0-9]{1,2}[./ -]{1,2}(?:[0-9]{4}|[0-9]{2})"
    r"|[0-9]{1,2}(?:st|nd|rd|th|er|º|\.)?[ ](?:of[ ]|de[ ])?[^\W\d_]{3,14}\.?(?:[ ]de)?,?[ ][0-9]{4}|[^\W\d_]{3,14}[ ][0-9]{1,2}(?:st|nd|rd|th)?,?[ ][0-9]{4}"
    r"|[0-9]{4}[年년][ ]?[0-9]{1,2}[月월][ ]?[0-9]{1,2}[日일]|[0-9]{4}\.?[ ][^\W\d_]{3,14}[ ][0-9]{1,2}\.?)"
)
_BORN = re.compile(
    rf"""(?<![A-Za-z]) (?: (?:my[ ])?date[ _]?of[ _]?birth | d\.?o\.?b\.? | birth[ _-]?da(?:te|y) | born(?:[ ]on|[ ]in)? | geburts(?:datum|tag) | geboren(?:[ ]am|[ ]op)? | geb\.(?:[ ]am|-?datum)?
          | né(?:e|\(e\))?[ ]le | date[ ]de[ ]naissance | f(?:echa|\.)[ ](?:de[ ])?nacimiento | nac(?:í|ido|ida)[ ]el | data[ ]de[ ]nascimento | nasc(?:i|ido|ida)[ ]em
          | geboortedatum | data[ ]di[ ]nascita | nat[oa][ ]il | data[ ]urodzenia | urodzon[ya](?:[ ]dnia)? | ur\. | födelsedatum | född | fødselsdato | født(?:[ ]den)? | syntymäaika | syntynyt | datum[ ]narození | dátum[ ]narodenia | narozena?
          | születési[ ](?:idő|dátum) | született | doğum[ ]tarihi | дата[ ](?:рождения|народження) | родил(?:ся|ась) | ημερομηνία[ ]γέννησης | 出生日期 | 生日 | 生年月日 | 誕生日 | 생년월일 | تاريخ[ ]الميلاد | תאריך[ ]לידה | tanggal[ ]lahir | ngày[ ]sinh | data[ ]nașterii )
        ["'\\*]{{0,8}} [ ]{{0,2}} (?:is|was|ist|war|est|es|é|è|der|:|=|は|是){{0,3}} [ ]{{0,2}} (?:der|den|dnia)? [ ]? ["'\\*]{{0,8}} (?P<date>{_DATE})(?![0-9])""",
    re.VERBOSE | re.IGNORECASE,
)
_SIGNS = WordSigns(
    "my date of", "date of birth", "date_of_birth", "dateofbirth", "date de naissance", "dob", "d.o.b", "birth", "birthdate", "birthday", "born", "geb", "geburtsdatum", "geburtstag", "geboren", "geboortedatum", "né le", "née le", "né(e", "fecha de nac", "f. nac", "f. de nac", "nací", "nacido", "nacida", "data de nasc", "nasci", "nascido",
    "nascida", "data di nascita", "nato il", "nata il", "data urodzenia", "urodzony", "urodzona", "ur.", "född", "födelsedatum", "født", "fødselsdato", "syntymäaika", "syntynyt", "datum narození", "dátum narodenia", "narozen", "narozena", "születési", "született", "doğum", "дата рождения", "дата народження", "родился", "родилась",
    "ημερομηνία", "تاريخ", "תאריך", "tanggal lahir", "ngày sinh", "data nașterii",
)  # fmt: skip
_EASTERN_SIGNS = Signs("出生日期", "生日", "生年月日", "誕生日", "생년월일")
"""Words of scripts that put nothing between words."""
_DIGIT = re.compile("[0-9]")


def birth_dates(text: str) -> Iterator[Span]:
    """Dates behind a word that says that somebody was born on them."""
    if _DIGIT.search(text):
        for signs in (_SIGNS,) if text.isascii() else (_SIGNS, _EASTERN_SIGNS):
            yield from ((*match.span("date"), "[birth date]") for match in signs.matches(_BORN, text))
