"""Do names let a reader pick what went wrong, and do they hold nothing that they must not?

    python benchmarks/names.py [--json] [--quiz] [--store FOLDER] [--members STORE] [--also STORE…]

*picked*: for each cluster of the demo with five failures or more, the planted mode that most of its failures have, among four of the
bot's modes (the other three at random, always the same ones). `--quiz` prints names and options without the answers; what a person
picked from the names alone, having seen no conversation, is kept in names_read.json, by name without its counts. Clusters whose
name was not read count as wrong. *keywords alone*: a rule without a reader that picks the mode with most words in common with the
name, and chance (.25), stand beside it; so do clusters by how pure they are, since of a mixed one no name can tell the mode.

*member*: for logs that nobody planted anything in (`--members`, a store with agents.parquet), the failure that is in the cluster of this
name, among four of the bot's: what was asked and what the bot called; the member at random, the other three from other clusters, always
the same ones. The words-in-common rule reads the same text.

*clean*: of all names, in the demo and in further stores (`--also`, as `python -m workbench import` builds them): those that say "mixed
outcomes"; that hold a word of a person's name (`workbench.conversation.people`, over all conversations of the bot); markup, blobs or
control tokens; two alike in a bot; "nothing changed" where a member carried out a change by its trace.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.planted import DEMO, build
from workbench.bench.bench import Bench
from workbench.clusters.topic_words import stop_words
from workbench.conversation.people import people
from workbench.conversation.tool_calls import bot_calls
from workbench.demo.generator import TRUTH_FILE
from workbench.stats import wilson
from workbench.store import Store

READ = Path(__file__).parent / "names_read.json"
OPTIONS, LEAST, SHOWN = 4, 5, 220
_COUNTS = re.compile(r" \([^()]*\)$")
_UNCLEAN = re.compile(r"[*`<>{}\[\]|#]|https?:|\bnull\b|\\n")


def main() -> None:
    """Print the figures, or the quiz."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quiz", action="store_true")
    parser.add_argument("--store", help="a store that holds the demo already")
    parser.add_argument("--members", help="a store of real logs, for the quiz of members")
    parser.add_argument("--also", nargs="*", default=[], help="stores of other logs, whose names are checked too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        store = arguments.store or scratch
        if not arguments.store:
            build(store, "normal")
        bench = Bench(Store(Path(store)))
        items = questions(bench)
        cleanliness = clean(bench)
        bench.close()
    real: list[dict[str, Any]] = []
    if arguments.members:
        bench = Bench(Store(Path(arguments.members)))
        real = questions_of_members(bench)
        bench.close()
    if arguments.quiz:
        for item in items:
            print(f"{item['bot']}: {item['name']}\n    {' | '.join(item['options'])}")
        for item in real:
            print(f"{item['bot']}: {item['name']}")
            for option in item["options"]:
                print(f"    {option}: {item['shown'][option]}")
        return
    figures = {"modes": picked(items), "members": picked(real)} if real else {"modes": picked(items)}
    figures["clean"] = {"demo": cleanliness}
    for other in arguments.also:
        bench = Bench(Store(Path(other)))
        figures["clean"][Path(other).name] = clean(bench)
        bench.close()
    print(json.dumps(figures, ensure_ascii=False)) if arguments.json else show(figures)


def questions(bench: Bench) -> list[dict[str, Any]]:
    """A question for each cluster: its name, four modes, the right one and how much of the cluster has it."""
    rows = pq.read_table(DEMO / TRUTH_FILE).to_pylist()
    mode_of = {(row["bot"], row["conversation_id"]): row["mode"] for row in rows if row["mode"]}
    modes = {
        bot: sorted({mode for (of, _), mode in mode_of.items() if of == bot}) for bot in {bot for bot, _ in mode_of}
    }
    members: dict[str, Counter[str]] = {}
    for failure in bench.failures():
        if failure.cluster and (mode := mode_of.get((failure.bot, failure.conversation_id))):
            members.setdefault(failure.cluster, Counter())[mode] += 1
    items = []
    for row in sorted(bench.clusters(), key=lambda row: (row.bot, row.name)):
        counts = members.get(row.cluster, Counter())
        if row.size < LEAST or not counts:
            continue
        mode, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
        drawn = random.Random(f"{row.bot} {mode}")
        options = [mode, *drawn.sample([other for other in modes[row.bot] if other != mode], OPTIONS - 1)]
        drawn.shuffle(options)
        items.append(
            {"bot": row.bot, "name": row.name, "options": options, "mode": mode, "purity": round(count / row.size, 3)}
        )
    return items


def questions_of_members(bench: Bench) -> list[dict[str, Any]]:
    """A question for each cluster of real logs: its name, four failures by the beginning of their ids, and the one that is a member."""
    members: dict[str, list[str]] = {}
    failures = sorted((row for row in bench.failures() if row.cluster), key=lambda row: row.key)
    for failure in failures:
        members.setdefault(failure.cluster or "", []).append(failure.key)
    rows = {row.cluster: row for row in bench.clusters()}
    ids = {failure.key: failure.conversation_id.partition("-")[2][:8] for failure in failures}
    items = []
    for row in sorted(rows.values(), key=lambda row: (row.bot, row.name)):
        if row.size < LEAST:
            continue
        drawn = random.Random(row.name)
        others = [other.cluster for other in rows.values() if other.bot == row.bot and other.cluster != row.cluster]
        keys = [drawn.choice(members[cluster]) for cluster in (row.cluster, *drawn.sample(sorted(others), OPTIONS - 1))]
        right, options = ids[keys[0]], [ids[key] for key in keys]
        shown = {ids[key]: _told(bench, key) for key in keys}
        drawn.shuffle(options)
        items.append(
            {"bot": row.bot, "name": row.name, "options": options, "shown": shown, "mode": right, "purity": 1.0}
        )
    return items


def _told(bench: Bench, key: str) -> str:
    """What was asked in a conversation, in its first words, and what the bot called."""
    (conversation,) = bench.evidence.conversations([key])
    asked = next((turn.content for turn in conversation.turns if turn.role == "user"), "")
    calls = list(dict.fromkeys(call.name for call in bot_calls(conversation)))
    return f"{' '.join(asked.split())[:SHOWN]} [{', '.join(calls)}]"


def picked(items: list[dict[str, Any]]) -> dict[str, Any]:
    """How often the reader, and a rule, picked the right mode."""
    read: dict[str, str] = json.loads(READ.read_text("utf-8")) if READ.exists() else {}
    rights = {"reader": 0, "words in common": 0}
    wrong = []
    for item in items:
        choice = read.get(_key(item))
        rights["reader"] += choice == item["mode"]
        rights["words in common"] += (
            max(item["options"], key=lambda option: _common(item["name"], _read(item, option))) == item["mode"]
        )
        if choice != item["mode"]:
            wrong.append(item | {"picked": choice})
    shares = {}
    for name, right in rights.items():
        low, high = wilson(right, len(items))
        shares[name] = {
            "right": right,
            "of": len(items),
            "share": round(right / len(items), 3),
            "interval": [round(low, 3), round(high, 3)],
        }
    wrong = [{name: value for name, value in item.items() if name != "shown"} for item in wrong]
    return {"picked": shares, "wrong": wrong, "unread": sum(_key(item) not in read for item in items)}


def _key(item: dict[str, Any]) -> str:
    return f"{item['bot']}: {_COUNTS.sub('', item['name'])}"


def _read(item: dict[str, Any], option: str) -> str:
    """What a reader has of an option."""
    return str(item["shown"][option]) if "shown" in item else option


def _common(name: str, option: str) -> int:
    return len(set(re.findall(r"\w+", name.lower())) & set(re.findall(r"\w+", option.lower())) - stop_words())


def clean(bench: Bench) -> dict[str, Any]:
    """What no name may hold, and the names that hold it."""
    rows = bench.clusters()
    names: dict[str, Counter[str]] = {}
    for bot in {row.bot for row in rows}:
        everyone = list(bench.evidence.flags(bot))
        told = names.setdefault(bot, Counter())
        for conversation in bench.evidence.conversations(everyone):
            told.update(people(conversation))
    alike = Counter((row.bot, _COUNTS.sub("", row.name)) for row in rows)
    changed = {
        row.cluster
        for row in rows
        if ": nothing changed (" in row.name
        for fact in bench.cluster(row.cluster).facts
        if fact.text.startswith("carries out ") and fact.count + _count(row.name) > row.size
    }
    return {
        "names": len(rows),
        "mixed outcomes": [row.name for row in rows if "mixed outcomes" in row.name],
        "persons": [row.name for row in rows if _named(row.name, row.keywords, names[row.bot])],
        "markup": [row.name for row in rows if _UNCLEAN.search(row.name)],
        "alike": [name for (_, name), count in alike.items() if count > 1],
        "nothing changed over changes": [row.name for row in rows if row.cluster in changed],
    }


def _count(name: str) -> int:
    return int(re.findall(r"\((\d+)/", name)[-1])


def _named(name: str, keywords: list[str], names: Counter[str]) -> bool:
    """Whether a topic's words are names of people; a word that is a name in one conversation and common otherwise is none."""
    topic = set(re.findall(r"\w+", name.split(":")[0].lower())) | set(keywords)
    return any(names[word] >= 2 for word in topic)


def show(figures: dict[str, Any]) -> None:
    """The figures for people."""
    for quiz in ("modes", "members"):
        for name, row in figures[quiz]["picked"].items() if quiz in figures else ():
            print(
                f"{quiz}, {name:16} {row['right']} of {row['of']}  {row['share']:.2f} [{row['interval'][0]:.2f}, {row['interval'][1]:.2f}]; chance .25"
            )
        if quiz in figures:
            print(f"names that nobody read: {figures[quiz]['unread']}")
        for item in figures[quiz]["wrong"] if quiz in figures else ():
            print(
                f"  wrong: {item['bot']}: {item['name']}: {item['mode']} ({item['purity']:.2f} of it), picked {item['picked']}"
            )
    for store, row in figures["clean"].items():
        print(
            f"{store}: {row['names']} names; "
            + ", ".join(f"{what}: {len(held)}" for what, held in row.items() if what != "names")
        )
        for what, held in row.items():
            if isinstance(held, list):
                for name in held:
                    print(f"    {what}: {name}")


if __name__ == "__main__":
    main()
