"""The report for the board as one HTML file that prints well: no script, no remote address, every text escaped.

Log text is untrusted: each cell passes `_cell`, and the file's own Content-Security-Policy lets nothing in but its styles.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from workbench.reports import week_wording
from workbench.reports.board_report import WEEKS, BoardReport, BotChart, JudgedFix
from workbench.reports.readiness_rows import DAYS, NOT_MET, PARTLY, UNKNOWN
from workbench.reports.share import Share
from workbench.reports.week_rows import LISTS, BotWeek, ClusterWeek, Promise
from workbench.text.escaping import visible
from workbench.text.formatting import day, interval, percent
from workbench.text.masking import mask
from workbench.tickets import fix_rule
from workbench.tickets import wording as ticket_wording
from workbench.tickets.fix_rule import Period

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; color: #1b1f24; background: #fff; margin: 2.2rem auto; max-width: 62rem; padding: 0 1.4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; padding-bottom: .2rem; border-bottom: 2px solid #1f5a7a; break-after: avoid; }
h3 { font-size: .98rem; margin: 1.1rem 0 .3rem; break-after: avoid; }
p { margin: .3rem 0; }
.quiet { color: #55606b; font-size: .87rem; }
table { border-collapse: collapse; width: 100%; font-size: .87rem; margin: .4rem 0; }
th, td { text-align: left; vertical-align: top; padding: .32rem .55rem .32rem 0; border-bottom: 1px solid #d9dee3; overflow-wrap: break-word; }
th { font-weight: 600; color: #55606b; overflow-wrap: normal; }
td.number { font-variant-numeric: tabular-nums; }
tr, figure, article { break-inside: avoid; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(17.5rem, 1fr)); gap: 1rem; }
figure { margin: 0; }
figcaption { font-weight: 600; font-size: .9rem; }
svg { width: 100%; height: auto; display: block; }
td, li, p, figcaption { unicode-bidi: plaintext; text-align: start; }
article { border-left: 3px solid #1f5a7a; padding: .1rem 0 .1rem .8rem; margin: .7rem 0; }
@page { size: A4; margin: 14mm; }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 10.5pt; } .charts { grid-template-columns: repeat(3, 1fr); } }
"""
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 300, 132, 36, 22, 8
_VERDICTS = {fix_rule.FIXED: "✓ fixed", fix_rule.NOT_FIXED: "✗ not fixed"}
_STATES = {PARTLY: "◐ partly", NOT_MET: "✗ not met", UNKNOWN: "? can't be told"}
Row = Sequence[str]


