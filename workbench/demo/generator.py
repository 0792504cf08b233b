"""The demo's logs: about 6,000 made-up conversations of three bots over twelve weeks, with known failures in them.

The same seed gives the same bytes on any machine: one generator a conversation, no clock, no sets, no locale.
`python -m workbench.demo FOLDER` writes the log files and the truth (which conversation fails how), which only
benchmarks read. What is said stands in workbench/demo/data, the language of it in workbench/demo/script.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from workbench.demo.language import Talk
from workbench.demo.script import Play, load_play
from workbench.errors import UserError
from workbench.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

    from workbench.pipeline.job import Job

SEED = 1
CONVERSATIONS = 6000
FIRST_DAY = datetime(2026, 8, 24)
WEEKS = 12
TURNING_POINT = datetime(2026, 10, 5)
"""Week 7: from here on one mode counts as two, and two as one (`mode_then` in the truth)."""
BOTS = ("parcel-care", "bank-help", "clinic-desk")
DEMO_FILES = tuple(f"{bot}.parquet" for bot in BOTS)
TRUTH_FILE = "truth.parquet"
FOLDER = Path(__file__).resolve().parents[2] / "data" / "demo"

_HOURS = (1, 1, 1, 1, 1, 2, 5, 10, 16, 18, 18, 16, 15, 15, 15, 15, 15, 15, 14, 13, 11, 8, 4, 2)
_WEEKDAYS = (13, 12, 11, 11, 11, 7, 5)
_SECOND_REQUEST = 0.11
_TAIL = 0.15
_CLOSE = 0.7
_ABANDONED = 0.03
_RETURNING = 0.72
_BACK_AFTER_HOURS = (5, 68)

Row = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """One conversation before it is played."""

    start: datetime
    """Naive UTC."""
    intent: str
    """What is asked, a name of the play."""
    user: int
    """A number."""
    mode: Row | None = None
    """The failure mode that it shows."""
    window: Row | None = None
    """The planted time of that mode."""
    opening: str = "hi"
    """The phrase that it opens with."""


def generate(seed: int = SEED, conversations: int = CONVERSATIONS) -> tuple[list[Row], list[Row]]:
    """The log rows (chat layout, by bot and time) and the truth rows in the same order.

    A truth row has `mode` (None for a success) as it stands at the end of the twelve weeks, `mode_then` as it stood in
    the conversation's own week, `strand` (the script that was played), `failing_turn` (0-based position), the planted
    window, the `suspect` that came with it (`prompt_version=p14`), `explicit` (the log itself tells the failure) and
    `misleading` (what looks like failing in a success).
    """
    rows: list[Row] = []
    truth: list[Row] = []
    for bot in BOTS:
        play = load_play(bot)
        plans = _plans(play, Random(f"{seed}/{bot}"), conversations)
        played = [_play(play, Random(f"{seed}/{bot}/{n}"), plan) for n, plan in enumerate(plans)]
        played.sort(key=lambda pair: (pair[0]["started_at"], pair[0]["conversation_id"]))
        rows += [row for row, _ in played]
        truth += [transcript for _, transcript in played]
    return rows, truth


def write_demo(folder: Path) -> None:
    """Write DEMO_FILES and the truth into a folder."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    rows, truth = generate()
    tables = {
        f"{bot}.parquet": pa.Table.from_pylist([row for row in rows if row["bot"] == bot], log_schema()) for bot in BOTS
    }
    tables[TRUTH_FILE] = pa.Table.from_pylist(truth, truth_schema())
    for name, table in tables.items():
        pq.write_table(table, folder / name, compression="zstd", compression_level=19, row_group_size=len(table))


# --- the demo as a store's first import ------------------------------------------------------------------------------


def demo_job(store: Store, actor: str) -> Job:
    """The import of the demo's logs (not of their truth); `UserError` where they are not there."""
    from workbench.pipeline.job import Job

    paths = [FOLDER / name for name in DEMO_FILES]
    if missing := [path for path in paths if not path.exists()]:
        raise UserError(
            f"The demo's logs are not there: {missing[0]}. Make them with `python -m workbench.demo {FOLDER}`."
        )
    return Job(store=str(store.root), paths=[str(path) for path in paths], actor=actor)


# --- who writes when, and about what --------------------------------------------------------------------------------


