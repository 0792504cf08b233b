"""How much personal data the mask replaces, by kind, and how much it takes that is none: made rows whose truth is known.

python -m benchmarks.masking [ROWS]; forms of the US, the UK, Germany, France, Spain and Brazil. The forms were written
for this benchmark and the mask was mended by it once, so the figures are those of forms that it has seen. Names, addresses and birth
dates are printed beside them without an aim: with something that introduces them, and bare. What was written otherwise than the mask
expects (spaced letters, other digits, soft hyphens inside) stands under *obfuscated*, phones as libphonenumber writes those of six
countries under *phone by an oracle*, where `phonenumbers` (requirements-bench.txt) is installed.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import random
import string
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.stats import wilson
from workbench.text.masking import PLACEHOLDERS, mask

Rng = random.Random
ROWS = 6_000
SENTENCES = (
    "Hi, {} please", "{}", "It is {}, thanks!", "customer wrote: {}.", 'result {{"value": "{}"}}', "Note ({}) on 2026-03-04",
    "por favor {} gracias", "Bitte an {} schicken", "c'est {} merci", "see {}, order 4711",
)  # fmt: skip
DIGITS = (string.digits, "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩")


def some(rng: Rng, signs: str, count: int) -> str:
    return "".join(rng.choice(signs) for _ in range(count))


def filled(rng: Rng, form: str) -> str:
    """A form with # as any digit and N as one from 2 to 9."""
    signs = {"#": string.digits, "N": "23456789"}
    return "".join(rng.choice(signs[sign]) if sign in signs else sign for sign in form)


def email(rng: Rng) -> str:
    name = rng.choice(("ana", "j.smith", "müller", "jean-paul", "o'neil", "maria_silva", "x+tag"))
    host = rng.choice(
        ("example.com", "mail.example.co.uk", "beispiel.de", "exemple.fr", "ejemplo.es", "exemplo.com.br")
    )
    return rng.choice((f"{name}@{host}", f"{name}@{host}".upper(), f"{name.split(chr(39))[0]} (at) {host}"))


def phone(rng: Rng) -> str:
    forms = (
        "(N##) N##-####", "N##-N##-####", "+1 N## N## ####", "+1-N##-N##-####", "N## N## ####", "+44 20 7### ####", "07### ######",
        "020 7### ####", "+44 7### ######", "+49 30 N#######", "0170 N######", "030/N#######", "+49 (0)170 N######",
        "06 ## ## ## ##", "+33 6 ## ## ## ##", "01.##.##.##.##", "+34 6## ### ###", "6## ### ###", "6## ## ## ##", "+34 9# ### ## ##",
        "(11) 9####-####", "+55 11 9####-####", "11 9####-####", "+55 (21) 9#### ####",
    )  # fmt: skip
    return filled(rng, rng.choice(forms))


def card(rng: Rng) -> str:
    prefix, length = rng.choice((("4", 16), ("51", 16), ("2223", 16), ("37", 15), ("6011", 16), ("3056", 14)))
    body = prefix + some(rng, string.digits, length - len(prefix) - 1)
    number = next(body + digit for digit in string.digits if luhn(body + digit))
    if rng.random() < 0.2:
        return number.translate(str.maketrans(string.digits, rng.choice(DIGITS[1:])))
    groups = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4)}[length]
    parts = [number[sum(groups[:n]) : sum(groups[: n + 1])] for n in range(len(groups))]
    return rng.choice(("", " ", "-", ".", "\u00a0", "  ", " - ", "\u2009")).join(parts)


def luhn(number: str) -> bool:
    digits = [int(sign) for sign in reversed(number)]
    return (sum(digits[::2]) + sum(2 * digit - 9 * (digit > 4) for digit in digits[1::2])) % 10 == 0


def iban(rng: Rng) -> str:
    country, form = rng.choice(
        (("GB", "WEST" + "#" * 14), ("DE", "#" * 18), ("FR", "#" * 23), ("ES", "#" * 20), ("BR", "#" * 23 + "P1"))
    )
    account = filled(rng, form)
    number = int("".join(str(int(sign, 36)) for sign in account + country + "00"))
    whole = f"{country}{98 - number % 97:02d}{account}"
    return rng.choice((whole, " ".join(whole[at : at + 4] for at in range(0, len(whole), 4)), whole.lower()))


def ip(rng: Rng) -> str:
    if rng.random() < 0.6:
        return ".".join(str(rng.randrange(1, 256)) for _ in range(4))
    groups = [f"{rng.randrange(1, 65536):x}" for _ in range(8)]
    return rng.choice(
        (":".join(groups), "2001:db8:" + ":".join(groups[:2]) + "::" + groups[2], "fe80::" + groups[0] + ":1")
    )


