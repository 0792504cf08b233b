"""The conversation page."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.support.pages import address
from workbench.bench.bench import Bench
from workbench.bench.failure_rows import MemberRow
from workbench.store import Store
from workbench.text.escaping import plain

Open = Callable[..., AppTest]


def first_member(store: Store) -> MemberRow:
    return Bench(store).cluster("FC-0001").members[0]


def badges(app: AppTest) -> list[str]:
    return [markdown.value for markdown in app.markdown]


def test_a_conversation_opens_at_its_likely_failing_turn(open_page: Open, built_store: Store) -> None:
    member = first_member(built_store)
    detail = Bench(built_store).conversation(member.key)
    app = open_page(built_store, "conversation", k=member.key)

    likely = detail.candidates[0]
    assert not app.exception
    assert any("likely failing turn" in badge for badge in badges(app))
    assert detail.conversation.turns[likely.position].tool_calls[0].arguments in [code.value for code in app.code]
    assert app.button(key=f"candidate_{likely.position}").proto.type == "primary"


def test_another_candidate_is_one_click_away(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "conversation", k=first_member(built_store).key)
    candidate = next(button for button in app.button if (button.key or "").startswith("candidate_"))

    candidate.click().run()

    assert address(app, "turn") == candidate.key.removeprefix("candidate_")


def test_calls_show_name_arguments_and_result(open_page: Open, built_store: Store) -> None:
    member = first_member(built_store)
    call = next(turn for turn in Bench(built_store).conversation(member.key).conversation.turns if turn.tool_calls)
    app = open_page(built_store, "conversation", k=member.key)

    shown = [code.value for code in app.code]
    assert call.tool_calls[0].arguments in shown
    assert '{"status": "ok"}' in shown


def test_a_conversations_own_label_wins_over_its_clusters(open_page: Open, store: Store) -> None:
    key = first_member(store).key
    Bench(store, "Bo").label("FC-0001", cause="prompt-gap")
    app = open_page(store, "conversation", k=key)
    assert any("from its cluster" in badge for badge in badges(app))

    app.selectbox(key=f"label_{key}_0_cause").select("loop")
    app.button(key=f"FormSubmitter:label_{key}_0-Save label").click().run()

    assert [member.root_cause for member in Bench(store).cluster("FC-0001").members if member.key == key] == ["loop"]
    assert not any("from its cluster" in badge for badge in badges(app))


def test_an_address_without_a_conversation_says_so(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "conversation")

    assert not app.exception
    assert [error.value for error in app.error] == ["No conversation is named in the address. Open one from a cluster."]


def test_a_turn_that_does_not_exist_shows_the_end(open_page: Open, built_store: Store) -> None:
    member = first_member(built_store)
    last = Bench(built_store).conversation(member.key).conversation.turns[-1]
    app = open_page(built_store, "conversation", k=member.key, turn="99999")

    assert not app.exception
    assert last.content in [text.value for text in app.text]


def test_a_call_repeated_to_the_limit_is_shown_once(open_page: Open, agents_store: Store) -> None:
    bench = Bench(agents_store)
    longest = max(bench.points(), key=lambda member: len(bench.conversation(member.key).conversation.turns))
    app = open_page(agents_store, "conversation", k=longest.key)
    assert not app.exception


def test_business_reads_question_answer_and_verdict_without_data_and_it_stays_so(open_page: Open, store: Store) -> None:
    key = first_member(store).key
    app = open_page(store, "conversation", k=key)
    assert app.code

    app.button(key="view_conversation").click().run()
    assert not app.code
    assert not app.exception
    assert plain("Used a tool: change_address answered.") in [caption.value for caption in app.caption]

    again = open_page(store, "conversation", k=key)
    assert again.button(key="view_conversation").label == "Engineer view"
    other = open_page(store, "conversation", person="Bo", k=key)
    assert other.button(key="view_conversation").label == "Business view"
