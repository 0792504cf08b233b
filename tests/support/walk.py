"""The address of every page with something on it, in a demo whose pod has worked: what pictures and checks walk through."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlencode

from tests.support.paths import ROOT
from workbench.bench.bench import Bench
from workbench.demo.history import write_history
from workbench.review import reading_lists
from workbench.store import Store
from workbench.triage import agenda
from workbench.triage import session as triage

VISITOR = "Ana"
"""Who looks."""


def worked_in(demo: Store, folder: Path) -> Store:
    """A copy, in a folder, of the demo's store with its history, and a session and a reading list of Ana's that are open."""
    shutil.copytree(demo.root, folder / "store")
    store = Store(folder / "store")
    write_history(store)
    bench = Bench(store, VISITOR)
    bench.pod.remember(VISITOR)
    session = bench.sessions.create("Triage, this week", agenda.agenda(bench))
    triage.decide(bench, session.session, session.agenda[0].cluster, cause="bad-format")
    reading_lists.start(bench, "mixed", 12)
    return store


def addresses(store: Store) -> dict[str, str]:
    """The path and query of every page by a name: each file in pages/, what shows a single thing with one, and other faces of some."""
    bench = Bench(store, VISITOR)
    session = next(session for session in bench.sessions.all() if session.status == "open")
    closed = next(session for session in bench.sessions.all() if session.status == "closed")
    listed = reading_lists.open_lists(bench)[0]
    first = next(row for row in bench.clusters() if bench.cluster(row.cluster).parted)
    single = {
        "cluster": {"c": first.cluster},
        "conversation": {"k": bench.cluster(first.cluster).examples[0].key},
        "session": {"s": session.session, "n": "1"},
        "ticket": {"t": bench.tickets.all()[0].ticket},
    }
    faces: dict[str, tuple[str, dict[str, str]]] = {
        page.stem: (page.stem, single.get(page.stem, {})) for page in sorted((ROOT / "pages").glob("*.py"))
    }
    faces |= {
        "session-promises": ("session", {"s": session.session, "n": "0"}),
        "session-minutes": ("session", {"s": closed.session, "n": str(len(closed.agenda) + 1)}),
        "ticket-draft": ("ticket", {"c": first.cluster}),
        "agreement-round": ("agreement", {"r": "AG-0001"}),
        "read-list": ("read", {"d": listed.draw.draw}),
    }
    return {name: f"/{page}?{urlencode(query)}" if query else f"/{page}" for name, (page, query) in faces.items()}
