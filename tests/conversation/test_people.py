import pytest

from workbench.conversation.model import Conversation, ToolCall, Turn
from workbench.conversation.people import names_a_person, people


def said(*turns: tuple[str, str]) -> Conversation:
    return Conversation("c", turns=[Turn(n, role, text) for n, (role, text) in enumerate(turns)])


@pytest.mark.parametrize(
    ("role", "text", "expected"),
    [
        ("tool", '{"name": {"first_name": "Mei", "last_name": "Kovács"}, "tier": "Gold"}', ("kovács", "mei")),
        ("tool", '{"customer": "Anna-Lena Smith", "plan": "Basic Plus"}', ("anna", "lena", "smith")),
        ("tool", '{"passengers": ["Noah Ito", "Ava Rossi"]}', ("ava", "ito", "noah", "rossi")),
        ("tool", '{"name": "Raj Patel", "dob": "1990-01-01"}', ("patel", "raj")),
        ("tool", '{"name": "Phone Case", "price": 12}', ()),
        ("tool", '{"file_name": "Report", "product_name": "Air Max", "customer_id": "C-12"}', ()),
        ("tool", '{"user_id": "mei_kovacs_4412", "email": "noah.ito9@example.com"}', ("ito", "kovacs", "mei", "noah")),
        ("tool", "Customer: Mei Kovacs\nStatus: active", ("kovacs", "mei")),
        ("assistant", "Thank you, Mei. I see the order.", ("mei",)),
        ("assistant", "Hello there, dear Customer! Thank you, I see it.", ()),
        ("assistant", "Dear Refund, your refund is on its way.", ()),
        ("assistant", "I have asked Dr. Weber about it", ("weber",)),
        ("user", "hi, my name is mei kovacs and I want a refund", ("kovacs", "mei")),
        ("user", "my id is mei_kovacs_4412", ("kovacs", "mei")),
    ],
)
def test_names_come_from_fields_ids_addresses_and_forms_of_address(
    role: str, text: str, expected: tuple[str, ...]
) -> None:
    assert people(said((role, text))) == expected


def test_names_stand_in_arguments_metadata_and_beside_turns_too() -> None:
    conversation = Conversation(
        "c",
        turns=[
            Turn(0, "user", "hi", name="Mei"),
            Turn(1, "assistant", tool_calls=[ToolCall("find", '{"last_name": "Kovacs"}')]),
        ],
        metadata={"customer": "Noah Ito", "about": {"first_name": "Ava"}},
    )
    assert people(conversation) == ("ava", "ito", "kovacs", "mei", "noah")


def test_a_path_says_whether_a_person_stands_at_its_end() -> None:
    paths = ["passengers[].first_name", "customer.name", "name", "product.name", "customer_name", "customer.tier"]
    assert [names_a_person(path) for path in paths] == [True, True, False, False, True, False]