def _plans(play: Play, rng: Random, conversations: int) -> list[Plan]:
    """Failures first, so that each mode has its number; successes fill up the bot's share."""
    scale = conversations / CONVERSATIONS
    wanted = round(conversations * play.share)
    users = round(wanted * _RETURNING)
    plans: list[Plan] = []
    for mode in play.modes:
        for window in mode["windows"]:
            for _ in range(round(window["count"] * scale)):
                start = _moment(rng, window["from"], window["to"])
                plan = Plan(start, rng.choice(mode["intents"]), rng.randrange(users), mode, window)
                plans.append(plan)
                plans += _comeback(play, rng, plan)
    while len(plans) < wanted:
        start = _moment(rng, FIRST_DAY, FIRST_DAY + timedelta(weeks=WEEKS))
        plans.append(Plan(start, _intent(play, rng, start), rng.randrange(users)))
    return plans


def _comeback(play: Play, rng: Random, plan: Plan) -> Iterator[Plan]:
    """The same customer some hours later, with the same request, which then goes well."""
    assert plan.mode is not None
    start = plan.start + timedelta(minutes=rng.randint(60 * _BACK_AFTER_HOURS[0], 60 * _BACK_AFTER_HOURS[1]))
    returns = rng.random() < plan.mode.get("comeback", 0)
    if returns and start < FIRST_DAY + timedelta(weeks=WEEKS) and plan.intent in _working(play, start):
        yield Plan(start, plan.intent, plan.user, opening="back")


def _moment(rng: Random, low: datetime, high: datetime) -> datetime:
    """A second between the two, by the hours and weekdays at which people write."""
    while True:
        moment = low + timedelta(seconds=rng.randrange(int((high - low).total_seconds())))
        if rng.random() * max(_HOURS) * max(_WEEKDAYS) < _HOURS[moment.hour] * _WEEKDAYS[moment.weekday()]:
            return moment


def _intent(play: Play, rng: Random, start: datetime) -> str:
    """An intent by weight."""
    names = _working(play, start)
    return rng.choices(names, [play.intents[name]["weight"] for name in names])[0]


def _working(play: Play, moment: datetime) -> list[str]:
    """The intents that can go well: while an outage lasts, none that it hits."""
    hit = [
        intent
        for mode in play.modes
        for window in mode["windows"]
        if mode.get("exclusive") and window["from"] <= moment <= window["to"]
        for intent in mode["intents"]
    ]
    return [name for name in play.intents if name not in hit]


# --- one conversation -----------------------------------------------------------------------------------------------


def _play(play: Play, rng: Random, plan: Plan) -> tuple[Row, Row]:
    """Its log row and its truth row."""
    mode = plan.mode
    topic = play.intents[plan.intent] | ({"open": mode["open"]} if mode and "open" in mode else {})
    person = (play.first[plan.user % len(play.first)], play.last[plan.user * 7 % len(play.last)])
    talk = Talk(play, rng, plan.start, person, topic, plan.opening)
    own_script = mode is not None and "at" not in mode and "after" not in mode
    talk.perform(rng.choice(mode["scripts"] if mode and own_script else topic["scripts"]), mode)
    if mode is None:
        _go_on(talk, rng, plan)
    log = _log_row(play, rng, plan, talk)
    explicit = _tell(play, rng, plan, talk, log)
    truth = {
        "conversation_id": log["conversation_id"],
        "bot": play.bot,
        "started_at": log["started_at"],
        "intent": plan.intent,
        "failing_turn": talk.failing,
        "explicit": explicit,
        "misleading": talk.misleading if mode is None else None,
    }
    return log, truth | _truth_of_mode(plan)


def _go_on(talk: Talk, rng: Random, plan: Plan) -> None:
    """What may follow once the request is settled: a second one, something misleading, thanks."""
    if rng.random() < _SECOND_REQUEST and not talk.transferred:
        second = _intent(talk.play, rng, plan.start)
        if second != plan.intent:
            talk.next_topic(talk.play.intents[second], rng.choice(talk.play.intents[second]["scripts"]))
    if rng.random() < _TAIL and not talk.transferred:
        talk.perform(f"do: {rng.choice(talk.play.tails)}")
    if rng.random() < _CLOSE and not talk.transferred:
        talk.perform("do: close")


def _log_row(play: Play, rng: Random, plan: Plan, talk: Talk) -> Row:
    release = [release for release in play.releases if release["from"] <= plan.start][-1]
    return {
        "conversation_id": f"{play.bot.split('-')[0]}-{rng.getrandbits(32):08x}",
        "bot": play.bot,
        "channel": rng.choices(list(play.channels), list(play.channels.values()))[0],
        "started_at": plan.start,
        "ended_at": talk.now,
        "model": release["model"],
        "model_version": release["model_version"],
        "prompt_version": release["prompt_version"],
        "outcome": None,
        "feedback_text": None,
        "reward": None,
        "user_id": f"{play.bot[0]}u{plan.user:05d}",
        "locale": play.intents[plan.intent].get("locale", "en"),
        "messages": talk.messages,
    }