def as_html(report: BoardReport) -> str:
    """The whole file."""
    week = report.week
    whose = f"Bot {week.bot}" if week.bot else "All bots"
    title = f"{week_wording.head(week)} · {whose}"
    body = [
        f"<h1>{_cell(week_wording.head(week))}</h1>",
        _quiet(f"{whose} · {' '.join(week_wording.standing(week))}"),
        *_section("How the bots fared", _bots(report)),
        *_section("What changed", _changes(report)),
        *_section("What fails most", _costliest(report)),
        *_section("What was promised", _promises(week.promised)),
        *_section("Did the fixes work?", _fixes(report.fixes)),
        *_section("Readiness", _readiness(report)),
        *_section("What the logs can't show", _gaps(report)),
        *_section("How to read this", _reading(report)),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_cell(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


# ── sections ──


def _bots(report: BoardReport) -> list[str]:
    if not report.week.bots:
        return [_quiet("No conversation in this week.")]
    heads = ["Bot", "Owner", "Conversations", "Failing", "Four weeks before", "Change", "Contained", "Before", "Change"]
    rows = [_bot(row) for row in report.week.bots]
    charts = [_chart(chart) for chart in report.charts if chart.weeks]
    note = f"Failing share by week, up to {WEEKS} weeks, with 95 % intervals." if charts else ""
    return [_table(heads, rows), '<div class="charts">', *charts, "</div>", _quiet(note)]


def _bot(row: BotWeek) -> Row:
    return [
        row.bot,
        week_wording.owner(row.owner),
        f"{row.conversations:,}",
        _share(row.failing.now) + (f", + {row.suspected:,} suspected" if row.suspected else ""),
        _share(row.failing.before),
        week_wording.change(row.failing),
        _share(row.contained.now),
        _share(row.contained.before),
        week_wording.change(row.contained),
    ]


def _changes(report: BoardReport) -> list[str]:
    parts = []
    for name in LISTS:
        rows = report.week.listed(name)
        parts.append(f"<h3>{_cell(week_wording.TITLES[name])} ({len(rows)})</h3>")
        heads = ["Cluster", "What was observed", "Bot", "This week", "Four weeks before", "Status", "Owner"]
        parts.append(_table(heads, [_moved(row) for row in rows]) if rows else _quiet(week_wording.NONE[name]))
    return [*parts, _quiet(week_wording.left_out(report.week))]


def _moved(row: ClusterWeek) -> Row:
    status = row.status + (", escalating" if row.escalating else "")
    now = _share(row.rate.now) if row.rate.now.total else f"{row.failures:,}"
    return [row.cluster, row.name, row.bot, now, _share(row.rate.before), status, week_wording.owner(row.owner)]


def _costliest(report: BoardReport) -> list[str]:
    parts = []
    for each in report.costliest:
        row = each.row
        rate = f"{percent(row.failure_rate)} ({interval(row.rate_low, row.rate_high)})" if row.eligible else "–"
        facts = [
            f"{row.failures:,} of {row.eligible:,} failed this way: {rate}",
            row.bot,
            row.status,
            week_wording.owner(row.owner),
        ]
        parts += [
            f"<article><h3>{_cell(f'{row.cluster} {row.name}')}</h3>",
            f"<p>{_cell(each.why)}</p>",
            _quiet(" · ".join(facts)) + "</article>",
        ]
    return parts or [_quiet("No cluster waits to be mended.")]


def _promises(promised: Sequence[Promise]) -> list[str]:
    if not promised:
        return [_quiet("Nothing was promised that is not done.")]
    rows = [[made.ticket or made.cluster or "", made.title, week_wording.promise(made)] for made in promised]
    return [_table(["", "What", "How it stands"], rows)]


def _fixes(fixes: Sequence[JudgedFix]) -> list[str]:
    if not fixes:
        return [_quiet("No fix was recorded yet.")]
    heads = ["Ticket", "What", "Status", "Before the fix", "After it", "Verdict"]
    return [_table(heads, [_fix(fix) for fix in fixes])]


def _fix(fix: JudgedFix) -> Row:
    status = ticket_wording.STATUSES.get(fix.ticket.status, fix.ticket.status)
    if fix.verification is None:
        return [fix.ticket.ticket, fix.title, status, "–", "–", fix.problem]
    judged = fix.verification
    verdict = _VERDICTS.get(judged.verdict.verdict, judged.verdict.verdict)
    needed = judged.verdict.needed
    if judged.verdict.verdict not in _VERDICTS and needed:
        verdict += f": {judged.after.eligible:,} of the {needed:,} conversations that can tell"
    if judged.verdict.warning:
        verdict += f". {judged.verdict.warning}"
    return [fix.ticket.ticket, fix.title, status, _period(judged.before), _period(judged.after), verdict]


def _readiness(report: BoardReport) -> list[str]:
    """How many checks each bot meets, and every one that it does not."""
    heads = ["Bot", "Live", *(f"By day {day}" for day in DAYS)]
    counted = [
        [
            row.bot,
            "–" if row.live is None else f"{row.live:,} days",
            *(f"{row.met(day)} of {len(row.by(day))} met{'' if row.is_due(day) else ', not due'}" for day in DAYS),
        ]
        for row in report.readiness
    ]
    lacking = [
        [row.bot, str(check.by_day), check.title, _STATES[check.state], check.reason]
        for row in report.readiness
        for check in row.open
    ]
    parts = [_table(heads, counted)]
    if lacking:
        parts.append(_table(["Bot", "By day", "What should hold", "State", "Why"], lacking))
    return parts


def _gaps(report: BoardReport) -> list[str]:
    rows = [[each.import_id, f"{each.conversations:,}", week_wording.gaps(each)] for each in report.week.gaps]
    return [_table(["Import", "Conversations", "What is missing"], rows) if rows else _quiet("No import serves now.")]


def _reading(report: BoardReport) -> list[str]:
    through = f", data through {day(report.week.data_through)}" if report.week.data_through else ""
    return [
        _quiet(
            "Shares stand with their 95 % interval (Wilson), verdicts with their 90 % interval. A change counts where a "
            "two-proportion test against the four weeks before gives p < 0.05. What came with a failure is correlation, not cause. "
            "Names, numbers and addresses of people are masked."
        ),
        _quiet(f"Snapshot {report.snapshot}{through}."),
    ]


# ── parts ──


def _section(title: str, body: Sequence[str]) -> list[str]:
    return ["<section>", f"<h2>{_cell(title)}</h2>", *body, "</section>"]


def _quiet(text: str) -> str:
    return f'<p class="quiet">{_cell(text)}</p>' if text else ""


def _table(heads: Row, rows: Sequence[Row]) -> str:
    head = "".join(f'<th scope="col">{_cell(text)}</th>' for text in heads)
    lines = ["".join(f"<td>{_cell(text)}</td>" for text in row) for row in rows]
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(f'<tr>{line}</tr>' for line in lines)}</tbody></table>"
    )


