import json
import time

import pytest

from workbench.conversation.masked import masked, masked_value
from workbench.conversation.model import Conversation
from workbench.text.masking import Numbered, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mail me at john.o+x@mail.example.co.uk, please.", "Mail me at [email], please."),
        ('{"email": "müller@bücher.de"}', '{"email": "[email]"}'),
        ("john (at) example (dot) com or john[at]example.com", "[email] or [email]"),
        ("john at example dot com", "[email]"),
        ("john%40example.com, john @ example.com", "[email], [email]"),
        ("ｊohn＠example．com jo\u200bhn@exam\u200bple.com", "[email] [email]"),
        (r"Hi\njohn@example.com \u00e9john@example.com CORP\ursula@x.com", r"Hi\n[email] [email] CORP\[email]"),
    ],
)
def test_e_mail_addresses_are_masked(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "number",
    [
        "555-123-2002",
        "(555) 123-2002",
        "555.123.2002",
        "555 123 2002",
        "+1 (555) 123-2002",
        "1-866-325-0045",
        "+15551232002",
        "+44 (0)20 7946 0958",
        "020 7946 0958",
        "07700 900123",
        "07700900123",
        "+49 170 1234567",
        "030/1234567",
        "06.12.34.56.78",
        "+33 6 12 34 56 78",
        "0033 6 12 34 56 78",
        "+86 138 1234 5678",
        "98765 43210",
        "612 34 56 78",
        "11 91234-5678",
        "(11) 91234-5678",
        "５５５-１２３-２００２",
        "٥٥٥-١٢٣-٢٠٠٢",
        "555\u200b-123-\u200d2002",
        "555–123–2002",
    ],
)
def test_phone_numbers_are_masked_in_the_spellings_of_many_countries(number):
    assert mask(f"Line L1002 ({number}), since 2025-08-01 10:30") == "Line L1002 ([phone]), since 2025-08-01 10:30"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("phone: 5551232002", "phone: [phone]"),
        ("phone: 5551232002.0, since 2025", "phone: [phone], since 2025"),
        ("my number is 555 1232.", "my number is [phone]."),
        ("call me at 5551232002 2025-08-01", "call me at [phone] 2025-08-01"),
        ("电话13812345678", "电话[phone]"),
        ("order 5551232002", "order 5551232002"),
        ("order number 555-123-2002", "order number 555-123-2002"),
        ('{"order_id": "0123456789"}', '{"order_id": "0123456789"}'),
        ("phone on 2025-08-01", "phone on 2025-08-01"),
    ],
)
def test_the_words_before_an_ambiguous_number_decide(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111 - 1111 - 1111 - 1111",
        "4111\u00a01111\u20091111\u202f1111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "41111 11111 11111 1",
        "4111\u200b1111\u200b1111\u200b1111",
        "４１１１ １１１１ １１１１ １１１１",
        "٤١١١١١١١١١١١١١١١",
        "5555555555554444",
        "2223003122003222",
        "3782 822463 10005",
        "30569309025904",
        "6011111111111117",
    ],
)
def test_cards_are_masked_spaced_dashed_and_in_other_digits(number):
    assert mask(f"Charge {number}, 12/27 please") == "Charge [card], 12/27 please"


def test_ibans_are_masked():
    text = "Pay to DE89 3704 0044 0532 0130 00 or GB82WEST12345698765432 and not DE89370400440532013001"
    assert mask(text) == "Pay to [iban] or [iban] and not DE89370400440532013001"


