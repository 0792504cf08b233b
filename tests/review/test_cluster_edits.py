"""Clusters changed by hand: what stands at once, what outlives a clustering, and what is refused."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.builds import build
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.errors import Conflict, Denied, UserError
from workbench.pipeline.build_lock import sole_builder
from workbench.review import cluster_edits
from workbench.store import Store


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 conversations of a shop, and a store of them: a mechanical cluster, and one for each of three topics."""
    folder = tmp_path_factory.mktemp("built")
    build(folder / "s", write_chat(folder / "log.parquet", small_log()))
    return folder


@pytest.fixture
def bench(folder: Path, tmp_path: Path) -> Iterator[Bench]:
    """A copy of that store, its log beside it."""
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    found = Bench(Store(tmp_path / "s"), "ann")
    yield found
    found.close()


def members(bench: Bench) -> dict[str, set[str]]:
    """Conversation ids by cluster; "" has those in no cluster."""
    found: dict[str, set[str]] = {}
    for row in bench.points():
        found.setdefault(row.cluster, set()).add(row.conversation_id)
    return found


def keys(bench: Bench, ids: set[str]) -> list[str]:
    return [row.key for row in bench.points() if row.conversation_id in ids]


def largest(bench: Bench) -> tuple[str, set[str]]:
    first = bench.clusters()[0].cluster
    return first, members(bench)[first]


def test_a_split_makes_a_cluster_with_the_next_id_and_leaves_the_label_on_both_parts(bench: Bench) -> None:
    before, (first, ids) = members(bench), largest(bench)
    bench.label(first, cause="tool-fault")
    part = set(sorted(ids)[:3])
    act = cluster_edits.split(bench, first, keys(bench, part), "parcels of spring")
    assert cluster_edits.pending(bench)
    build(bench.store.root, rearrange=True)
    new = f"FC-{len(before) + 1:04d}"
    assert not cluster_edits.pending(bench)
    assert members(bench) == before | {first: ids - part, new: part}
    assert (act.into, bench.cluster(new).row.name) == (new, "parcels of spring")
    labels = bench.judgement.labels.all()
    assert [(labels["cluster", one].cause, labels["cluster", one].inherited_from) for one in (first, new)] == [
        ("tool-fault", first), ("tool-fault", first),
    ]  # fmt: skip
    cluster_edits.confirm(bench, new)
    assert bench.judgement.labels.all()["cluster", new].inherited_from is None


def test_tickets_owners_and_mutes_follow_a_split(bench: Bench) -> None:
    from datetime import date

    first, ids = largest(bench)
    judgement = bench.judgement
    judgement.pod.set_owner(first, "bea", actor="ann")
    judgement.pod.mute(first, date(2099, 1, 1), actor="ann")
    new = cluster_edits.split(bench, first, keys(bench, set(sorted(ids)[:3]))).into
    assert new is not None
    assert (judgement.pod.owners()[new], judgement.pod.mutes()[new].until) == ("bea", date(2099, 1, 1))


def test_a_merge_a_move_and_a_set_aside_take_effect_together_and_in_order(bench: Bench) -> None:
    before = members(bench)
    one, two, three = [row.cluster for row in bench.clusters() if row.kind == "topical"][:3]
    moved, out = set(sorted(before[two])[:1]), set(sorted(before[two])[1:2])
    cluster_edits.move(bench, two, three, keys(bench, moved))
    build(bench.store.root, rearrange=True)
    cluster_edits.set_aside(bench, two, keys(bench, out))
    build(bench.store.root, rearrange=True)
    cluster_edits.merge(bench, one, two)
    build(bench.store.root, rearrange=True)
    after = {name: ids for name, ids in before.items() if name != one}
    assert members(bench) == after | {
        two: before[one] | before[two] - moved - out, three: before[three] | moved, "": out
    }  # fmt: skip
    assert [row.conversation_id for row in cluster_edits.in_no_cluster(bench)] == sorted(out)
    assert bench.conversation(keys(bench, out)[0]).failed


def test_what_hands_changed_outlives_a_clustering_a_new_import_and_the_loss_of_all_evidence(
    bench: Bench, tmp_path: Path
) -> None:
    first, ids = largest(bench)
    part = set(sorted(ids)[:3])
    new = cluster_edits.split(bench, first, keys(bench, part)).into
    out = set(sorted(ids)[3:4])
    build(bench.store.root)
    cluster_edits.set_aside(bench, first, keys(bench, out))
    build(bench.store.root)
    stands = members(bench)
    assert (stands[new or ""], stands[""]) == (part, out)

    more = [row | {"conversation_id": f"new-{row['conversation_id']}"} for row in small_log()[1::2]]
    build(bench.store.root, write_chat(tmp_path / "more.parquet", more))
    assert {name: {i for i in found if "new" not in i} for name, found in members(bench).items()} == stands

    bench.close()
    for file in [*bench.store.snapshots.iterdir(), bench.store.root / "current.json"]:
        file.unlink()
    for folder in bench.store.parts.iterdir():
        os.rename(folder, tmp_path / folder.name)
    build(bench.store.root, tmp_path / "log.parquet")
    again = Bench(bench.store)
    assert members(again) == stands
    again.close()