def key(rng: Rng) -> str:
    letters = string.ascii_letters + string.digits

    def token(count: int) -> str:
        return some(rng, letters, count - 1) + "7"

    return rng.choice((
        "AKIA" + some(rng, string.ascii_uppercase + string.digits, 16), "ghp_" + token(36), "sk-proj-" + token(40), "sk_live_" + token(24),
        "xoxb-" + some(rng, string.digits, 12) + "-" + token(24), "AIza" + token(35), "glpat-" + token(20),
        "eyJ" + token(20) + ".eyJ" + token(40) + "." + token(43),
    ))  # fmt: skip


def password(rng: Rng) -> str:
    return rng.choice(("password: ", "pwd=", "Passwort: ", "mot de passe : ", "contraseña: ", "senha: ", "my password is ")) + "@" + some(
        rng, string.ascii_letters + string.digits + "!#%", 9
    ) + "1x"  # fmt: skip


def url_secret(rng: Rng) -> str:
    value = some(rng, string.ascii_letters + string.digits, 20)
    return (
        "https://shop.example/cb?"
        + rng.choice(("token", "api_key", "access_token", "sig", "X-Amz-Signature"))
        + "="
        + value
        + "&n=2"
    )


def national_id(rng: Rng) -> str:
    digits = some(rng, string.digits, 8)
    dni = digits + "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23]
    nir = filled(rng, "1" + "#" * 2) + "08" + filled(rng, "75" + "#" * 6)
    cpf = some(rng, string.digits, 9)
    for _ in range(2):
        total = sum(int(sign) * weight for sign, weight in zip(cpf, range(len(cpf) + 1, 1, -1), strict=False))
        cpf += str(total * 10 % 11 % 10)
    return rng.choice((
        filled(rng, "312-34-1###"), filled(rng, "AB ## ## ## C"), dni, nir + f"{97 - int(nir) % 97:02d}",
        f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}", "Steuer-ID 86095742719",
    ))  # fmt: skip


def clean(rng: Rng) -> str:
    forms = (
        "order 1#########", "#W#######", "ORD-2024####-####", "2026-0N-1# 10:30:45", "0N/1#/2026", "1#.0N.2026", "$1,###.##", "1.###,## €",
        "1Z999AA1##########", "003404340#########", "ISBN 978-3-16-1#####-0", "version 1#.#.#.#", "v2.1#.#", "48.8###, 2.3###", "-33.8######",
        "17########", "17###########", "invoice 20######", "flight UA 1###", "HAT###", "room 1##", "52 % of ## rows", "RB######N##SE",
        "chatcmpl-9713d864488177dc6b273b53b7f#", "123e4567-e89b-12d3-a456-4266141740##", "call_fLxcMYQFvKcOdQNYvY2sKVR#", "1#:##:##", "my password is wrong",
        "SKU 12-####-##", "ref ####-####", "zip 9####", "size 38-40-42", "imei 35####-##-######-#", "react@18.2.#", "tokens: 1###",
    )  # fmt: skip
    return filled(rng, rng.choice(forms))


FIRST = ("Olivia", "Jürgen", "Maëlle", "Íñigo", "Thiago", "Priya", "Siobhán", "Wei", "Fatima", "George")
LAST = (
    "Whitfield",
    "Schönberg",
    "Lefèvre",
    "Echeverría",
    "Nascimento",
    "Raghavan",
    "O'Connell",
    "Zhang",
    "Haddad",
    "Okafor",
)


def person(rng: Rng) -> str:
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"


def introduced_name(rng: Rng) -> str:
    forms = ("my name is {}", "Herr {}", "je m'appelle {}", "me llamo {}", "Mrs. {}", '{{"customer_name": "{}"}}')
    return rng.choice(forms).format(person(rng))


def address(rng: Rng) -> str:
    return filled(rng, rng.choice((
        "N## Maple Street, Springfield, IL 6####", "1# Church Lane, Leeds LS1 #AB", "Lindenstraße 1#, 10### Berlin", "N rue de la Paix, 75### Paris",
        "Calle Mayor N#, 28### Madrid", "Rua das Flores, N##, São Paulo", "N### Oak Ave Apt #", "Am alten Markt N", "Flat N, Rose Court",
    )))  # fmt: skip


def birth_date(rng: Rng) -> str:
    return filled(rng, rng.choice((
        "born on 1#/0N/196#", "date of birth: 19N#-0N-1#", "geboren am 1#.0N.19N#", "née le 1#/0N/19N#", "DOB 0N/1#/19N#", "I was 3# on 1#/0N/19N#",
    )))  # fmt: skip


