"""E-mails in every spelling, postal addresses, names and birth dates: names, streets and hosts by Faker, in its locales."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

from benchmarks.unseen.rows import Datum, Rng, around

LOCALES = (
    "en_US en_GB en_AU en_CA en_IE en_IN en_NZ de_DE de_AT de_CH fr_FR fr_CA fr_BE fr_CH es_ES es_MX es_AR es_CO es_CL pt_BR pt_PT it_IT nl_NL nl_BE pl_PL sv_SE da_DK no_NO fi_FI "
    "cs_CZ sk_SK hu_HU ro_RO hr_HR sl_SI bg_BG el_GR ru_RU uk_UA tr_TR he_IL zh_CN zh_TW ja_JP ko_KR th_TH vi_VN id_ID hi_IN lt_LT lv_LV et_EE"
).split()


@cache
def _faker(locale: str) -> Any:
    return importlib.import_module("faker").Faker(locale)


def _seeded(locale: str, rng: Rng) -> Any:
    fake = _faker(locale)
    fake.seed_instance(rng.randrange(2**32))
    return fake


# ── E-mails ──


def emails(rng: Rng) -> Iterator[Datum]:
    """Addresses as Faker writes them in 52 locales."""

    def make(locale: str, rng: Rng) -> tuple[str, tuple[str, ...]]:
        address = rng.choice(
            (_seeded(locale, rng).ascii_company_email, _faker(locale).ascii_free_email, _faker(locale).email)
        )()
        return address, (address.split("@")[0],)

    return around(rng, {locale: partial(make, locale) for locale in LOCALES})


def odd_emails(rng: Rng) -> Iterator[Datum]:
    """Addresses with a tag, quoted, in other scripts, as links, escaped, spelled out in words, with invisible signs between."""

    def form(write: Callable[[str, str], str]) -> Callable[[Rng], tuple[str, tuple[str, ...]]]:
        def make(rng: Rng) -> tuple[str, tuple[str, ...]]:
            fake = _seeded(rng.choice(("en_US", "de_DE", "fr_FR", "es_ES", "pl_PL")), rng)
            local, host = fake.ascii_company_email().split("@")
            local = local.replace(".", "") if len(local) > 8 else local + "brandt"
            return write(local, host), (local,)

        return make

    makers = {
        "tag": form(lambda a, h: f"{a}+shop@{h}"), "tags": form(lambda a, h: f"{a}+a+b-c@{h}"), "capitals": form(lambda a, h: f"{a}@{h}".upper()), "quoted": form(lambda a, h: f'"{a} smith"@{h}'), "apostrophe": form(lambda a, h: f"o'{a}@{h}"), "signs": form(lambda a, h: f"{a}!#$%&*=?^`{{|}}~x@{h}"),
        "underscore": form(lambda a, h: f"_{a}_@{h}"), "subdomains": form(lambda a, h: f"{a}@mail.eu.{h}"), "mailto": form(lambda a, h: f"mailto:{a}@{h}?subject=Hi"), "markdown": form(lambda a, h: f"[write me](mailto:{a}@{h})"), "angle": form(lambda a, h: f"Ana Smith <{a}@{h}>"), "html": form(lambda a, h: f'<a href="mailto:{a}@{h}">mail</a>'),
        "entity": form(lambda a, h: f"{a}&#64;{h}"), "hex entity": form(lambda a, h: f"{a}&#x40;{h}"), "named entity": form(lambda a, h: f"{a}&commat;{h}"), "dot entity": form(lambda a, h: f"{a}@{h.replace('.', '&#46;')}"), "percent": form(lambda a, h: f"{a}%40{h}"), "JSON escape": form(lambda a, h: f"{a}\\u0040{h}"), "after escape": form(lambda a, h: f"Hi\\n{a}@{h}\\nBye"),
        "words": form(lambda a, h: f"{a} at {h.replace('.', ' dot ')}"), "brackets": form(lambda a, h: f"{a} [at] {h.replace('.', ' [dot] ')}"), "parentheses": form(lambda a, h: f"{a} (at) {h.replace('.', ' (dot) ')}"), "capital words": form(lambda a, h: f"{a} AT {h.replace('.', ' DOT ')}"), "tight": form(lambda a, h: f"{a}(at){h}"), "underscores": form(lambda a, h: f"{a}_at_{h.replace('.', '_dot_')}"),
        "Spanish words": form(lambda a, h: f"{a} arroba {h.replace('.', ' punto ')}"), "French words": form(lambda a, h: f"{a} arobase {h.replace('.', ' point ')}"), "German words": form(lambda a, h: f"{a} ät {h.replace('.', ' punkt ')}"), "Italian words": form(lambda a, h: f"{a} chiocciola {h.replace('.', ' punto ')}"), "Portuguese words": form(lambda a, h: f"{a} arroba {h.replace('.', ' ponto ')}"), "spaced": form(lambda a, h: f"{a} @ {h}"), "spaced dots": form(lambda a, h: f"{a} @ {h.replace('.', ' . ')}"),
        "zero width": form(lambda a, h: f"{a[:3]}\u200b{a[3:]}@\u200b{h}"), "soft hyphen": form(lambda a, h: f"{a[:4]}\u00ad{a[4:]}@{h}"), "full width": form(lambda a, h: f"{a}＠{h}"), "full width all": form(lambda a, h: "".join(chr(ord(s) + 0xFEE0) for s in f"{a}@{h}")), "unicode local": form(lambda a, h: f"{a}müñß@{h}"), "cyrillic": form(lambda a, h: f"{a}почта@пример.рф"),
        "Chinese host": form(lambda a, h: f"{a}@例子.公司"), "punycode": form(lambda a, h: f"{a}@xn--bcher-kva.example"), "accented host": form(lambda a, h: f"{a}@bücher.de"), "address host": form(lambda a, h: f"{a}@[203.0.113.7]"), "long host": form(lambda a, h: f"{a}@x.museum.technology"), "bang": form(lambda a, h: f"uucp!{a}@{h}"), "in path": form(lambda a, h: f"/users/{a}@{h}/orders"), "key": form(lambda a, h: f"user:{a}@{h}"), "query": form(lambda a, h: f"https://x.example/?email={a}@{h}&n=1"), "comma": form(lambda a, h: f"to={a}@{h},b@x.io;"), "Chinese sentence": form(lambda a, h: f"请发邮件到{a}@{h}谢谢"), "Japanese": form(lambda a, h: f"メールは{a}@{h}です"), "split": form(lambda a, h: f"{a}@\n{h}"),
    }  # fmt: skip
    return around(rng, makers)


# ── Postal addresses, as Faker's locales write them ──


def addresses(rng: Rng) -> Iterator[Datum]:
    """A street with its number, and town, in 52 locales, in one line or as printed; what must go is the street's name with its number."""

    def make(locale: str, rng: Rng) -> tuple[str, tuple[str, ...]]:
        fake = _seeded(locale, rng)
        street = fake.street_address().replace("\n", ", ")
        text = fake.address().replace("\n", rng.choice((", ", ", ", "\n")))
        text = rng.choice((text, text, street))
        return rng.choice(("", "", "my address is ", "ship it to ", "I live at ")) + text, (text[:14],)

    return around(rng, {locale: partial(make, locale) for locale in LOCALES})


