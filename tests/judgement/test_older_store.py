"""A store that the version before the house made, kept as a file: it opens, shows the same, and takes a write."""

import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.builds import build
from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.judgement.event_wording import sentence
from workbench.judgement.records.reading import CheckScope, ReadingScope
from workbench.judgement.store import Judgement
from workbench.store import Store

KEPT = Path(__file__).with_name("older_store.zip")


def test_a_store_of_the_version_before_opens_shows_the_same_and_takes_a_write(tmp_path: Path) -> None:
    with zipfile.ZipFile(KEPT) as archive:
        archive.extractall(tmp_path)
    with closing(Judgement(Store(tmp_path).judgement_url)) as judgement:
        assert judgement.journal.verify_chain().intact
        label = judgement.labels.all()["cluster", "FC-0001"]
        assert (label.cause, label.severity, label.by) == ("tool-fault", "S2", "Ann")
        assert judgement.pod.owners()["FC-0001"] == "Kim"
        assert [(row.ticket, row.title, row.clusters) for row in judgement.tickets.all()] == [
            ("FIX-0001", "Offer a person", ["FC-0001"])
        ]
        assert judgement.sessions.decisions("TS-0001")["FC-0001"].note == "look at the handover"
        assert [vote.code for vote in judgement.rounds.votes("AG-0001", seen_by="Bo")] == ["loop"]
        assert sorted(v.verdict for given in judgement.verdicts.all().values() for v in given) == ["failed", "fine"]
        read, checked = (draw.scope for draw in judgement.draws.all())
        assert isinstance(read, ReadingScope)
        assert len(read.list) == 4
        assert checked == CheckScope("FC-0001")
        assert [sentence(event) for event in judgement.journal.events() if event.subject.startswith("draw")] == [
            "Ann drew 2 members of FC-0001 to check its label (RD-0002)",
            "Ann started the reading list RD-0001 of 4 conversations",
        ]
        assert judgement.undo(judgement.tickets.get("FIX-0001").version, "Ann").after is None
        assert judgement.journal.verify_chain().intact


def test_its_snapshot_says_how_it_is_built_again_and_then_serves_under_the_same_ids(tmp_path: Path) -> None:
    with zipfile.ZipFile(KEPT) as archive:
        archive.extractall(tmp_path)
    refusal = r"has layout 3, this program reads \d+\. `python -m workbench analyze` builds it"
    with closing(Bench(Store(tmp_path), "Ann")) as bench, pytest.raises(UserError, match=refusal):
        bench.clusters()
    build(tmp_path)
    with closing(Bench(Store(tmp_path), "Ann")) as bench:
        assert {"FC-0001", "FC-0002", "FC-0003"} <= {row.cluster for row in bench.clusters()}