def _cell(text: str) -> str:
    return escape(visible(mask(text)).replace(" %", "\u00a0%"))


def _share(share: Share) -> str:
    if not share.total:
        return "–"
    return f"{share.hits:,} of {share.total:,} ({percent(share.value)}, {interval(*share.bounds)})"


def _period(period: Period) -> str:
    if period.rate is None:
        return "–"
    return f"{period.failures:,} of {period.eligible:,} ({percent(period.rate)}, {interval(*period.bounds)})"


def _chart(chart: BotChart) -> str:
    """A point a week with its interval, on an axis from 0; weeks without conversations leave a gap in time unmarked."""
    shares = [share for _, share in chart.weeks]
    top = max(0.05, *(high for share in shares if (high := share.bounds[1]) is not None))
    step = (_WIDTH - _LEFT - 10) / max(len(shares) - 1, 1)

    def y(value: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / top)

    marks, line = [], []
    for place, share in enumerate(shares):
        x = _LEFT + place * step
        low, high = share.bounds
        if share.value is None or low is None or high is None:
            continue
        line.append(f"{x:.1f},{y(share.value):.1f}")
        marks.append(
            f'<line x1="{x:.1f}" y1="{y(low):.1f}" x2="{x:.1f}" y2="{y(high):.1f}" stroke="#5286a1" stroke-width="2"/>'
        )
        marks.append(f'<circle cx="{x:.1f}" cy="{y(share.value):.1f}" r="3" fill="#1f5a7a"/>')
    axis = [
        f'<line x1="{_LEFT}" y1="{y(value):.1f}" x2="{_WIDTH}" y2="{y(value):.1f}" stroke="#d9dee3"/>'
        f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" font-size="11" text-anchor="end" fill="#55606b">{percent(value)}</text>'
        for value in (0.0, top / 2, top)
    ]
    ends = [(_LEFT, "start", chart.weeks[0][0]), (_WIDTH, "end", chart.weeks[-1][0])][: len(shares)]
    labels = [
        f'<text x="{x}" y="{_HEIGHT - 6}" font-size="11" text-anchor="{anchor}" fill="#55606b">{_cell(week)}</text>'
        for x, anchor, week in ends
    ]
    shares_in_words = "; ".join(f"{week}: {_share(share)}" for week, share in chart.weeks)
    drawn = f'<polyline points="{" ".join(line)}" fill="none" stroke="#1f5a7a" stroke-width="1.5"/>'
    return (
        f'<figure><figcaption>{_cell(chart.bot)}</figcaption><svg viewBox="0 0 {_WIDTH + 6} {_HEIGHT}" role="img" '
        f'aria-label="{_cell(f"Failing share by week. {shares_in_words}")}">{"".join([*axis, *marks, drawn, *labels])}</svg></figure>'
    )