# ── Names behind what introduces them ──

INTRODUCTIONS = {
    "English": ("My name is {}", "my name's {}, and", "I'm {} and I need help", "this is {} speaking", "Dear {},", "Hi {}, thanks for waiting", "Best regards,\n{}", "Thanks,\n{}", "Mr. {}", "Name: {}", "Sincerely,\n\n{}", "booked under the name {}", "Passenger: {}"),
    "German": ("mein Name ist {}", "ich heiße {}", "ich bin {}, Kundennummer 4", "Sehr geehrter Herr {},", "Liebe Frau {},", "Hallo {},", "Mit freundlichen Grüßen\n{}", "Viele Grüße\n{}", "Name: {}"),
    "French": ("je m'appelle {}", "mon nom est {}", "je suis {}, cliente", "Cher Monsieur {},", "Bonjour {},", "Cordialement,\n{}", "Mme {}", "Nom : {}"),
    "Spanish": ("me llamo {}", "mi nombre es {}", "soy {}, cliente", "Estimado {}:", "Hola {},", "Saludos,\n{}", "Atentamente,\n{}", "Sr. {}", "Nombre: {}"),
    "Portuguese": ("meu nome é {}", "chamo-me {}", "sou {}, cliente", "Prezado {},", "Olá {},", "Atenciosamente,\n{}", "Obrigada,\n{}", "Nome: {}"),
    "Italian": ("mi chiamo {}", "il mio nome è {}", "sono {}, cliente", "Gentile {},", "Ciao {},", "Cordiali saluti,\n{}", "Sig.ra {}", "Nome: {}"),
    "Dutch": ("mijn naam is {}", "ik heet {}", "ik ben {}, klant", "Beste {},", "Met vriendelijke groet,\n{}", "mevrouw {}", "Naam: {}"),
    "Polish": ("nazywam się {}", "mam na imię {}", "Szanowny Panie {},", "Pozdrawiam,\n{}", "Z poważaniem\n{}"), "Swedish": ("jag heter {}", "mitt namn är {}", "Hej {},", "Med vänliga hälsningar\n{}"), "Danish": ("jeg hedder {}", "mit navn er {}", "Kære {},", "Med venlig hilsen\n{}"),
    "Finnish": ("nimeni on {}", "Hei {},", "Ystävällisin terveisin\n{}"), "Czech": ("jmenuji se {}", "Dobrý den, pane {},", "S pozdravem\n{}"), "Turkish": ("benim adım {}", "adım {}", "Sayın {},", "Saygılarımla\n{}"), "Russian": ("меня зовут {}", "Уважаемый {},", "С уважением,\n{}"), "Greek": ("με λένε {}", "Με εκτίμηση,\n{}"),
    "Japanese": ("{}と申します", "私の名前は{}です", "{}様"), "Chinese": ("我叫{}，", "我的名字是{}。", "姓名：{}"), "Korean": ("제 이름은 {}입니다", "{}님 안녕하세요"),
}  # fmt: skip
_OF = {"English": "en_GB", "German": "de_DE", "French": "fr_FR", "Spanish": "es_ES", "Portuguese": "pt_BR", "Italian": "it_IT", "Dutch": "nl_NL", "Polish": "pl_PL", "Swedish": "sv_SE", "Danish": "da_DK", "Finnish": "fi_FI", "Czech": "cs_CZ", "Turkish": "tr_TR", "Russian": "ru_RU", "Greek": "el_GR", "Japanese": "ja_JP", "Chinese": "zh_CN", "Korean": "ko_KR"}  # fmt: skip