def test_later_failures_join_the_part_that_they_are_nearest_to(bench: Bench, tmp_path: Path) -> None:
    first, ids = largest(bench)
    part = {sorted(ids)[0]}
    new = cluster_edits.split(bench, first, keys(bench, part)).into
    twins = [row | {"conversation_id": "twin"} for row in small_log() if {row["conversation_id"]} == part]
    build(bench.store.root, write_chat(tmp_path / "twin.parquet", twins))
    assert members(bench)[new or ""] == part | {"twin"}


def test_taking_an_act_back_gives_the_clusters_back(bench: Bench) -> None:
    before, (first, ids) = members(bench), largest(bench)
    act = cluster_edits.split(bench, first, keys(bench, set(sorted(ids)[:3])))
    build(bench.store.root, rearrange=True)
    bench.judgement.undo(act.version, "ann")
    assert cluster_edits.pending(bench)
    build(bench.store.root, rearrange=True)
    assert members(bench) == before
    gone = cluster_edits.successor(bench, act.into or "")
    assert gone is not None
    assert (gone.relation, gone.other, gone.into) == ("merged", first, True)


def test_a_merged_id_says_where_it_went(bench: Bench) -> None:
    one, two = [row.cluster for row in bench.clusters()][:2]
    cluster_edits.merge(bench, one, two)
    build(bench.store.root, rearrange=True)
    step = cluster_edits.successor(bench, one)
    assert step is not None
    assert (step.relation, step.other, step.into, step.by) == ("merged", two, True, "ann")
    with pytest.raises(UserError, match=f"{one} was merged into {two} by ann"):
        bench.cluster(one)
    assert cluster_edits.successor(bench, "FC-9999") is None


def test_a_crash_between_the_switch_and_its_record_heals_with_acts_too(bench: Bench, tmp_path: Path) -> None:
    first, ids = largest(bench)
    part = set(sorted(ids)[:3])
    new = cluster_edits.split(bench, first, keys(bench, part)).into or ""
    bench.close()
    shutil.copy(bench.store.root / "judgement.db", tmp_path / "before.db")
    build(bench.store.root, rearrange=True)
    for file in bench.store.root.glob("judgement.*"):
        file.unlink()
    shutil.copy(tmp_path / "before.db", bench.store.root / "judgement.db")

    healed = Bench(bench.store)
    assert members(healed)[new] == part
    register = {one.cluster: set(one.members) for one in healed.judgement.register.clusters()}
    assert (register[first], register[new]) == (set(keys(healed, ids)), set(keys(healed, part)))
    healed.close()


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda b, one, two: cluster_edits.split(b, one, []), "on both sides"),
        (lambda b, one, two: cluster_edits.split(b, one, keys(b, members(b)[one])), "on both sides"),
        (lambda b, one, two: cluster_edits.merge(b, one, one), "already there"),
        (lambda b, one, two: cluster_edits.merge(b, one, "FC-0099"), "FC-0099 is gone"),
        (lambda b, one, two: cluster_edits.merge(b, "FC-0099", one), "FC-0099 is gone"),
        (lambda b, one, two: cluster_edits.move(b, one, two, []), "No failure was chosen"),
        (lambda b, one, two: cluster_edits.move(b, one, two, keys(b, members(b)[two])), "are not in FC-"),
    ],
)
def test_what_can_not_be_done_is_said(bench: Bench, act, told: str) -> None:  # type: ignore[no-untyped-def]
    one, two = [row.cluster for row in bench.clusters()][:2]
    with pytest.raises(UserError, match=told):
        act(bench, one, two)
    assert bench.judgement.edits.all() == []


def test_a_second_change_waits_for_the_first_and_a_split_for_a_build(bench: Bench) -> None:
    one, two = [row.cluster for row in bench.clusters()][:2]
    with sole_builder(bench.store, print), pytest.raises(Conflict, match="running"):
        cluster_edits.split(bench, one, [bench.cluster(one).members[0].key])
    cluster_edits.merge(bench, one, two)
    with pytest.raises(Conflict, match="still being applied"):
        cluster_edits.merge(bench, two, one)


def test_a_viewer_changes_no_cluster(bench: Bench) -> None:
    one, two = [row.cluster for row in bench.clusters()][:2]
    bench.judgement.pod.set_role("vic", "viewer", actor="ann")
    with pytest.raises(Denied):
        cluster_edits.merge(bench.acting("vic"), one, two)