@pytest.mark.parametrize(
    "text",
    [
        "order 1234567890, #W5918442, ORD-20240115-0042, 112-1234567-1234567, 000123, 12345678901234567890",
        "2025-08-01 01/08/2025 01.08.2025 2025-08-01T16:20:44.321269Z 12/2026 08:15 09:30 +0200 2025-08-01",
        "1722528044 1722528044321 1722528044321269",
        "$1,234.56 and 1.234.567,89 € and 12 345 678",
        "No server answers at 127.0.0.1:9, it listens on 0.0.0.0 and ::1",
        "version 18.2.0.1, Chrome/120.0.0.0, v1.2.3.4, 10:30:45, 48.8584, 2.2945, ISBN 978-3-16-148410-0, Foo::Bar",
        "1Z999AA10123456784 and 00340434161094042557 and JD014600003SE, 12345678A, 11 digits 12345678901",
        "my password is wrong, reset your password: required, prompt_tokens: 1523, the key is under the mat",
        "123e4567-e89b-12d3-a456-426614174000 6448b3c-f662b179-3b4d-44ae-be96-1ecbc3e7344f",
        "call_fLxcMYQFvKcOdQNYvY2sKVRr a4111111111111111f chatcmpl-9713d864488177dc6b273b53b7f23",
        "HAT110 L1001 gift_card_1712795 UA 1234 IR-2017-130",
        "4111111111111112 fails the check digit, so does 4111 1111 1111 1112",
        '{"score": 0.4532015112830366, "imei": "123456789012345"}',
        "react@18.2.0, follow @example, look at example.com",
        '{"expression": "500 - 299 + 1859 + 1679"} (1999-2007)',
    ],
)
def test_identifiers_dates_prices_and_times_stay(text):
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"card": 4111111111111111, "n": 1}', '{"card": "[card]", "n": 1}'),
        ("[4111111111111111, 12]", '["[card]", 12]'),
        ('{"phone": 5551232002}', '{"phone": "[phone]"}'),
        ('{"card": 4111111111111111.0}', '{"card": "[card]"}'),
        ('{"phone": 5551232002.0, "n": 1.0}', '{"phone": "[phone]", "n": 1.0}'),
        ('{"phone": 5551232002.00}', '{"phone": "[phone]"}'),
        ('{"phone": 5551232002.25}', '{"phone": "[phone]"}'),
        (r'{"a": "{\"phone\": 5551232002.0}"}', r'{"a": "{\"phone\": \"[phone]\"}"}'),
        (r'{"a": "{\"card\": 4111111111111111}"}', r'{"a": "{\"card\": \"[card]\"}"}'),
        ('{"a": "cards: 4111111111111111, 2"}', '{"a": "cards: [card], 2"}'),
    ],
)
def test_masked_json_is_json(text, masked):
    assert mask(text) == masked
    json.loads(masked)


