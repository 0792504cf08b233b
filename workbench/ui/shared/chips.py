"""Chips of a cluster: status, severity, trend."""

from __future__ import annotations

import streamlit as st

from workbench.bench import wording
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.ranking import STOPPED_RULE
from workbench.judgement.taxonomy import SEVERITIES
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.shared.session import taxonomy
from workbench.ui.shared.text import SEVERITY_COLOURS, STATUS_COLOURS, badge


def status_chip(status: str) -> None:
    """Where the cluster stands."""
    badge(status, STATUS_COLOURS.get(status, "gray"))


def severity_chip(severity: str | None, source: str | None) -> None:
    """How bad it is; a suggestion says that it is one."""
    if severity is not None:
        suggested = "" if source == "person" else " suggested"
        badge(severity + suggested, SEVERITY_COLOURS.get(severity, "gray"), SEVERITIES.get(severity))


def chips(row: ClusterRow) -> None:
    """All that is said of a cluster in a word or two each."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        badge(row.cluster)
        if row.suspected:
            badge(wording.and_suspected(row), "orange", wording.SUSPECTED)
        status_chip(row.status)
        severity_chip(row.severity, row.severity_source)
        if row.escalating:
            rise = "This week's rate is above that of the four weeks before."
            badge(wording.escalating(row.status), "red", rise)
        if row.stopped:
            badge(f"stopped, last seen {formatting.day(row.last_seen)}", "gray", STOPPED_RULE)
        if row.root_cause:
            suggested = " suggested" if row.root_cause_source == "suggested" else ""
            badge(
                taxonomy().title(row.root_cause) + suggested,
                "gray" if suggested else "violet",
                wording.SOURCES.get(row.root_cause_source or ""),
            )
        badge(row.kind, "gray", _KINDS.get(row.kind))
        if row.theme:
            badge("theme " + formatting.shortened(visible(row.theme)))
        badge("bot " + formatting.shortened(visible(row.bot)))
        if row.owner:
            badge("owner " + formatting.shortened(visible(row.owner)))


_KINDS = {
    "mechanical": "These share one strong way of failing, whatever was asked.",
    "topical": "These asked for similar things and failed in similar ways.",
}
