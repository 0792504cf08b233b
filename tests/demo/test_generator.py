"""The demo is the same bytes everywhere, and holds what data/README.md says."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.support.imported import import_paths
from tests.support.paths import ROOT
from workbench.conversation.model import Conversation
from workbench.demo.generator import BOTS, DEMO_FILES, TRUTH_FILE, generate, write_demo
from workbench.demo.language import Talk
from workbench.demo.script import Play, load_play, parse
from workbench.judgement.taxonomy import CAUSES

DEMO = ROOT / "data" / "demo"
WEEKS = [f"2026-W{week}" for week in range(35, 47)]

Row = dict[str, Any]
Pairs = list[tuple[Row, Row]]


@pytest.fixture(scope="module")
def generated() -> tuple[list[Row], list[Row]]:
    """The log rows and the truth rows."""
    return generate()


@pytest.fixture(scope="module")
def pairs(generated: tuple[list[Row], list[Row]]) -> Pairs:
    """Each log row with its truth row."""
    return list(zip(*generated, strict=True))


@pytest.fixture(scope="module")
def failures(pairs: Pairs) -> Pairs:
    return [(row, told) for row, told in pairs if told["mode"]]


def test_the_committed_files_are_what_the_generator_writes(
    tmp_path: Path, generated: tuple[list[Row], list[Row]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.demo.generator.generate", lambda: generated)
    write_demo(tmp_path)

    written = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.iterdir()}

    assert written == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in DEMO.iterdir()}
    assert sorted(written) == sorted([*DEMO_FILES, TRUTH_FILE])


def test_the_committed_files_take_at_most_three_megabytes() -> None:
    assert sum(path.stat().st_size for path in DEMO.iterdir()) <= 3_000_000


def test_another_seed_gives_other_conversations() -> None:
    assert generate(seed=1, conversations=60) == generate(seed=1, conversations=60)
    assert generate(seed=1, conversations=60) != generate(seed=2, conversations=60)


def test_every_row_imports_and_every_call_has_its_result(tmp_path: Path) -> None:
    imported = import_paths(tmp_path, *(DEMO / name for name in DEMO_FILES))

    assert imported.rows == (6000, 6000, 0, 0)
    assert [call for c in imported.conversations for call in _open_calls(c)] == []
    assert {c.metadata["locale"] for c in imported.conversations} == {"en", "es"}


def _open_calls(conversation: Conversation) -> list[str]:
    return [call.name for turn in conversation.turns for call in turn.tool_calls if call.result_position is None]


def test_there_are_6000_conversations_of_three_bots_over_twelve_whole_weeks(pairs: Pairs) -> None:
    rows = [row for row, _ in pairs]
    weeks = Counter("{}-W{}".format(*row["started_at"].isocalendar()) for row in rows)

    assert Counter(row["bot"] for row in rows) == {"parcel-care": 2310, "bank-help": 2070, "clinic-desk": 1620}
    assert len({row["conversation_id"] for row in rows}) == 6000
    assert sorted(weeks) == WEEKS
    assert min(weeks.values()) >= 400
    assert all(datetime(2026, 8, 24) <= row["started_at"] < datetime(2026, 11, 16) for row in rows)


def test_shares_of_failures_and_of_misleading_signs(pairs: Pairs, failures: Pairs) -> None:
    successes = [told for _, told in pairs if not told["mode"]]

    assert 0.15 <= len(failures) / len(pairs) <= 0.20
    assert sum(told["explicit"] for _, told in failures) / len(failures) <= 0.40
    assert sum(told["misleading"] is not None for told in successes) / len(successes) >= 0.10


def test_explicit_is_what_the_log_itself_tells(failures: Pairs) -> None:
    assert [told["explicit"] for _, told in failures] == [_tells(row) for row, _ in failures]


def _tells(row: Row) -> bool:
    low_reward = row["reward"] is not None and row["reward"] < 0.5
    return row["outcome"] == "failed" or low_reward or any(m["feedback"] == -1 for m in row["messages"])


def test_at_least_fourteen_modes_each_with_25_failures_and_a_cause_of_the_taxonomy(failures: Pairs) -> None:
    modes = Counter((told["bot"], told["mode"]) for _, told in failures)
    causes = {told["cause"] for _, told in failures}

    assert len(modes) == 25
    assert min(modes.values()) >= 25
    assert causes <= set(CAUSES)
    assert len(causes) >= 15


def test_each_bot_has_at_least_twelve_intents_and_hardly_two_requests_are_the_same(pairs: Pairs) -> None:
    assert [len(load_play(bot).intents) >= 12 for bot in BOTS] == [True, True, True]
    openings = Counter(
        re.sub(r"\d", "#", " ".join(m["content"] for m in row["messages"] if m["role"] == "user")) for row, _ in pairs
    )
    assert len(openings) >= 0.9 * len(pairs)


def test_failures_lie_in_their_planted_time(failures: Pairs) -> None:
    assert [
        row["conversation_id"]
        for row, told in failures
        if not told["planted_from"] <= row["started_at"] <= told["planted_to"]
    ] == []


def test_release_faults_happen_under_their_release_only(failures: Pairs) -> None:
    suspects = [(row, *told["suspect"].split("=")) for row, told in failures if "version" in (told["suspect"] or "")]

    assert {f"{row['bot']} {column} {value}" for row, column, value in suspects} == {
        "parcel-care prompt_version p14",
        "parcel-care model_version 2026-09",
        "bank-help prompt_version p30",
        "bank-help prompt_version p33",
        "clinic-desk prompt_version p8",
        "clinic-desk model_version 2026-09",
    }
    assert all(row[column] == value for row, column, value in suspects)


def test_the_outage_lasts_three_days_and_nothing_that_needs_tracking_goes_well_in_them(pairs: Pairs) -> None:
    outage = [row for row, told in pairs if told["mode"] == "tracking-outage"]
    tracked = [
        row["started_at"].date().isoformat()
        for row, _ in pairs
        if any(m["name"] == "track_parcel" and m["error"] is None for m in row["messages"])
    ]

    assert sorted({row["started_at"].date().isoformat() for row in outage}) == [
        "2026-09-15",
        "2026-09-16",
        "2026-09-17",
    ]
    assert [day for day in tracked if day in ("2026-09-15", "2026-09-16", "2026-09-17")] == []


def test_cures_and_the_return(failures: Pairs) -> None:
    weeks = {
        mode: sorted({told["started_at"].isocalendar().week - 34 for _, told in failures if told["mode"] == mode})
        for mode in ("fees-abroad-not-found", "answers-cut-off")
    }

    assert weeks == {"fees-abroad-not-found": [1, 2, 3, 4, 5, 6, 7], "answers-cut-off": [1, 2, 3, 4, 5, 11, 12]}


def test_one_mode_becomes_two_and_two_become_one_in_week_seven(failures: Pairs) -> None:
    changing = {
        (told["started_at"].isocalendar().week - 34 >= 7, told["mode_then"], told["mode"])
        for _, told in failures
        if told["mode_then"] != told["mode"] or told["mode"] in ("address-not-changed", "document-not-sent")
    }

    assert changing == {
        (False, "change-not-made", "address-not-changed"),
        (False, "change-not-made", "day-not-changed"),
        (True, "address-not-changed", "address-not-changed"),
        (False, "statement-not-sent", "document-not-sent"),
        (False, "certificate-not-sent", "document-not-sent"),
        (True, "document-not-sent", "document-not-sent"),
    }


def test_the_failing_turn_is_the_bots(failures: Pairs) -> None:
    assert {row["messages"][told["failing_turn"]]["role"] for row, told in failures} == {"assistant"}


def test_personal_data_is_made_up(pairs: Pairs) -> None:
    text = "\n".join(m["content"] for row, _ in pairs for m in row["messages"])

    assert set(re.findall(r"@([\w.]+\w)", text)) == {"example.com"}
    assert set(re.findall(r"\b\d{3}-\d{4}\b", text)) <= {f"555-01{n:02d}" for n in range(100)}
    assert set(re.findall(r"\b\d{4} \d{4} \d{4} \d{4}\b|\b\d{4} \d{6} \d{5}\b", text)) == {
        "4111 1111 1111 1111",
        "5555 5555 5555 4444",
        "4242 4242 4242 4242",
        "3782 822463 10005",
    }


def test_the_readme_names_every_planted_strand_with_its_number(failures: Pairs) -> None:
    readme = (ROOT / "data" / "README.md").read_text("utf-8")
    listed = {
        (bot, mode): int(count)
        for bot, mode, count in re.findall(r"^\| (\S+) \| (\S+) \|.*\| (\d+) \|$", readme, re.MULTILINE)
    }

    assert listed == Counter((told["bot"], told["strand"]) for _, told in failures)


# --- the language ---------------------------------------------------------------------------------------------------


def test_a_script_is_played_line_by_line() -> None:
    talk = _talk(slots={"parcel": "PC-1"})

    talk.perform(
        """
        user=ask: where is $parcel?
        call: track {"parcel": "$parcel"}
        result: {"status": "lost"}
        again: 1
        !bot: It's lost.
        0% bot: Never said.
        """
    )

    assert [(m["role"], m["content"], (m["tool_calls"] or [{}])[0].get("arguments")) for m in talk.messages] == [
        ("user", "Where is PC-1?", None),
        ("assistant", "", '{"parcel": "PC-1"}'),
        ("tool", '{"status": "lost"}', None),
        ("assistant", "", '{"parcel": "PC-1"}'),
        ("tool", '{"status": "lost"}', None),
        ("assistant", "It's lost.", None),
    ]
    assert talk.failing == 5


@pytest.mark.parametrize("cue", [{"at": "bot=answer"}, {"after": "look"}, {"at": "call look"}])
def test_a_mode_takes_over_at_its_cue_and_nothing_follows(cue: Row) -> None:
    talk = _talk()

    talk.perform(
        """
        user: hi
        call: look {}
        result: {}
        bot=answer: Found it.
        user: thanks
        """,
        cue | {"scripts": ["!bot:"]},
    )

    assert talk.messages[-1]["content"] == ""
    assert talk.failing == len(talk.messages) - 1
    assert "Found it." not in [m["content"] for m in talk.messages]
    assert talk.ended


def test_a_line_of_no_known_kind_is_named() -> None:
    with pytest.raises(ValueError, match="not a line of a script: 'robot: hello'"):
        parse("user: hi\nrobot: hello")


def _talk(slots: Row | None = None) -> Talk:
    play = Play(
        bot="b", phrases={"checking": [""]}, fragments={}, misleading={}, tails=[], slots=slots or {}, docs={},
        search_tool=None, intents={}, modes=[], releases=[], channels={}, share=1, first=[], last=[], praise=[], blame=[],
    )  # fmt: skip
    return Talk(play, Random(5), datetime(2026, 1, 1), ("Ada", "Lund"), {})