def test_masking_again_changes_nothing():
    text = (
        "a@b.com.0020 7946 0958 phone 5551232002 5551232003 41111 11111 11111 1/4111111111111111 "
        "555-123-2002/555-123-2003 john at x dot com.a@b.com 98765 43210 0044 20 7946 0958 [phone] 5551232003"
    )
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    "word",
    ["://a:", "1.1.", "eyJa.", "A1", "a", "1", "a.", "@", "a@", "+1", "(", "é", "\u200b", "\\n", "-", "a at ", '"'],
)
def test_a_megabyte_of_anything_is_masked_in_seconds_where_the_square_of_its_length_would_take_hours(word):
    text = word * (1_000_000 // len(word))
    started = time.process_time()
    assert mask(text) == text
    assert time.process_time() - started < 5


def test_within_one_conversation_an_address_has_one_number_wherever_it_stands():
    numbered = Numbered()
    said = [
        "I am ana@example.com, call +44 20 7946 0958",
        '{"email": "ANA@example.com", "phone": "020 7946 0958", "other": "bo@example.com"}',
        "write to bo (at) example dot com, not to ana@example.com",
        '{"card": 4111111111111111, "new": 5500005555555559}',
        "the new card is 5500 0055 5555 5559",
        "order 000123 for c-1",
    ]
    masked = [numbered.mask(text) for text in said]
    assert masked == [
        "I am [email], call [phone]",
        '{"email": "[email]", "phone": "[phone]", "other": "[email-2]"}',
        "write to [email-2], not to [email]",
        '{"card": "[card]", "new": "[card-2]"}',
        "the new card is [card-2]",
        "order 000123 for c-1",
    ]
    assert [mask(text) for text in masked] == masked


def test_a_number_that_was_a_phone_once_is_one_in_the_whole_conversation():
    numbered = Numbered()
    said = ['{"query": "5551232002"}', "my phone is 555-123-2002", '{"found": 5551232002, "order": 5551232003}']
    for text in said:
        numbered.mask(text)
    assert [numbered.mask(text) for text in said] == [
        '{"query": "[phone]"}', "my phone is [phone]", '{"found": "[phone]", "order": 5551232003}',
    ]  # fmt: skip


def test_a_conversation_with_a_phone_that_was_logged_as_a_float_is_masked_like_any_other():
    told = Conversation(
        "c1", "shop", [], metadata={"phone": 5551232002.0, "vip": True, "spent": 12.5, "tags": ["a@b.com"]}
    )
    assert masked(told).metadata == {"phone": "[phone]", "vip": True, "spent": 12.5, "tags": ["[email]"]}


def test_where_masked_json_is_none_any_more_each_value_is_masked_by_itself():
    def breaks_json(text: str) -> str:
        return text.replace("555", "[phone]").replace("Ann", "[name]")

    logged = {"phone": 555.5, "Ann": {"of": ["Ann", 7, None]}, "vip": True}
    assert masked_value(logged, breaks_json) == {
        "phone": "[phone].5", "[name]": {"of": ["[name]", 7, None]}, "vip": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("from 192.168.100.200, mobile 10.0.0.1:8080", "from [ip], mobile [ip]:8080"),
        ('{"ip": "2001:db8::8a2e:370:7334", "v6": "fe80::1%eth0"}', '{"ip": "[ip]", "v6": "[ip]%eth0"}'),
        ("key AKIAIOSFODNN7EXAMPLE and ghp_16C7e42F292c6912E7710c838347Ae178B4a", "key [key] and [key]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN", "[key]"),
        ("Authorization: Bearer abcdef0123456789ABCDEF==", "Authorization: Bearer [key]"),
        ('password: hunter2, {"password": "two words"} pwd=Tr0ub4dor', 'password: [password], {"password": "two words"} pwd=[password]'),
        ("my password is s3cret!x", "my password is [password]"),
        ('{"password": 123456, "n": 1}', '{"password": "[password]", "n": 1}'),
        ('api_key = "a1b2c3d4e5f6"', 'api_key = "[key]"'),
        ("https://ana:pw1@host.example/x?token=abc123&n=2", "https://[password]@host.example/x?token=[key]&n=2"),
        ("SSN 536-22-1234, NINO AB 12 34 56 C, DNI 12345678Z", "SSN [id], NINO [id], DNI [id]"),
        ("NIR 2 55 08 14 168 025 38 and MRTMTT91D08F205J", "NIR [id] and [id]"),
        ("CPF 529.982.247-25 or 52998224725 is none, cpf: 52998224725", "CPF [id] or 52998224725 is none, cpf: [id]"),
        ("11010519491231002X, Aadhaar 2341 2341 2346, 811228-9874", "[id], Aadhaar [id], [id]"),
        ("Steuer-ID 86095742719, BSN 111222333, PESEL 44051401359", "Steuer-ID [id], BSN [id], PESEL [id]"),
        ("Steuer-ID 86095742718, DNI 12345678A", "Steuer-ID 86095742718, DNI 12345678A"),
    ],
)  # fmt: skip
def test_addresses_of_machines_secrets_and_national_ids_are_masked(text, masked):
    assert mask(text) == masked
    assert mask(masked) == masked


def test_two_keys_of_a_conversation_stay_two():
    numbered = Numbered()
    assert [numbered.mask(text) for text in ("10.0.0.1 10.0.0.2", "from 10.0.0.2")] == ["[ip] [ip-2]", "from [ip-2]"]


@pytest.mark.parametrize(
    "word",
    [
        "password: ",
        "::1 ",
        "?token=",
        "ssn 1",
        "key=",
        "10.0.0.1 ",
        "sk-",
        "Bearer ",
        "@\\",
        "A-",
        "Aa ",
        "Aa-Bb straße 1 ",
        "key\\",
        "Rue ",
        "-----BEGIN PRIVATE KEY-----",
        "my name is A ",
        "Dear Ab ",
        "\\u0041",
        "&#64;",
        "eyJ-",
        "Thanks\n",
        "市1",
    ],
)
def test_what_is_masked_again_and_again_takes_linear_time(word):
    text = word * (200_000 // len(word))
    started = time.process_time()
    mask(text)
    assert time.process_time() - started < 1
