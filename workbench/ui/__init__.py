"""What pages draw with: the session's bench, safe text, and the parts that several pages share."""

from workbench.text.escaping import plain
from workbench.ui.by_hand import by_hand, in_no_cluster
from workbench.ui.charts import cluster_map, weekly_chart
from workbench.ui.contrast import parted, worked
from workbench.ui.detail import about, jump_list, open_member, turn_asked, verdict
from workbench.ui.facts import chips, fact_list, kpis, member_card, quote, release_list
from workbench.ui.filters import current_filter, filter_row
from workbench.ui.labelling import label_form
from workbench.ui.lineage import gone, inherited, lineage, moved_on
from workbench.ui.reading import verdicts_here
from workbench.ui.search import (
    like_asked,
    like_head,
    more_like,
    nothing_found,
    search_bar,
    search_filters,
    search_hints,
    search_table,
    searching,
    told,
)
from workbench.ui.session import bench, person, store
from workbench.ui.shell import empty_state, go, step
from workbench.ui.strands import patterns, strands
from workbench.ui.suspects import onset, suspects, suspects_title
from workbench.ui.tables import cluster_table, downloads, label_table, mark_members, member_table
from workbench.ui.text import badge, code, error, heading, note, text
from workbench.ui.turns import documents, transcript

__all__ = [
    "about",
    "badge",
    "bench",
    "by_hand",
    "chips",
    "cluster_map",
    "cluster_table",
    "code",
    "current_filter",
    "documents",
    "downloads",
    "empty_state",
    "error",
    "fact_list",
    "filter_row",
    "go",
    "gone",
    "heading",
    "in_no_cluster",
    "inherited",
    "jump_list",
    "kpis",
    "label_form",
    "label_table",
    "like_asked",
    "like_head",
    "lineage",
    "mark_members",
    "member_card",
    "member_table",
    "more_like",
    "moved_on",
    "note",
    "nothing_found",
    "onset",
    "open_member",
    "parted",
    "patterns",
    "person",
    "plain",
    "quote",
    "release_list",
    "search_bar",
    "search_filters",
    "search_hints",
    "search_table",
    "searching",
    "step",
    "store",
    "strands",
    "suspects",
    "suspects_title",
    "text",
    "told",
    "transcript",
    "turn_asked",
    "verdict",
    "verdicts_here",
    "weekly_chart",
    "worked",
]
