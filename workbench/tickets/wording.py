"""A ticket's numbers in the words that an engineer reads who never saw the workbench. Pure; says only what was observed."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.bench.cluster_detail import BehaviourRow, Fact, SuspectRow
from workbench.bench.why import CIRCUMSTANCES, why
from workbench.bench.wording import among, how_often
from workbench.clusters.naming import NO_SIGN
from workbench.dates import monday
from workbench.failures.signals import REGISTRY
from workbench.text.escaping import plain_words
from workbench.text.formatting import chance, count, day, interval, percent
from workbench.tickets.fix_rule import BEFORE_IT_SHIPS, WITH_FEWER, Prior, promise
from workbench.tickets.frozen_evidence import ClusterEvidence, Worked

TITLE = 200
SHOWN_FACTS = 5
STATUSES = {
    "open": "Open",
    "fixed": "Fixed, being watched",
    "verified": "Verified",
    "not-fixed": "Not fixed",
    "regressed": "Came back",
    "wont-fix": "Won't fix",
}
"""A ticket's status in words, on every page and in every export."""
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
    """A paragraph of plain text for each cluster: what happens, to how many, how often, and where it works."""
    return "\n\n".join(_paragraph(cluster, named=len(clusters) > 1) for cluster in clusters)


def acceptance(clusters: Sequence[ClusterEvidence]) -> str:
    """When the ticket is done, as plain text: the rule by which its fix is judged, with this ticket's numbers."""
    promises = (f"- {cluster.cluster}: {_promise(cluster)}" for cluster in clusters)
    return "\n".join([BEFORE_IT_SHIPS, *promises, WITH_FEWER])


def _promise(cluster: ClusterEvidence) -> str:
    """The rule with the numbers that its verdict would count: from the cluster's first failure on."""
    failures, eligible = cluster.judged_failures, cluster.judged_eligible
    if failures is None or not eligible:
        return promise(cluster.failures, cluster.eligible, among(cluster), Prior.of(cluster.peers))
    since = "" if (failures, eligible) == (cluster.failures, cluster.eligible) else " since the first failure"
    return promise(failures, eligible, f"{among(cluster)}{since}", Prior.of(cluster.peers))


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


def touched(conversations: int, users: int | None) -> str:
    """How much it touches: conversations, and users where the log names them."""
    return count(conversations, "conversation") + (f" of {count(users, 'user')}" if users else "")


def size(cluster: ClusterEvidence) -> str:
    """How many conversations failed this way, and how many of them the rate counts."""
    counted = (
        f"; the rate counts the {cluster.failures:,} that are near enough to others"
        if cluster.failures != cluster.size
        else ""
    )
    return touched(cluster.size, cluster.users) + counted


def onset(cluster: ClusterEvidence) -> str | None:
    """From which week on it happens more often than before."""
    rise = cluster.onset
    if rise is None:
        return None
    return (
        f"from the week of {day(monday(rise.week))} on: {rise.failures:,} of {rise.eligible:,} failed this way, "
        f"{rise.failures_before:,} of {rise.eligible_before:,} before"
    )


def suspect(row: SuspectRow) -> str:
    """A suspect with its counts, in one sentence; the words say correlation."""
    also = f" (the same conversations as {', '.join(row.also)})" if row.also else ""
    times = (
        f"{row.lift:.1f} times as often as without it ({percent(row.elsewhere)})" if row.lift else "never without it"
    )
    began = f"; none is older than its first use, {day(row.first_seen)}" if row.begins else ""
    return (
        f"{CIRCUMSTANCES.get(row.kind, row.kind)} {row.value}{also}: {row.hits:,} of {row.total:,} failed this way "
        f"({percent(row.rate)}, 95 % interval {interval(row.low, row.high)}), {times}; "
        f"{chance(row.p)}{began}"
    )


def parted(row: BehaviourRow) -> str:
    """What a bot did in failures and in the same requests that worked, in one sentence."""
    return f"{row.text} in {row.failing:,} of {row.failures:,} failures and in {row.working:,} of {row.worked:,} that worked"


def steps(worked: Worked) -> str:
    """What the bot did where it worked."""
    return f"What it did there: {', '.join(worked.steps)}." if worked.steps else "There the bot changed nothing."


def beside(worked: Worked) -> str:
    """How alike a success is to the failure that it stands beside."""
    return "the same task" if worked.same_task else f"a request {100 * worked.similarity:.0f} % alike"


def share(seen: Fact) -> str:
    """In how many of the members a fact was seen, in words."""
    return f"{seen.count:,} of {seen.total:,} ({percent(seen.count / seen.total if seen.total else None)})"


def facts(cluster: ClusterEvidence) -> list[Fact]:
    """The most telling things seen, without the log's own verdict, which says nothing of how it failed."""
    return [seen for seen in cluster.facts if seen.text != _JUDGED][:SHOWN_FACTS]


def releases(cluster: ClusterEvidence) -> list[Fact]:
    """The releases that the log names, those with most of these failures first."""
    return [seen for seen in cluster.releases if seen.text != "not logged" and seen.count]


def _paragraph(cluster: ClusterEvidence, named: bool) -> str:
    opening = f"{cluster.cluster}: " if named else ""
    begins = f" A typical one begins: “{cluster.sentence}”" if cluster.sentence else ""
    judged = next((seen for seen in cluster.facts if seen.text == _JUDGED), None)
    evident = cluster.onset or cluster.suspects or cluster.parted
    log = f" The log itself calls {judged.count:,} of {judged.total:,} failed." if judged else ""
    sentences = [
        f"{opening}{_opening(cluster)}{begins}",
        f"It touched {touched(cluster.size, cluster.users)}. {how_often(cluster)}{log}",
        *(
            [f"Why we think so: {why(cluster.onset, cluster.suspects, cluster.parted, cluster.first_seen)}"]
            if evident
            else []
        ),
        *([f"{cluster.noted_by} noted: {cluster.note}"] if cluster.note else []),
    ]
    return "\n".join(sentences)


def _opening(cluster: ClusterEvidence) -> str:
    if cluster.kind == "mechanical":
        return f"Conversations with the bot {cluster.bot} show the same fault, whatever was asked: {_how(cluster)}."
    return f"Some {_asked(cluster)} to the bot {cluster.bot} {_fails(cluster)}."


def _asked(cluster: ClusterEvidence) -> str:
    topic = cluster.keywords[:2]
    if topic:
        return f"requests about {' and '.join(topic)}"
    return "requests about various topics" if cluster.sentence else "requests without words of the user"


def _fails(cluster: ClusterEvidence) -> str:
    how = _how(cluster)
    return "fail without a sign in the log" if how.endswith(NO_SIGN) else f"fail (mostly: {how})"


def _how(cluster: ClusterEvidence) -> str:
    """What the cluster's name says of how it went, without topic and count."""
    outcome = cluster.name.split(": ", 1)[-1]
    return outcome.rsplit(" (", 1)[0] if outcome.endswith(")") else outcome