def introduced_names(rng: Rng) -> Iterator[Datum]:
    """Names of a language behind what introduces, greets or signs in it; first and last name must go."""

    def make(language: str, rng: Rng) -> tuple[str, tuple[str, ...]]:
        fake = _seeded(_OF[language], rng)
        first, last = fake.first_name(), fake.last_name()
        name = f"{first} {last}" if language not in ("Japanese", "Chinese", "Korean") else f"{last}{first}"
        form = rng.choice(INTRODUCTIONS[language])
        return form.format(name), ((first, last) if " " in name else (name,))

    return around(rng, {language: partial(make, language) for language in INTRODUCTIONS})


# ── Birth dates behind what says so ──

BIRTH = {
    "English": ("date of birth: {}", "DOB {}", "I was born on {}", "D.O.B.: {}", "birthday is {}", '"birth_date": "{}"', "born {}"), "German": ("Geburtsdatum: {}", "geboren am {}", "geb. {}", "mein Geburtstag ist der {}", "Geb.-Datum {}"), "French": ("date de naissance : {}", "née le {}", "né le {}", "je suis né le {}"),
    "Spanish": ("fecha de nacimiento: {}", "nací el {}", "nacida el {}", "F. nacimiento: {}"), "Portuguese": ("data de nascimento: {}", "nasci em {}", "nascido em {}"), "Italian": ("data di nascita: {}", "nato il {}", "sono nata il {}"), "Dutch": ("geboortedatum: {}", "geboren op {}"), "Polish": ("data urodzenia: {}", "urodzony {}", "ur. {}"),
    "Swedish": ("födelsedatum: {}", "född {}"), "Danish": ("fødselsdato: {}", "født den {}"), "Finnish": ("syntymäaika: {}", "syntynyt {}"), "Czech": ("datum narození: {}", "narozen {}"), "Hungarian": ("születési idő: {}", "született: {}"), "Turkish": ("doğum tarihi: {}",), "Russian": ("дата рождения: {}", "родился {}"), "Greek": ("ημερομηνία γέννησης: {}",),
    "Chinese": ("出生日期：{}", "生日: {}"), "Japanese": ("生年月日：{}", "誕生日は{}"), "Korean": ("생년월일: {}",), "Arabic": ("تاريخ الميلاد: {}",), "Hebrew": ("תאריך לידה: {}",), "Indonesian": ("tanggal lahir: {}",), "Vietnamese": ("ngày sinh: {}",), "Romanian": ("data nașterii: {}",),
}  # fmt: skip
_MONTHS = {"German": "März", "French": "août", "Spanish": "enero", "Portuguese": "março", "Italian": "luglio", "Dutch": "maart", "Polish": "maja", "Swedish": "maj", "Danish": "maj", "Czech": "května", "Russian": "марта", "Turkish": "Mayıs", "Hungarian": "március", "Finnish": "maaliskuuta", "Romanian": "martie"}  # fmt: skip


def birth_dates(rng: Rng) -> Iterator[Datum]:
    """Dates behind a word for birth in 24 languages, in numbers and with the month's name."""

    def make(language: str, rng: Rng) -> tuple[str, tuple[str, ...]]:
        day, month, year = rng.randrange(10, 29), rng.randrange(1, 13), rng.randrange(1940, 2009)
        dates = [f"{year}-{month:02d}-{day}", f"{day}.{month:02d}.{year}", f"{day}/{month:02d}/{year}", f"{day}-{month:02d}-{year}", f"{day}. {month}. {year}", f"{day} {_MONTHS.get(language, 'March')} {year}"]  # fmt: skip
        if language in ("Chinese", "Japanese", "Korean"):
            dates = [f"{year}-{month:02d}-{day}", f"{year}年{month}月{day}日" if language != "Korean" else f"{year}년 {month}월 {day}일", f"{year}/{month:02d}/{day}"]  # fmt: skip
        return rng.choice(BIRTH[language]).format(rng.choice(dates)), (str(year),)

    return around(rng, {language: partial(make, language) for language in BIRTH})
