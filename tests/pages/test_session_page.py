"""The session pages: planning, deciding, coming back, the minutes."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.support.pages import address
from workbench.bench.bench import Bench
from workbench.bench.why import why
from workbench.judgement.records.sessions import AgendaItem, Progress
from workbench.store import Store

Open = Callable[..., AppTest]


def started(store: Store, *clusters: str) -> Bench:
    """A store's bench with the session TS-0001 about these clusters."""
    bench = Bench(store, actor="Ana")
    bench.judgement.sessions.create("Triage", [AgendaItem(cluster, "why") for cluster in clusters], actor="Ana")
    return bench


def press(app: AppTest, *keys: str) -> AppTest:
    for key in keys:
        app.button(key=key).click().run()
        assert not app.exception
    return app


def texts(app: AppTest) -> list[str]:
    return [text.value for text in app.text]


def test_the_agenda_is_proposed_with_reasons_and_starts_a_session(open_page: Open, store: Store) -> None:
    app = open_page(store, "sessions")
    assert texts(app)[0] == "1. refund, shoes: carries out refund_order (8/8)"
    assert "FC\\-0001 · shop · 8 failures, 1 in the last complete week; nobody has looked at it" in [
        caption.value for caption in app.caption
    ]

    app.button(key="FormSubmitter:start_session-Start the session").click().run()
    session = Bench(store).judgement.sessions.get("TS-0001")
    assert session.agenda == [
        AgendaItem("FC-0002", "8 failures, 2 in the last complete week; nobody has looked at it"),
        AgendaItem("FC-0001", "8 failures, 1 in the last complete week; nobody has looked at it"),
        AgendaItem("FC-0003", "7 failures, 1 in the last complete week; nobody has looked at it"),
        AgendaItem("FC-0004", "3 failures; nobody has looked at it"),
    ]
    assert (address(app, "s"), address(app, "n")) == ("TS-0001", "1")


def test_the_agenda_is_reordered_shortened_and_lengthened_in_the_address(open_page: Open, store: Store) -> None:
    app = press(open_page(store, "sessions"), "Later_FC-0001", "Earlier_FC-0004", "Not this time_FC-0003")
    assert address(app, "a") == "FC-0002.FC-0004.FC-0001"
    app.selectbox(key="add_cluster").select("FC-0003").run()
    assert address(app, "a") == "FC-0002.FC-0004.FC-0001.FC-0003"


def test_with_nothing_left_on_the_agenda_the_page_says_what_to_do(open_page: Open, store: Store) -> None:
    app = open_page(store, "sessions", a="")
    assert [info.value for info in app.info] == [
        "Nothing waits: all clusters are decided or muted. Add one below to talk about it anyway.",
        "None yet. The first one starts from the agenda beside this.",
    ]
    assert app.button(key="FormSubmitter:start_session-Start the session").disabled


def test_a_screen_says_what_was_asked_how_it_failed_and_how_often(open_page: Open, store: Store) -> None:
    started(store, "FC-0001")
    app = open_page(store, "session", s="TS-0001")
    assert app.title[0].value == "address, change\\: carries out change\\_address \\(8/8\\)"
    cluster = Bench(store).cluster("FC-0001")
    assert texts(app)[1:] == [
        why(cluster.onset, cluster.suspects, cluster.parted, cluster.row.first_seen),
        "change the delivery address of order 38 to Main Street",
        "8 of 8",
        "carries out change_address",
        "46 %",
        "6 of 13 similar requests to shop failed this way: 46\u00a0% (95\u00a0% interval 23–71\u00a0%).",
        "First 4 Mar 2026, last 9 Apr 2026.",
        "–",
        "S1 acted wrongly on the world (suggested)",
        "–",
        "–",
    ]


def test_what_is_chosen_is_saved_and_shown_at_once(open_page: Open, store: Store) -> None:
    bench = started(store, "FC-0001")
    app = open_page(store, "session", s="TS-0001")
    press(app, "key_cause", "choose_cause_6", "key_severity", "choose_severity_2", "key_owner", "choose_owner_1")
    press(app, "key_ticket", "choose_ticket_4")

    decision = bench.judgement.sessions.decisions("TS-0001")["FC-0001"]
    assert (decision.cause, decision.severity, decision.owner, decision.ticket, decision.by) == (
        "wrong-tool-call", "S2", "Ana", "FIX-0001", "Ana"
    )  # fmt: skip
    assert texts(app)[-4:] == ["Wrong tool call", "S2 misinformed", "Ana", "FIX-0001"]
    assert texts(open_page(store, "session", s="TS-0001"))[-4:] == texts(app)[-4:]


def test_a_choice_can_be_taken_back(open_page: Open, store: Store) -> None:
    bench = started(store, "FC-0001")
    app = press(open_page(store, "session", s="TS-0001"), "key_disposition", "choose_disposition_1")
    assert bench.judgement.sessions.decisions("TS-0001")["FC-0001"].disposition == "not-a-bug"
    press(app, "key_disposition", "choose_disposition_0")
    assert bench.judgement.sessions.decisions("TS-0001")["FC-0001"].disposition is None
    assert bench.judgement.labels.all() == {}


def test_while_a_list_is_open_only_its_own_keys_count(open_page: Open, store: Store) -> None:
    started(store, "FC-0001", "FC-0002")
    app = press(open_page(store, "session", s="TS-0001"), "key_severity")
    assert all(button.disabled for button in app.button if (button.key or "").startswith("key_"))
    press(app, "choose_close")
    assert not app.button(key="key_next").disabled


