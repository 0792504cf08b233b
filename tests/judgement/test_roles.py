"""What somebody may do is asked at each act: a role that was taken away is gone with the next."""

from contextlib import closing

import pytest

from workbench.access import Access
from workbench.errors import Denied
from workbench.judgement.store import Judgement


def test_a_role_that_is_taken_away_is_gone_with_the_next_action_and_nothing_is_written(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Role taken away mid-session: the next action is denied."""
    monkeypatch.setenv("WORKBENCH_ACCESS", "")
    Access(header="x-user").apply()
    with closing(Judgement(url)) as here, closing(Judgement(url)) as elsewhere:
        here.pod.set_role("Ana", "lead", actor="Ana")
        here.pod.set_role("Bo", "triager", actor="Ana")
        here.labels.set("cluster", "FC-0001", cause="loop", actor="Bo")
        elsewhere.pod.set_role("Bo", "viewer", actor="Ana")
        before = here.journal.sequence()
        with pytest.raises(Denied, match="Bo is a viewer here"):
            here.labels.set("cluster", "FC-0001", cause="handoff", actor="Bo")
        assert here.labels.all()["cluster", "FC-0001"].cause == "loop"
        assert here.journal.sequence() == before
