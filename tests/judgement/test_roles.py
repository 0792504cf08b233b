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


@pytest.mark.parametrize("name", ["ANA", "Ａｎａ", "jose\u0301", "José  "])
def test_a_new_name_that_reads_like_anothers_is_nobodys_until_a_lead_gives_it_a_role(url: str, name: str) -> None:
    with closing(Judgement(url)) as judgement:
        for known in ("Ana", "josé"):
            judgement.pod.remember(known)
        before = judgement.pod.people()
        with pytest.raises(Denied, match="is too like"):
            judgement.pod.remember(name)
        with pytest.raises(Denied, match="is too like"):
            judgement.pod.admit(name, "lead", roles_given=True)
        assert judgement.pod.people() == before
        judgement.pod.set_role(name, "triager", actor="Ana")
        judgement.pod.admit(name.strip(), None, roles_given=False)
        assert judgement.pod.role_of(name) == "triager"


def test_whoever_is_known_comes_back_under_the_very_name(url: str) -> None:
    with closing(Judgement(url)) as judgement:
        for name in ("Ana", "Ana ", "Bo", "Ana"):
            judgement.pod.remember(name)
        assert [person.name for person in judgement.pod.people()] == ["Ana", "Bo"]
