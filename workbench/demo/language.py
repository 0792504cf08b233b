"""The machine that plays a script of the demo: one conversation, turn by turn, with its own words and times."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from workbench.demo.script import Line, Play, parse

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_PHRASE = re.compile(r"\{(\w+)\}")
_SLOT = re.compile(r"\$([a-z][a-z0-9_]*)(?:\.([a-z][a-z0-9_]*))?")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_EMOJI = ("🙂", "😕", "🙏", "😊", "📦", "😅", "🤔", "👀")


class Talk:
    """One conversation while it is played: `messages` in the log's own shape, and what the truth file needs."""

    def __init__(
        self,
        play: Play,
        rng: Random,
        when: datetime,
        person: tuple[str, str],
        topic: dict[str, Any],
        opening: str = "hi",
    ) -> None:
        """`topic` holds phrases that go before the play's own; `opening` is the phrase that stands for {hi}."""
        self.play, self.rng, self.now, self.topic, self.opening = play, rng, when, topic, opening
        self.messages: list[dict[str, Any]] = []
        self.failing: int | None = None
        self.misleading: str | None = None
        self.transferred = self.ended = False
        self._mode: dict[str, Any] | None = None
        self._documents: list[dict[str, Any]] | None = None
        self._values: dict[str, Any] = _person(rng, person) | {"today": when.date()}
        self._style = _Style(rng)

    def perform(self, script: str, mode: dict[str, Any] | None = None) -> None:
        """Play a script; a mode with `at` or `after` takes over there and plays its own script to the end."""
        self._mode = mode if mode and ("at" in mode or "after" in mode) else None
        draw = None
        for line in parse(script):
            draw = None if line.share == 1 else self.rng.random() if draw is None else draw
            if self.ended or (draw is not None and draw >= line.share):
                continue
            if self._mode and self._mode.get("at") == _cue(line):
                if line.name:
                    self._values[line.name] = self._text(line.text)
                self._take_over()
                return
            self._play(line)
            if self._mode and line.kind == "result" and self._mode.get("after") == self._last_call()["name"]:
                self._take_over()
                return

    def next_topic(self, topic: dict[str, Any], script: str) -> None:
        """Play a second request in the same conversation; its own values are drawn anew."""
        for slot in topic.get("renew", ()):
            self._values.pop(slot, None)
        self.topic, self.opening = topic, "also"
        self.perform(script)

    def _take_over(self) -> None:
        mode, self._mode = self._mode, None
        assert mode is not None
        self.perform(self.rng.choice(mode["scripts"]))
        self.ended = True

    def _play(self, line: Line) -> None:
        if line.failing and self.failing is None:
            self.failing = len(self.messages)
        getattr(self, f"_do_{line.kind}")(line)

    def _do_user(self, line: Line) -> None:
        text = self._fill(self._style.write(self.rng, self._choose(line.text)))
        if line.name:
            self._values[line.name] = text
        self._wait(6, 75)
        self._say("user", text)

    def _do_bot(self, line: Line, finish_reason: str = "stop", cut: bool = False) -> None:
        text = self._text(line.text)
        text = text[:1].upper() + text[1:]
        if line.name:
            self._values[line.name] = text
        if cut:
            text = text[: int(len(text) * (0.45 + 0.35 * self.rng.random()))].rstrip()
        self._reply(text, finish_reason)

    def _do_cut(self, line: Line) -> None:
        self._do_bot(line, "length", cut=True)

    def _do_blocked(self, line: Line) -> None:
        self._do_bot(line, "content_filter")

    def _do_call(self, line: Line) -> None:
        if line.text == "again":
            last = self._last_call()
            self._call(last["name"], last["arguments"], "")
            return
        name, _, arguments = line.text.partition(" ")
        self._call(name, _json(self._fill(arguments)), self._text("{checking}"))
        self.transferred = self.transferred or name.startswith("transfer")

    def _do_result(self, line: Line) -> None:
        self._answer_call(_json(self._fill(line.text)), error=None, seconds=(0.2, 2.0))

    def _do_error(self, line: Line) -> None:
        text = self._text(line.text)
        code, _, message = text.partition(" ")
        body = json.dumps({"error": {"code": int(code), "message": message}})
        slow = (20.0, 30.0) if code in ("504", "408") else (0.2, 3.0)
        self._answer_call(body, error=text, seconds=slow)

    def _do_again(self, line: Line) -> None:
        low, _, high = line.text.partition("..")
        call, result = self._last_call(), self.messages[-1]
        for _ in range(self.rng.randint(int(low), int(high or low))):
            self._call(call["name"], call["arguments"], "")
            self._answer_call(result["content"], result["error"], seconds=(0.2, 2.0))

    def _do_docs(self, line: Line) -> None:
        names, _, query = line.text.partition(" | ")
        documents = [] if names == "none" else [self._document(pair) for pair in names.split(", ")]
        if self.play.search_tool:
            self._call(self.play.search_tool, json.dumps({"query": self._text(query)}, ensure_ascii=False), "")
            hits = [{"id": doc["id"], "title": doc["title"], "score": doc["score"]} for doc in documents]
            self._answer_call(json.dumps(hits, ensure_ascii=False), error=None, seconds=(0.1, 0.6))
        self._documents = documents

    def _do_cite(self, line: Line) -> None:
        cited = [(name, self.play.docs[name]) for name in line.text.split(", ")]
        self.messages[-1]["citations"] = [{"id": n, "title": d["title"], "url": d["url"]} for n, d in cited]

    def _do_do(self, line: Line) -> None:
        name = line.text
        if name == "hello" and self.messages:
            return
        scripts = self.play.fragments.get(name)
        if scripts is None:
            scripts = self.play.misleading[name]
            self.misleading = self.misleading or name
        mode = self._mode
        self.perform(self.rng.choice(scripts), mode)
        if not self.ended:
            self._mode = mode

    def _do_end(self, line: Line) -> None:
        self.ended = True

    def _document(self, pair: str) -> dict[str, Any]:
        name, _, score = pair.partition(" ")
        document = self.play.docs[name]
        jitter = self.rng.randint(-4, 4) / 100
        return {
            "id": name,
            "title": document["title"],
            "text": document["text"],
            "score": round(float(score) + jitter, 2),
        }

    def _say(self, role: str, content: str, **fields: Any) -> None:
        self.messages.append(
            dict.fromkeys(MESSAGE_FIELDS) | {"role": role, "content": content, "timestamp": self.now} | fields
        )

    def _reply(self, text: str, finish_reason: str) -> None:
        latency = 500 + len(text) * 4 + self.rng.randint(0, 1500)
        self.now += timedelta(milliseconds=latency)
        self._say("assistant", text, latency_ms=latency, finish_reason=finish_reason, retrieved=self._documents)
        self._documents = None

    def _call(self, name: str, arguments: str, text: str) -> None:
        latency = 400 + self.rng.randint(0, 900)
        self.now += timedelta(milliseconds=latency)
        call = {"id": f"call_{self.rng.getrandbits(24):06x}", "name": name, "arguments": arguments}
        self._say("assistant", text, latency_ms=latency, finish_reason="tool_calls", tool_calls=[call])

    def _answer_call(self, content: str, error: str | None, seconds: tuple[float, float]) -> None:
        latency = int(1000 * (seconds[0] + (seconds[1] - seconds[0]) * self.rng.random()))
        self.now += timedelta(milliseconds=latency)
        call = self._last_call()
        self._say("tool", content, name=call["name"], tool_call_id=call["id"], latency_ms=latency, error=error)

    def _last_call(self) -> dict[str, str]:
        calls = next(message["tool_calls"] for message in reversed(self.messages) if message["tool_calls"])
        last: dict[str, str] = calls[-1]
        return last

    def _wait(self, low: int, high: int) -> None:
        self.now += timedelta(seconds=self.rng.randint(low, high))

    def _text(self, template: str) -> str:
        return self._fill(self._choose(template))

    def _choose(self, text: str) -> str:
        """Draw choices and phrases until none is left; slots stay as they are."""
        while "[" in text or "{" in text:
            text = _CHOICE.sub(lambda match: self.rng.choice(match[1].split("|")), text)
            if "[" not in text:
                text = _PHRASE.sub(lambda match: self.rng.choice(self._phrase(match[1])), text, count=1)
        text = re.sub(r" +([,.?!])", r"\1", re.sub(r"  +", " ", text))
        return re.sub(r"([,.?!])[,.]", r"\1", text).strip()

    def _phrase(self, name: str) -> list[str]:
        if name == "hi":
            if self.opening == "hi" and self.messages:
                return [""]
            name = self.opening
        options: list[str] = self.topic[name] if name in self.topic else self.play.phrases[name]
        return options

    def _fill(self, text: str) -> str:
        return _SLOT.sub(lambda match: self._value(match[1], match[2]), text)

    def _value(self, slot: str, part: str | None) -> str:
        """The value of a slot, drawn at its first use; dates can be asked for as _text, _uk, too."""
        base, _, form = slot.rpartition("_")
        name = base if form in ("text", "uk") and base in (self.play.slots | {"today": 0}) else slot
        if name not in self._values:
            self._values[name] = self._draw(self.play.slots[name])
        value = self._values[name]
        if isinstance(value, date):
            return _date(value, form if name == base else "iso")
        if part and not isinstance(value, dict):
            return f"{value}.{part}"
        return str(value[part] if part else value)

    def _draw(self, spec: Any) -> Any:
        if isinstance(spec, list):
            return self.rng.choice(spec)
        kind, _, rest = str(spec).partition(" ")
        if kind in ("day", "workday", "money", "int"):
            low, high = (int(end) for end in rest.split(".."))
            number = self.rng.randint(low, high)
            if kind.endswith("day"):
                day = self.now.date() + timedelta(days=number)
                return day + timedelta(days=7 - day.weekday() if kind == "workday" and day.weekday() > 4 else 0)
            return number if kind == "int" else f"{number}.{self.rng.choice(('00', '50', '90', '20', '75'))}"
        digits = re.sub("#", lambda _: str(self.rng.randint(0, 9)), str(spec))
        return re.sub("@", lambda _: self.rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ"), digits)


MESSAGE_FIELDS = (
    "role",
    "content",
    "name",
    "tool_calls",
    "tool_call_id",
    "timestamp",
    "latency_ms",
    "finish_reason",
    "error",
    "citations",
    "retrieved",
    "feedback",
)


class _Style:
    """How one customer writes: case, punctuation, slips of the finger, an emoji."""

    def __init__(self, rng: Random) -> None:
        self.lower = rng.random() < 0.3
        self.bare = rng.random() < 0.2
        self.slips = 0.05 if rng.random() < 0.25 else 0.004
        self.emoji = rng.random() < 0.05

    def write(self, rng: Random, text: str) -> str:
        words = [self._word(rng, word) for word in text.split(" ")]
        text = " ".join(words)
        if not self.lower:
            return (text[:1].upper() + text[1:]) + self._end(rng)
        return text + self._end(rng)

    def _end(self, rng: Random) -> str:
        return " " + rng.choice(_EMOJI) if self.emoji and rng.random() < 0.4 else ""

    def _word(self, rng: Random, word: str) -> str:
        if "$" in word:
            return word
        if self.lower:
            word = word.lower()
        if self.bare:
            word = word.rstrip(".,!?")
        if len(word) >= 5 and word.isalpha() and rng.random() < self.slips:
            at = rng.randint(1, len(word) - 3)
            swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            return rng.choice((swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]))
        return word


def _cue(line: Line) -> str:
    """How a mode's `at` names a line: `call tool` or `bot=answer`."""
    if line.kind == "call":
        return "call " + line.text.split(" ")[0]
    return f"{line.kind}={line.name}"


def _person(rng: Random, person: tuple[str, str]) -> dict[str, Any]:
    first, last = person
    mail = rng.choice((f"{first}.{last}", f"{first[0]}{last}", f"{last}{rng.randint(1, 99)}")).lower()
    phone = f"555-01{rng.randint(0, 99):02d}"
    return {"first": first, "last": last, "full": f"{first} {last}", "email": f"{mail}@example.com", "phone": phone}


def _date(value: date, form: str) -> str:
    if form == "text":
        return f"{_DAYS[value.weekday()]} {value.day} {_MONTHS[value.month - 1]}"
    if form == "uk":
        return f"{value.day:02d}/{value.month:02d}/{value.year}"
    return value.isoformat()


def _json(text: str) -> str:
    """The text as compact JSON, so that a slip in a script fails here and not in a reader."""
    return json.dumps(json.loads(text), ensure_ascii=False)