def test_the_session_goes_on_where_it_was(open_page: Open, store: Store) -> None:
    bench = started(store, "FC-0001", "FC-0002", "FC-0003")
    app = press(open_page(store, "session", s="TS-0001"), "key_next", "key_skip")
    assert (address(app, "n"), bench.judgement.sessions.progress("TS-0001").position) == ("3", 2)
    assert bench.judgement.sessions.decisions("TS-0001")["FC-0002"].state == "skipped"
    assert address(open_page(store, "session", s="TS-0001"), "n") == "3"
    assert address(press(app, "key_back"), "n") == "2"


def test_one_key_opens_an_example_and_closes_it_again(open_page: Open, store: Store) -> None:
    started(store, "FC-0001")
    app = press(open_page(store, "session", s="TS-0001"), "example_2")
    assert address(app, "e") == "2"
    assert "change the delivery address of order 2 to Main Street" in texts(app)
    assert not any('{"order"' in text for text in texts(app))  # business reads first on the shared screen
    app = press(app, "view_session")
    assert 'change_address {"order": "0002"}\n→ {"status": "ok"}' in texts(app)
    assert address(press(app, "example_2"), "e") is None


def test_the_clock_can_be_paused_and_stays_so(open_page: Open, store: Store) -> None:
    started(store, "FC-0001")
    app = press(open_page(store, "session", s="TS-0001"), "key_pause")
    assert texts(app)[0].endswith("in all · paused")
    assert texts(app.run())[0].endswith("in all · paused")
    assert not texts(press(app, "key_pause"))[0].endswith("paused")


def test_minutes_close_the_session_and_it_can_be_opened_again(open_page: Open, store: Store) -> None:
    bench = started(store, "FC-0001")
    app = press(open_page(store, "session", s="TS-0001"), "key_next")
    assert app.title[0].value == "Minutes\\: Triage"
    press(app, "close_session")
    assert bench.judgement.sessions.get("TS-0001").status == "closed"
    assert address(open_page(store, "session", s="TS-0001"), "n") == "2", "a closed session opens at its minutes"
    press(app, "reopen_session")
    assert bench.judgement.sessions.get("TS-0001").status == "open"


def test_nobody_decides_without_a_name(open_page: Open, store: Store) -> None:
    started(store, "FC-0001")
    app = open_page(store, "session", person="", s="TS-0001")
    assert app.button(key="key_cause").disabled
    assert not app.button(key="key_next").disabled
    assert "Say your name at the top to decide." in [caption.value for caption in app.caption]


def test_a_cluster_that_left_the_data_does_not_stop_the_session(open_page: Open, store: Store) -> None:
    started(store, "FC-0099", "FC-0001")
    app = open_page(store, "session", s="TS-0001")
    assert app.info[0].value == "FC-0099 is not in the data any more. Go on with J, back with K."
    assert address(press(app, "key_next"), "n") == "2"


def test_a_session_that_is_not_there_gets_one_message(open_page: Open, store: Store) -> None:
    assert [error.value for error in open_page(store, "session", s="TS-0009").error] == [
        "There is no session TS\\-0009\\."
    ]
    assert [error.value for error in open_page(store, "session").error] == [
        "No session is named in the address. Open one from the sessions page."
    ]


def test_who_comes_late_is_told_where_the_session_is_and_joins_it(open_page: Open, store: Store) -> None:
    bench = started(store, "FC-0001", "FC-0002", "FC-0003")
    bench.sessions.set_progress("TS-0001", Progress(position=1))
    app = open_page(store, "sessions")
    assert texts(app)[0] == "Running now: TS-0001 Triage, item 2 of 3"
    assert app.button(key="join_TS-0001").label == "Join"
    bench.judgement.sessions.close("TS-0001", actor="Ana")
    assert not any(text.startswith("Running now") for text in texts(open_page(store, "sessions")))


def test_a_session_after_others_begins_with_what_they_promised(open_page: Open, store: Store) -> None:
    bench = started(store, "FC-0001", "FC-0002")
    press(open_page(store, "session", s="TS-0001"), "key_owner", "choose_owner_1", "key_ticket", "choose_ticket_1")
    due = bench.judgement.tickets.get("FIX-0001").due
    assert due is not None
    app = press(open_page(store, "sessions", a="FC-0002"), "FormSubmitter:start_session-Start the session")
    assert (address(app, "s"), address(app, "n")) == ("TS-0002", "0")

    app = open_page(store, "session", s="TS-0002")
    assert app.title[0].value == "What was promised, and what came of it"
    assert texts(app)[0] == f"FIX-0001 {bench.judgement.tickets.get('FIX-0001').title}"
    assert app.button(key="key_back").disabled
    press(app, "key_next")
    assert address(app, "n") == "1"
    press(app, "key_back")
    assert address(app, "n") == "0"


def test_the_first_session_begins_with_its_first_cluster(open_page: Open, store: Store) -> None:
    started(store, "FC-0001")
    app = open_page(store, "session", s="TS-0001", n="0")
    assert address(app, "n") == "1"


def test_the_minutes_stand_as_headings_tables_and_lines(open_page: Open, store: Store) -> None:
    started(store, "FC-0001", "FC-0002")
    press(open_page(store, "session", s="TS-0001"), "key_cause", "choose_cause_6", "key_next")
    app = open_page(store, "session", s="TS-0001", n="3")
    assert [heading.value for heading in app.header] == ["Decisions", "Skipped", "What stays open"]
    heads = [caption.value for caption in app.caption if caption.value in ("Cluster", "Root cause", "Severity", "Due")]
    assert heads == ["Cluster", "Root cause", "Severity", "Due"]
    row = texts(app).index("FC-0001")
    assert texts(app)[row : row + 6] == ["FC-0001", "Wrong tool call", "–", "–", "–", "–"]
    assert texts(app)[-2:] == ["• FC-0001: no owner, no ticket", "• FC-0002: not reached"]