def obfuscated(rng: Rng) -> str:
    datum = rng.choice((email, phone, card))(rng)
    way = rng.randrange(4)
    if way == 0 and "@" in datum:
        return datum.replace("@", " [at] ").replace(".", " [dot] ")
    if way == 1:
        return datum.translate(str.maketrans(string.digits, rng.choice(DIGITS[1:])))
    if way == 2:
        return "\u00ad".join(datum)
    return datum.replace("-", "\u2011").replace(" ", "\u00a0")


WITHOUT_AIM: dict[str, Callable[[Rng], str]] = {
    "introduced name": introduced_name, "bare name": person, "address": address, "birth date": birth_date, "obfuscated": obfuscated,
}  # fmt: skip
COUNTRIES = {"US": 1, "GB": 44, "DE": 49, "FR": 33, "ES": 34, "BR": 55}


def oracles_phones(rng: Rng, count: int) -> list[str]:
    """Valid numbers of six countries as libphonenumber writes them, from its own examples with other last digits; none without it."""
    if importlib.util.find_spec("phonenumbers") is None:
        return []
    oracle = importlib.import_module("phonenumbers")  # in the benchmarks' own venv alone
    numbers: list[str] = []
    while len(numbers) < count:
        kind = rng.choice((oracle.PhoneNumberType.FIXED_LINE, oracle.PhoneNumberType.MOBILE))
        number = oracle.example_number_for_type(rng.choice(list(COUNTRIES)), kind)
        number.national_number = number.national_number // 10_000 * 10_000 + rng.randrange(10_000)
        if oracle.is_valid_number(number):
            form = rng.choice(("INTERNATIONAL", "NATIONAL", "E164"))
            numbers.append(oracle.format_number(number, getattr(oracle.PhoneNumberFormat, form)))
    return numbers


KINDS: dict[str, Callable[[Rng], str]] = {
    "e-mail": email, "phone": phone, "card": card, "IBAN": iban, "IP": ip, "key": key, "password": password,
    "secret in a URL": url_secret, "national id": national_id,
}  # fmt: skip


def measure(rows: int) -> dict[str, object]:
    """Recall by kind, the share of clean rows that were touched, each with its 95 % interval, and messages a CPU second."""
    rng = Rng(13)
    names = [*KINDS, *["clean"] * (len(KINDS) // 3)]
    made = []
    for n in range(rows):
        kind = names[n % len(names)]
        datum = KINDS.get(kind, clean)(rng)
        made.append((kind, datum, rng.choice(SENTENCES).format(datum)))
    started = time.process_time()
    masked = [mask(text) for _, _, text in made]
    seconds = time.process_time() - started
    recall, missed = {}, []
    for kind in dict.fromkeys(names):
        rows_of_kind = [
            (datum, text, after) for (what, datum, text), after in zip(made, masked, strict=True) if what == kind
        ]
        changed = [(datum, text, after) for datum, text, after in rows_of_kind if after != text and datum not in after]
        low, high = wilson(len(changed), len(rows_of_kind))
        recall[kind] = {
            "share": round(len(changed) / len(rows_of_kind), 4),
            "interval": [round(low, 3), round(high, 3)],
            "rows": len(rows_of_kind),
        }
        wrong = changed if kind == "clean" else [row for row in rows_of_kind if row not in changed]
        missed += [f"{kind}: {datum}" for datum, _, _ in wrong][:6]
    beside = {kind: [form(rng) for _ in range(rows // 12)] for kind, form in WITHOUT_AIM.items()}
    beside["phone by an oracle"] = oracles_phones(rng, rows // 12)
    without_aim = {kind: _taken(rng, data) for kind, data in beside.items() if data}
    return {
        "recall": recall,
        "without_aim": without_aim,
        "messages_a_second": round(rows / seconds),
        "examples_of_errors": missed,
    }


def _taken(rng: Rng, data: list[str]) -> dict[str, object]:
    """How many of these were replaced, in sentences: a family name that is left counts as missed."""
    missed = []
    for datum in data:
        after = mask(rng.choice(SENTENCES).format(datum))
        left = [part for part in LAST if part in datum and part in after]
        if left or datum in after or not any(f"[{what}" in after for what in PLACEHOLDERS):
            missed.append(datum)
    low, high = wilson(len(data) - len(missed), len(data))
    share = round(1 - len(missed) / len(data), 4)
    return {"share": share, "interval": [round(low, 3), round(high, 3)], "rows": len(data), "missed": missed[:4]}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS), ensure_ascii=False, indent=1))
