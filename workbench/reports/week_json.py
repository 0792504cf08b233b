"""The report of a week as one JSON document, which `week --json` prints."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from workbench.reports.share import Share
from workbench.reports.week_rows import LISTS, Compared, WeekReport
from workbench.text.values import json_value


def as_json(report: WeekReport) -> dict[str, Any]:
    """The report as one JSON document: what the page shows, every list in full."""
    span = report.span
    document = {
        field.name: _json(getattr(report, field.name)) for field in fields(report) if field.name not in _OWN_WAY
    }
    return {
        "week": span.week if span else None,
        "from": span.monday.isoformat() if span else None,
        "to": span.sunday.isoformat() if span else None,
        **document,
        **{name: [_json(cluster) for cluster in report.listed(name)] for name in LISTS},
        "mine": {
            "tickets": [
                {"ticket": ticket.ticket, "title": ticket.title, "status": ticket.status, "due": json_value(ticket.due)}
                for ticket in report.mine.tickets
            ],
            "clusters": [{"cluster": cluster.cluster, "name": cluster.name} for cluster in report.mine.clusters],
        },
    }


_OWN_WAY = ("span", "clusters", "mine")


def _json(value: Any) -> Any:
    """A value as JSON; a share with its rate and bounds, a comparison with its p and what it says."""
    match value:
        case Share():
            low, high = value.bounds
            return {"hits": value.hits, "total": value.total, "rate": value.value, "low": low, "high": high}
        case Compared():
            return {"now": _json(value.now), "before": _json(value.before), "p": value.p, "change": value.change}
        case list() | tuple():
            return [_json(item) for item in value]
        case _ if is_dataclass(value):
            return {field.name: _json(getattr(value, field.name)) for field in fields(value)}
    return json_value(value)
