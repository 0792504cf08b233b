"""A ticket's numbers in the words that an engineer reads who never saw the workbench. Pure; says only what was observed."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.plain import plain_words
from workbench.signals import REGISTRY
from workbench.ticket_evidence import ClusterEvidence
from workbench.views import Fact
from workbench.words import among, count, day, how_often, percent

TITLE = 200
SHOWN_FACTS, SHOWN_RELEASES = 5, 3
LEAST_FAILURES = 10
_TRENDS = {
    "rising": "rising: more often in the last complete week than in the four before",
    "falling": "falling: less often in the last complete week than in the four before",
    "flat": "no clear change in the last complete week against the four before",
    "new": "new in the last complete week",
}
_JUDGED = REGISTRY["log-says-failed"].title


def title(clusters: Sequence[ClusterEvidence]) -> str:
    """One line of plain words: which bot, which requests, what happens to them."""
    first = clusters[0]
    what = _how(first) if first.kind == "mechanical" else f"{_asked(first)} {_fails(first)}"
    others = f", and {count(len(clusters) - 1, 'other cluster')}" if len(clusters) > 1 else ""
    return plain_words(f"{first.bot}: {what}{others}", TITLE)


def description(clusters: Sequence[ClusterEvidence]) -> str:
    """Paragraphs of plain text for each cluster: what happens, how often, since when, where."""
    return "\n\n".join(_one(cluster, named=len(clusters) > 1) for cluster in clusters)


def acceptance(clusters: Sequence[ClusterEvidence]) -> str:
    """When the ticket is done, as plain text: the rule of DESIGN.md's verification with this ticket's numbers."""
    told = [
        "The fix is judged by new conversations only: those of the release, or from the day on, that it is recorded with.",
        *(_target(cluster) for cluster in clusters),
        "Until enough such conversations came in to tell (80 % power if nine in ten of these failures stop), the verdict "
        "is “too little traffic”, not “fixed”. The share of all failures among the same requests is shown beside it: it "
        "should fall too, or the failure only changed its shape.",
    ]
    return "\n".join(told)


def trend(cluster: ClusterEvidence) -> str:
    """Where it goes, and against what that is measured."""
    return _TRENDS.get(cluster.trend or "", "not known, the log spans too little time")


def since(cluster: ClusterEvidence) -> str:
    """From when to when it was seen."""
    if cluster.first_seen is None or cluster.last_seen is None:
        return "the log has no times."
    if cluster.first_seen.date() == cluster.last_seen.date():
        return f"seen on {day(cluster.first_seen)} only."
    return f"first seen {day(cluster.first_seen)}, last seen {day(cluster.last_seen)}."


def fact(seen: Fact) -> str:
    """Something seen, with k of n beside how often it is seen elsewhere."""
    elsewhere = "" if seen.base_rate is None else f"; {percent(seen.base_rate)} of this bot's other conversations"
    return f"{seen.text}: {share(seen)}{elsewhere}"


def share(seen: Fact) -> str:
    return f"{seen.count:,} of {seen.total:,} ({percent(seen.count / seen.total if seen.total else None)})"


def facts(cluster: ClusterEvidence) -> list[Fact]:
    """The most telling things seen, without the log's own verdict, which says nothing of how it failed."""
    return [seen for seen in cluster.facts if seen.text != _JUDGED][:SHOWN_FACTS]


def releases(cluster: ClusterEvidence) -> list[Fact]:
    """The releases that the log names, those with most of these failures first."""
    return [seen for seen in cluster.releases if seen.text != "not logged" and seen.count]


def _one(cluster: ClusterEvidence, named: bool) -> str:
    judged = next((seen for seen in cluster.facts if seen.text == _JUDGED), None)
    opening = f"{cluster.cluster}: " if named else ""
    told = [
        f"{opening}{_opening(cluster)}",
        _typical(cluster),
        "",
        f"How it fails, in {count(cluster.size, 'conversation')}:",
    ]
    told += [f"- {fact(seen)}" for seen in facts(cluster)] or [
        "- nothing that sets them apart from other conversations"
    ]
    if judged:
        told.append(f"The log itself calls {judged.count:,} of {judged.total:,} failed.")
    told += ["", f"How often: {how_often(cluster)} Trend: {trend(cluster)}."]
    told.append(f"Since when: {since(cluster)}")
    told.append(f"Where: {_where(cluster)}")
    return "\n".join(line for line in told if line is not None)


def _opening(cluster: ClusterEvidence) -> str:
    if cluster.kind == "mechanical":
        return f"Conversations with the bot {cluster.bot} show the same fault, whatever was asked: {_how(cluster)}."
    return f"Some {_asked(cluster)} to the bot {cluster.bot} {_fails(cluster)}."


def _typical(cluster: ClusterEvidence) -> str | None:
    return f"A typical one begins: “{cluster.sentence}”" if cluster.sentence else None


def _asked(cluster: ClusterEvidence) -> str:
    topic = cluster.keywords[:2]
    return f"requests about {' and '.join(topic)}" if topic else "requests without words of the user"


def _fails(cluster: ClusterEvidence) -> str:
    how = _how(cluster)
    return "fail in several ways" if how == "mixed outcomes" else f"fail: {how}"


def _how(cluster: ClusterEvidence) -> str:
    """What the cluster's name says of how it went, without topic and count."""
    said = cluster.name.split(": ", 1)[-1]
    return said.rsplit(" (", 1)[0] if said.endswith(")") else said


def _where(cluster: ClusterEvidence) -> str:
    named = releases(cluster)
    if not named:
        return f"bot {cluster.bot}; the log names no release."
    most = "; ".join(f"{seen.text} {share(seen)}" for seen in named[:SHOWN_RELEASES])
    others = len(named) - SHOWN_RELEASES
    return f"bot {cluster.bot}, by release {most}" + (f"; and {count(others, 'other release')}." if others > 0 else ".")


def _target(cluster: ClusterEvidence) -> str:
    if cluster.failure_rate is None or cluster.failures < LEAST_FAILURES:
        return (
            f"- {cluster.cluster}: only {count(cluster.failures, 'failure')} among {among(cluster)} so far. A verdict needs "
            f"at least {LEAST_FAILURES} from before the fix; until then the examples must pass."
        )
    return (
        f"- {cluster.cluster}: fixed when, among {among(cluster)}, the share that fails this way is below half of what it "
        f"was. Before, {cluster.failures:,} of {cluster.eligible:,} failed ({percent(cluster.failure_rate)}), so the upper "
        f"end of the 90 % Wilson interval afterwards must lie below {100 * cluster.failure_rate / 2:.1f} %."
    )
