"""Causes of a real store's clusters, corrected by what people said of single conversations."""

from contextlib import closing

import pytest

from workbench.bench.bench import Bench
from workbench.review.cause_shares import cause_shares
from workbench.review.estimate import Stratum
from workbench.store import Store


def test_what_members_inherit_is_corrected_by_what_people_said_of_single_ones(store: Store) -> None:
    with closing(Bench(store, actor="Ana")) as bench:
        row = bench.clusters()[0]
        bench.label(row.cluster, cause="tool-fault")
        (alone,) = cause_shares(bench, row.bot)
        assert (alone.cause, alone.counted.yes.population, alone.counted.yes.read, alone.share) == (
            "tool-fault",
            row.size,
            0,
            None,
        )
        members = [member.key for member in bench.cluster(row.cluster).members]
        for key in members[:3]:
            bench.label(key, cause="tool-fault")
        bench.label(members[3], cause="loop")
        others = [key for key in bench.evidence.flags(row.bot) if key not in members]
        for key in others[:4]:
            bench.judgement.verdicts.add(key, actor="Ana", verdict="fine")
        shares = {share.cause: share for share in cause_shares(bench, row.bot)}
    population = len(members) + len(others)
    assert shares["tool-fault"].counted.yes == Stratum(len(members), 4, 3)
    assert shares["tool-fault"].counted.no == Stratum(population - len(members), 4, 0)
    corrected = shares["tool-fault"].share
    assert corrected is not None
    assert corrected.low < 0.75 * len(members) / population < corrected.high
    assert shares["tool-fault"].advice.startswith("Read ")
    assert shares["loop"].counted.yes.population == 0
    assert shares["loop"].share is not None
    assert shares["tool-fault"].inherited == pytest.approx(len(members) / population)


def test_what_a_reading_list_picked_for_what_is_in_it_corrects_nothing(store: Store) -> None:
    with closing(Bench(store, actor="Ana")) as bench:
        row = bench.clusters()[0]
        bench.label(row.cluster, cause="tool-fault")
        key = bench.cluster(row.cluster).members[0].key
        other = next(key for key in bench.evidence.flags(row.bot) if bench.evidence.analysis(key).cluster is None)
        for picked in (key, other):
            bench.judgement.verdicts.add(picked, actor="Ana", source="learn", verdict="fine")
        bench.label(key, cause="loop")
        (share,) = cause_shares(bench, row.bot)
    assert (share.cause, share.counted.yes.read, share.counted.no.read) == ("tool-fault", 0, 0)
