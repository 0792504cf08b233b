"""The triage session on a shared screen: one cluster at a time, decided by key, and its minutes at the end."""

from workbench.ui.shared.session import open_bench
from workbench.ui.triage import session as triage

bench = open_bench()
session = triage.session_asked(bench)
place = triage.place_asked(bench, session)
triage.head(bench, session, place)

triage.follow(bench, session)

if place == len(session.agenda):
    triage.minutes_screen(bench, session)
elif place == triage.PROMISES:
    triage.promises_screen(bench, session)
else:
    cluster = session.agenda[place].cluster
    row = next((row for row in bench.clusters() if row.cluster == cluster), None)
    if row is None:
        triage.missing_screen(bench, session, cluster, place)
    else:
        triage.cluster_screen(bench, session, row, place)
