"""The tools, served over standard input and output. Each is one call of the bench's public functions, as a page makes it.

Whatever a log says stands between marks in an answer's text and under `untrusted` in its data. Nothing is written, no
event is appended, and no address is listened on or called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from typing import Annotated, Concatenate, Literal, ParamSpec

from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from workbench.bench import wording
from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.filter import Filter
from workbench.bench.known_values import require_known
from workbench.bench.overlay import STATUSES
from workbench.bench.search import search
from workbench.bench.search_rows import SearchFilter
from workbench.bench.why import why
from workbench.conversation import printed
from workbench.errors import UserError, WorkbenchError
from workbench.mcp_server.cluster_answers import ClusterAnswer, ClusterList
from workbench.mcp_server.cluster_figures import cluster_answer, cluster_figures, sentence, short, week_answer
from workbench.mcp_server.conversation_answers import ConversationAnswer, SearchAnswer
from workbench.mcp_server.conversation_pages import conversation_answer, page_of, search_answer, search_lines
from workbench.mcp_server.logged import LoggedText
from workbench.mcp_server.ticket_answers import BundleAnswer, PeriodFigures, VerdictAnswer
from workbench.mcp_server.week_answers import WeekAnswer
from workbench.reports import week_wording
from workbench.reports.week import week_report
from workbench.text.escaping import visible
from workbench.text.fencing import UNTRUSTED, fenced_log
from workbench.text.formatting import count, percent, since
from workbench.text.values import json_value
from workbench.tickets import tickets, verification
from workbench.tickets.bundle import bundle
from workbench.tickets.fix_rule import Period

INSTRUCTIONS = (
    "What a team's chatbots do wrong, from their logged conversations: read-only, personal data masked. "
    f"{UNTRUSTED} In structured answers the same stands under `untrusted`. Begin with `week` or `clusters`; "
    "`ticket_bundle` has all that it takes to begin with a fix, `verdict` says whether a fix worked."
)
CLUSTERS = 20
"""Clusters a page."""
_READ_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

Bot = Annotated[str | None, Field(description="Only this bot, as logged.")]
FirstPage = Annotated[int, Field(ge=1, description="The page, from 1.")]
ClusterId = Annotated[str, Field(description="A cluster like FC-0007.")]
TicketId = Annotated[str, Field(description="A ticket like FIX-0001.")]
Arguments = ParamSpec("Arguments")


def serve(bench: Bench) -> None:
    """Answer one client until it closes standard input."""
    server_of(bench).run("stdio")


def server_of(bench: Bench) -> MCPServer[dict[str, object]]:
    """The server with its tools over a bench."""
    server: MCPServer[dict[str, object]] = MCPServer(
        "triage-workbench", instructions=INSTRUCTIONS, log_level="WARNING", subscriptions=False
    )
    tools = Tools(bench)
    for tool in (
        tools.week, tools.clusters, tools.cluster, tools.conversation, tools.search, tools.ticket_bundle, tools.verdict,
    ):  # fmt: skip
        server.add_tool(tool, annotations=_READ_ONLY)
    return server


def _answered(
    tool: Callable[Concatenate[Tools, Arguments], CallToolResult],
) -> Callable[Concatenate[Tools, Arguments], CallToolResult]:
    """The tool, its refusals as a tool's error with the message that a person would get."""

    @wraps(tool)
    def answer(self: Tools, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> CallToolResult:
        try:
            return tool(self, *args, **kwargs)
        except WorkbenchError as e:
            text = self.refusal(str(e), [str(value) for value in kwargs.values()])
            return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)

    return answer


