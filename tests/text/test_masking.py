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
        (r"Hi\njohn@example.com \u00e9john@example.com CORP\ursula@x.com", r"Hi\n[email] \u00e9[email] CORP\[email]"),
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
        "192.168.100.200 is no phone, mobile 192.168.1.1",
        "123e4567-e89b-12d3-a456-426614174000 6448b3c-f662b179-3b4d-44ae-be96-1ecbc3e7344f",
        "call_fLxcMYQFvKcOdQNYvY2sKVRr a4111111111111111f chatcmpl-9713d864488177dc6b273b53b7f23",
        "james_lee_6136 HAT110 L1001 gift_card_1712795 UA 1234 IR-2017-130",
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


@pytest.mark.parametrize("word", ["a", "1", "a.", "@", "a@", "+1", "(", "é", "\u200b", "\\n", "-", "a at ", '"'])
def test_a_megabyte_of_anything_is_masked_in_half_a_second(word):
    text = word * (1_000_000 // len(word))
    started = time.process_time()
    assert mask(text) == text
    assert time.process_time() - started < 0.5


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
