"""The page Read: a list by keys, taking back, blind where random, failure modes."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.pages import address
from workbench.bench.bench import Bench
from workbench.review import reading_lists
from workbench.store import Store

Open = Callable[..., AppTest]


@pytest.fixture
def bench(store: Store) -> Bench:
    return Bench(store, actor="Ana")


def press(app: AppTest, *keys: str) -> AppTest:
    for key in keys:
        app.button(key=key).click().run()
        assert not app.exception
    return app


def keyed(app: AppTest, label: str) -> str:
    """The key of the button with this label."""
    return next(button.key or "" for button in app.button if button.label == label)


def texts(app: AppTest) -> list[str]:
    return [text.value for text in app.text]


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def said(bench: Bench) -> list[tuple[str, str, str, int | None]]:
    """(reader, verdict, note, failing turn) of all, in the order of the list."""
    order = [item.key for item in reading_lists.reading_list(bench, "RD-0001").items]
    verdicts = bench.judgement.verdicts.all()
    return [(one.reader, one.verdict, one.note, one.failing_turn) for key in order for one in verdicts.get(key, ())]


def test_before_anything_was_read_the_page_says_what_reading_is_for(open_page: Open, store: Store) -> None:
    app = open_page(store, "read")
    assert "Nothing was drawn at random yet. A reading list that is mixed or at random draws some." in captions(app)
    assert texts(app) == [
        "Nothing was read yet.",
        "0 failures met at random so far; from 10 on this says how many failures are of a kind that nobody has read yet.",
    ]
    assert [info.value for info in app.info] == [
        "Read some conversations, and note the first thing that went wrong in those that failed: here the notes are "
        "grouped into failure modes, to be named, counted and made root causes."
    ]


def test_a_list_starts_and_is_in_the_address(open_page: Open, store: Store, bench: Bench) -> None:
    app = press(open_page(store, "read"), "start")
    assert (address(app, "d"), address(app, "n")) == ("RD-0001", "1")
    assert len(reading_lists.reading_list(bench, "RD-0001").items) == 10


def test_fine_and_unsure_go_on_and_failed_asks_for_the_note(open_page: Open, store: Store, bench: Bench) -> None:
    reading_lists.start(bench, "typical", 4)
    app = press(open_page(store, "read", d="RD-0001"), "read_fine")
    assert address(app, "n") == "2"
    assert address(press(app, "read_unsure"), "n") == "3"
    press(app, "read_failed")
    assert address(app, "n") == "3"
    app.text_input[-1].set_value("lost the date")
    press(app, keyed(app, "Keep and go on"))
    assert address(app, "n") == "4"
    assert said(bench) == [
        ("Ana", "fine", "", None),
        ("Ana", "unsure", "", None),
        ("Ana", "failed", "lost the date", None),
    ]
    assert address(open_page(store, "read", d="RD-0001"), "n") == "4", "it goes on at the first that was not read"


def test_the_failing_turn_is_chosen_by_number_and_moved_by_arrow(open_page: Open, store: Store, bench: Bench) -> None:
    reading_lists.start(bench, "typical", 2)
    app = press(open_page(store, "read", d="RD-0001", n="1"), "read_turn_1")
    (verdict,) = said(bench)
    assert verdict == ("Ana", "failed", "", 1)
    press(app, "read_down")
    assert said(bench)[0][3] == 3
    press(app, "read_up", "read_up", "read_up")
    assert said(bench)[0][3] == 0, "there is nothing before the first message"


def test_what_was_said_is_taken_back_step_by_step(open_page: Open, store: Store, bench: Bench) -> None:
    reading_lists.start(bench, "typical", 3)
    app = press(open_page(store, "read", d="RD-0001", n="1"), "read_fine", "read_turn_1")
    assert [one[1] for one in said(bench)] == ["fine", "failed"]
    press(app, "read_undo")
    assert ([one[1] for one in said(bench)], address(app, "n")) == (["fine"], "2")
    press(app, "read_undo")
    assert (said(bench), address(app, "n")) == ([], "1")
    assert app.button(key="read_undo").disabled


def test_after_a_reload_the_verdict_on_screen_is_what_is_taken_back(
    open_page: Open, store: Store, bench: Bench
) -> None:
    reading_lists.start(bench, "typical", 2)
    press(open_page(store, "read", d="RD-0001", n="1"), "read_fine")
    press(open_page(store, "read", d="RD-0001", n="1"), "read_undo")
    assert said(bench) == []


def test_a_random_conversation_hides_the_signals_until_the_verdict(open_page: Open, store: Store, bench: Bench) -> None:
    listed = reading_lists.start(bench, "random", 48)
    flags = bench.evidence.flags("")
    place = next(n for n, item in enumerate(listed.items) if flags[item.key])
    app = open_page(store, "read", d="RD-0001", n=str(place + 1))
    told = " ".join(texts(app) + captions(app))
    assert "drawn at random; what the signals said shows after your verdict" in captions(app)
    assert "Failing" not in told
    assert not [button.key for button in app.button if (button.key or "").startswith("read_turn")]
    press(app, "read_failed")
    assert any(text.startswith("Failing: ") for text in texts(app))


def test_the_end_of_a_list_says_what_it_added_up_to(open_page: Open, store: Store, bench: Bench) -> None:
    listed = reading_lists.start(bench, "typical", 2)
    app = press(open_page(store, "read", d="RD-0001", n="1"), "read_fine", "read_fine")
    assert address(app, "n") == str(len(listed.items) + 1)
    assert texts(app)[0] == "2 of 2 read by you: 2 fine, 0 failed, 0 can't tell."
    assert address(press(app, "read_undo"), "n") == "2"


def test_a_viewer_reads_along(open_page: Open, store: Store, bench: Bench) -> None:
    reading_lists.start(bench, "typical", 2)
    bench.judgement.pod.set_role("Eve", "viewer", actor="Ana")
    app = open_page(store, "read", person="Eve", d="RD-0001", n="1")
    assert app.button(key="read_fine").disabled
    assert not app.button(key="read_next").disabled
    assert any(caption.startswith("Eve is a viewer here") for caption in captions(app))
    assert open_page(store, "read", person="Eve").button(key="start").disabled


def test_a_list_that_is_not_there_gets_one_message(open_page: Open, store: Store) -> None:
    assert [error.value for error in open_page(store, "read", d="RD-0009").error] == [
        "There is no reading list RD\\-0009\\. Start one on the page Read."
    ]


def test_a_verdict_is_given_on_a_conversations_own_page_too(open_page: Open, store: Store, bench: Bench) -> None:
    member = bench.cluster("FC-0001").members[0]
    app = press(open_page(store, "conversation", k=member.key), "here_failed")
    assert "read by Ana\\: failed" in " ".join(badge.value for badge in app.markdown)
    next(field for field in app.text_input if field.label == "The first thing that went wrong").set_value(
        "lost the date"
    )
    press(app, keyed(app, "Keep"))
    (verdict,) = bench.judgement.verdicts.all()[member.key]
    assert (verdict.verdict, verdict.note, verdict.source) == ("failed", "lost the date", "direct")
    press(app, "here_unread")
    assert bench.judgement.verdicts.all() == {}


def test_notes_are_put_into_a_mode_that_is_named_and_merged(open_page: Open, store: Store, bench: Bench) -> None:
    for member in bench.cluster("FC-0001").members[:2]:
        reading_lists.say(bench, member.key, verdict="failed", note="changed the wrong address")
    bench.judgement.modes.create("another", [], actor="Ana")
    bench.judgement.modes.create("wrong address", [], actor="Ana")
    app = open_page(store, "read", m="FM-0001")
    assert "2 notes: too few to group by themselves, that begins at 15. Choose by hand:" in captions(app)
    app.selectbox(key=f"into_FM-0001_{bench.judgement.modes.all()[0].version}").select("FM-0002")
    press(app, keyed(app, "Merge"))
    assert bench.judgement.modes.all()[0].merged_into == "FM-0002"
    assert address(app, "m") == "FM-0002"


def test_the_activity_tells_what_readers_did(open_page: Open, store: Store, bench: Bench) -> None:
    listed = reading_lists.start(bench, "typical", 2)
    key = listed.items[0].key
    name = bench.conversation(key).conversation.conversation_id
    reading_lists.say(bench, key, verdict="failed", failing_turn=1)
    reading_lists.say(bench, key, note="lost the date")
    bench.judgement.modes.create("lost dates", [(key, "Ana")], actor="Ana")
    bench.judgement.modes.create("dates", [], actor="Ana")
    bench.judgement.modes.merge("FM-0002", "FM-0001", actor="Ana")
    bench.judgement.verdicts.remove(key, actor="Ana")
    assert texts(open_page(store, "activity"))[:7] == [
        f"Ana took back the verdict on conversation {name}",
        "Ana merged the failure mode FM-0002 into FM-0001",
        "Ana named the failure mode FM-0002 “dates”, of 0 notes",
        "Ana named the failure mode FM-0001 “lost dates”, of 1 note",
        f"Ana read conversation {name}: failed, turn 1: “lost the date”",
        f"Ana read conversation {name}: failed, turn 1",
        "Ana started the reading list RD-0001 of 2 conversations",
    ]
