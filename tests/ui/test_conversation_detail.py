"""What stands beside a transcript, drawn by itself."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def many_places() -> None:
    from workbench.bench.conversation_detail import ConversationDetail, SignalHit
    from workbench.conversation.model import Conversation
    from workbench.ui.conversations.detail import jump_list

    repeats = [
        SignalHit("user-repeats", "user repeats", "user", "medium", 0.5, turn, f"as at turn {turn - 1}")
        for turn in range(2, 15_002)
    ]
    late = SignalHit("empty-reply", "empty reply", "reply", "strong", 1.0, 15_002, "")
    jump_list(
        ConversationDetail(
            conversation=Conversation("long"),
            failed=True,
            score=1.0,
            verdict="",
            outcome="failed",
            outcome_source="",
            signals=[*repeats, late],
            candidates=[],
            signature="",
            cluster=None,
            cluster_name=None,
            label=None,
            cluster_label=None,
        ),
        None,
    )


def test_of_thousands_of_places_the_first_of_each_kind_are_listed_and_a_click_lists_more() -> None:
    app = AppTest.from_function(many_places).run()

    first = [f"Turn {turn}: user repeats" for turn in range(2, 12)]
    assert [b.label for b in app.button] == [
        *first,
        "Turn 15002: empty reply",
        "10 more of 14,990 places: user repeats in the same words",
    ]

    app.button(key="more_user-repeats").click().run()

    assert [b.label for b in app.button][10:20] == [f"Turn {turn}: user repeats" for turn in range(12, 22)]
    assert app.button(key="more_user-repeats").label == "10 more of 14,980 places: user repeats in the same words"