def _tell(play: Play, rng: Random, plan: Plan, talk: Talk, log: Row) -> bool:
    """Put in what the log tells of success and failure; True where it tells the failure."""
    mode = plan.mode
    if mode is not None and rng.random() < mode["explicit"]:
        _tell_failure(play, rng, mode, log)
        return True
    ended = "escalated" if talk.transferred else "contained"
    if mode is None:
        log["outcome"] = ended if rng.random() < 0.75 else None
        if not talk.transferred and rng.random() < _ABANDONED:
            log["outcome"] = "abandoned"
            talk.misleading = talk.misleading or "abandoned"
        log["reward"] = rng.randint(70, 100) / 100 if rng.random() < 0.03 else None
    else:
        log["outcome"] = ended if talk.transferred else rng.choice((ended, None, "abandoned"))
    mood = rng.random()
    if mood < (0.1 if mode is None or mode.get("pleased") else 0.01):
        _last_reply(log)["feedback"] = 1
        log["feedback_text"] = rng.choice(play.praise) if rng.random() < 0.3 else None
    elif mode is None and mood > 0.997:
        _last_reply(log)["feedback"] = -1
        talk.misleading = talk.misleading or "thumbs_down"
    return False


def _tell_failure(play: Play, rng: Random, mode: Row, log: Row) -> None:
    if mode.get("audited") and rng.random() < 0.6:
        log["reward"] = rng.randint(0, 40) / 100
        log["outcome"] = rng.choice(("contained", None))
    elif mode.get("pleased") or rng.random() < 0.35:
        log["outcome"] = "failed"
    else:
        _last_reply(log)["feedback"] = -1
        log["outcome"] = rng.choice(("contained", "abandoned", None))
        log["feedback_text"] = rng.choice(play.blame) if rng.random() < 0.5 else None


def _last_reply(log: Row) -> Row:
    replies = [message for message in log["messages"] if message["role"] == "assistant" and not message["tool_calls"]]
    last: Row = replies[-1]
    return last


def _truth_of_mode(plan: Plan) -> Row:
    mode, window = plan.mode, plan.window
    if mode is None or window is None:
        return dict.fromkeys(("mode", "mode_then", "strand", "cause", "planted_from", "planted_to", "suspect"))
    at_end = mode.get("at_end", mode["mode"])
    return {
        "mode": at_end,
        "mode_then": mode.get("then", mode["mode"]) if plan.start < TURNING_POINT else at_end,
        "strand": mode["mode"],
        "cause": mode["cause"],
        "planted_from": window["from"],
        "planted_to": window["to"],
        "suspect": window.get("suspect", mode.get("suspect")),
    }


# --- the files ------------------------------------------------------------------------------------------------------


def log_schema() -> pa.Schema:
    """The layout `chat` of docs/log-format.md, with `locale` as a column of our own."""
    import pyarrow as pa

    text, moment = pa.string(), pa.timestamp("ms", tz="UTC")
    call = pa.struct({"id": text, "name": text, "arguments": text})
    citation = pa.struct({"id": text, "title": text, "url": text})
    document = pa.struct({"id": text, "title": text, "text": text, "score": pa.float32()})
    message = pa.struct(
        {
            "role": text,
            "content": text,
            "name": text,
            "tool_calls": pa.list_(call),
            "tool_call_id": text,
            "timestamp": moment,
            "latency_ms": pa.int32(),
            "finish_reason": text,
            "error": text,
            "citations": pa.list_(citation),
            "retrieved": pa.list_(document),
            "feedback": pa.int8(),
        }
    )
    named = ("channel", "model", "model_version", "prompt_version", "outcome", "feedback_text", "user_id", "locale")
    return pa.schema(
        {"conversation_id": text, "bot": text, "started_at": moment, "ended_at": moment}
        | dict.fromkeys(named, text)
        | {"reward": pa.float32(), "messages": pa.list_(message)}
    )


def truth_schema() -> pa.Schema:
    """One row a conversation; see `generate`."""
    import pyarrow as pa

    text, moment = pa.string(), pa.timestamp("ms", tz="UTC")
    return pa.schema(
        {"conversation_id": text, "bot": text, "started_at": moment, "intent": text}
        | dict.fromkeys(("mode", "mode_then", "strand", "cause", "suspect", "misleading"), text)
        | {"failing_turn": pa.int32(), "planted_from": moment, "planted_to": moment, "explicit": pa.bool_()}
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m workbench.demo FOLDER")
    write_demo(Path(sys.argv[1]))