class Tools:
    """What an agent may ask; each method is a tool, its docstring what the agent reads of it."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def refusal(self, message: str, given: Sequence[str]) -> str:
        """An error's message; between marks where it names a bot or release of the log that the caller did not."""
        logged: list[str] = []
        with suppress(WorkbenchError):
            choices = self._bench.choices()
            logged = [name for name in (*choices.bot, *choices.release) if name not in given]
        return fenced_log(message) if any(name in message for name in logged) else visible(message)

    @_answered
    def week(
        self,
        week: Annotated[str | None, Field(description="Like 2026-W45; without it the last complete one.")] = None,
        bot: Bot = None,
    ) -> Annotated[CallToolResult, WeekAnswer]:
        """This week: how the bots fared, which clusters are new, back, rising or fading, what was promised, what the logs lack."""
        report = week_report(self._bench, bot, week.strip().upper() if week else None)
        return _result(week_answer(report), week_wording.head(report), week_wording.in_words(report))

    @_answered
    def clusters(
        self,
        bot: Bot = None,
        status: Annotated[str | None, Field(description=f"One of {', '.join(STATUSES)}.")] = None,
        page: FirstPage = 1,
    ) -> Annotated[CallToolResult, ClusterList]:
        """The ranked list of failure clusters: what to fix first. 20 a page."""
        wanted = Filter(bot=(bot,) if bot else (), status=(status,) if status else ())
        rows = self._bench.clusters(require_known(self._bench, wanted))
        pages = max(1, -(-len(rows) // CLUSTERS))
        page = min(page, pages)
        shown = rows[CLUSTERS * (page - 1) : CLUSTERS * page]
        head = f"{count(len(rows), 'cluster')}, page {page} of {pages}."
        answer = ClusterList([cluster_figures(row) for row in shown], len(rows), page, pages)
        return _result(answer, head, "\n".join(map(_line, shown)))

    @_answered
    def cluster(self, cluster: ClusterId) -> Annotated[CallToolResult, ClusterAnswer]:
        """One cluster: why it is one problem, how often and since when, what parts it from requests that worked, examples."""
        named = cluster.strip().upper()
        detail = self._bench.cluster(named)
        row = detail.row
        its_tickets = [ticket.ticket for ticket in self._bench.tickets.all() if named in ticket.clusters]
        answer = cluster_answer(detail, its_tickets)
        head = f"{row.cluster}: {row.status}, {count(row.size, 'failing conversation')}. Tickets: {', '.join(its_tickets) or 'none'}."
        lines = [
            sentence(row.name),
            f"Bot: {short(row.bot)}. A typical request: “{sentence(row.sentence)}”",
            why(detail.onset, detail.suspects, detail.parted, row.first_seen),
            f"{wording.how_often(row)} {since(row.first_seen, row.last_seen)}",
            *(
                f"- {seen.untrusted.text}: {seen.count:,} of {seen.total:,}, {percent(seen.base_rate)} of the bot's others"
                for seen in answer.facts
            ),
            *(
                f"- example: conversation {example.untrusted.conversation_id}, bot {example.untrusted.bot}, "
                f"{'' if example.failing_turn is None else f'look at turn {example.failing_turn}: '}{example.untrusted.request}"
                for example in answer.examples
            ),
        ]
        return _result(answer, head, "\n".join(lines))

    @_answered
    def conversation(
        self,
        conversation_id: Annotated[str, Field(description="As logged.")],
        bot: Annotated[str | None, Field(description="Its bot, where several bots have this id.")] = None,
        from_turn: Annotated[int, Field(ge=0, description="Where to begin; long ones come in pages.")] = 0,
    ) -> Annotated[CallToolResult, ConversationAnswer]:
        """One conversation as its page shows it: who said what, tool calls with arguments and results, errors."""
        whole, outcome = self._bench.transcript(self._bench.find_conversation(conversation_id, bot))
        total = len(whole.turns)
        if from_turn and from_turn >= total:
            raise UserError(f"This conversation has {count(total, 'turn')}; there is no turn {from_turn}.")
        page = page_of(whole, from_turn)
        shown = page.conversation.turns
        head = f"{count(total, 'turn')}, outcome {outcome}"
        head += f", here turns {shown[0].position} to {shown[-1].position}." if shown else "."
        head += f" Go on with from_turn={page.next_turn}." if page.next_turn is not None else ""
        if page.cut:
            head += f" {page.cut:,} characters of long texts are left out; `python -m workbench show` prints them."
        return _result(conversation_answer(page, outcome, total), head, printed.as_text(page.conversation, outcome))

    @_answered
    def search(
        self,
        query: Annotated[str, Field(description='Words, "phrases", -excluded; by meaning any request.')],
        by: Annotated[
            Literal["words", "meaning"], Field(description="By meaning the model is loaded first, which takes seconds.")
        ] = "words",
        bot: Bot = None,
        page: FirstPage = 1,
    ) -> Annotated[CallToolResult, SearchAnswer]:
        """Conversations by their words or by the meaning of what was asked. 50 a page."""
        require_known(self._bench, Filter(bot=(bot,) if bot else ()))
        result = search(self._bench, query, SearchFilter(bot=(bot,) if bot else ()), by, page)
        head = f"{count(result.total, 'conversation')}, page {result.page} of {result.pages}."
        return _result(search_answer(result), head, "\n".join(search_lines(result.rows)))

    @_answered
    def ticket_bundle(self, ticket: TicketId) -> Annotated[CallToolResult, BundleAnswer]:
        """All that it takes to begin with a ticket's fix, in at most 4,000 tokens: what happens, evidence, examples, when it is done."""
        row = tickets.row(self._bench.tickets.get(ticket.strip().upper()), self._bench.causes.taxonomy())
        made = bundle(row)
        answer = BundleAnswer(row.ticket, row.status, row.severity, row.cause, row.clusters, made.tokens, made.left_out)
        return CallToolResult(content=[TextContent(type="text", text=made.text)], structured_content=_data(answer))

    @_answered
    def verdict(self, ticket: TicketId) -> Annotated[CallToolResult, VerdictAnswer]:
        """Did a ticket's fix work? The rate of its failures before and after; nothing is recorded by asking."""
        judged = verification.verify(self._bench, ticket.strip().upper())
        answer = VerdictAnswer(
            judged.ticket,
            judged.status,
            judged.verdict.verdict,
            judged.verdict.improved,
            _period(judged.before),
            _period(judged.after),
            judged.verdict.needed,
            LoggedText(sentence(judged.verdict.warning or "")),
        )
        return _result(answer, f"{judged.ticket}: {judged.verdict.verdict}.", verification.in_words(judged))


def _result(answer: object, head: str, logged: str) -> CallToolResult:
    """An answer: our own head line, then what holds log text between its marks; the same as data."""
    text = f"{visible(head)}\n\n{fenced_log(logged)}" if logged else visible(head)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=_data(answer))


def _data(answer: object) -> dict[str, object]:
    value = json_value(answer)
    assert isinstance(value, dict)
    return value


def _line(row: ClusterRow) -> str:
    rate = wording.how_often(row).rstrip(".").split(": ")[-1] if row.failure_rate is not None else "no rate"
    parts = [row.cluster, short(row.bot), sentence(row.name), count(row.size, "failure"), rate, row.trend, row.status,
             row.root_cause]  # fmt: skip
    return " · ".join(part for part in parts if part)


def _period(period: Period) -> PeriodFigures:
    low, high = period.bounds
    return PeriodFigures(period.start, period.end, period.eligible, period.failures, period.rate, low, high)
