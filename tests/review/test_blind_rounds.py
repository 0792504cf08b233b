"""What comes out of a blind round once it is revealed."""

from datetime import datetime

from workbench.judgement.records.labels import Label
from workbench.judgement.records.rounds import Round, Vote
from workbench.review.agreement import agreement
from workbench.review.blind_rounds import Results, Voted, VoteRow, vote_rows

AT = datetime(2026, 3, 2, 9)


def test_votes_leave_with_their_notes_masked_and_what_the_round_settled_on() -> None:
    votes = [
        Vote("AG-0001", "k", "Ana", cause="loop", severity="S2", note="ask bo@example.com", at=AT),
        Vote("AG-0001", "k", "Bo", disposition="not-a-bug", at=AT),
    ]
    settled = Label("conversation", "k", cause="loop", about={"round": "AG-0001"})
    voted = Voted("k", "c-1", "shop", "where is it", votes, settled, settled=True)
    found = Results(Round("AG-0001"), agreement([{"Ana": "loop", "Bo": "not-a-bug"}]), divided=[voted], agreed=[])
    assert vote_rows(found) == [
        VoteRow("AG-0001", "c-1", "shop", "Ana", "loop", "S2", "ask [email]", AT, "loop", "where is it"),
        VoteRow("AG-0001", "c-1", "shop", "Bo", "not-a-bug", None, "", AT, "loop", "where is it"),
    ]
