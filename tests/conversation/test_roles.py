"""Who speaks, whatever a log calls it."""

import pytest

from workbench.conversation.roles import Side, side_of


@pytest.mark.parametrize(
    ("side", "roles"),
    [
        ("user", "user User USER human Human customer client visitor end_user End-User HumanMessage"),
        ("bot", "assistant Assistant ASSISTANT bot ai AI model gpt chatgpt ChatGPT bing Virtual-Agent AIMessage"),
        ("tool", "tool Tool function tool_result Tool-Result observation function_call_output"),
        ("system", "system System developer"),
        (None, "agent supervisor narrator userx ex-assistant ?"),
    ],
)
def test_a_role_is_known_by_the_words_of_the_field_in_any_case(side: Side | None, roles: str) -> None:
    assert {role: side_of(role) for role in roles.split()} == dict.fromkeys(roles.split(), side)


def test_no_role_is_nobodys() -> None:
    assert (side_of(None), side_of("")) == (None, None)
