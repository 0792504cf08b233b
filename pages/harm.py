"""Silent harm: the bot changed something wrongly and the customer left satisfied, worst first."""

import streamlit as st

from workbench.reports.silent_harm import silent_harm
from workbench.ui.conversations.harm import counted, harm_table, narrowed
from workbench.ui.shared.navigation import go
from workbench.ui.shared.session import open_bench
from workbench.ui.shared.tables import downloads
from workbench.ui.shared.text import text

bench = open_bench()
st.title("Silent harm", anchor=False)
text(
    "Customers who left satisfied although the bot probably changed something wrongly: nobody will complain, so read these first."
)
harm = silent_harm(bench, narrowed(bench))
if not harm.rows:
    st.info(
        f"None of {counted(harm).split(' of ', 1)[1]}" if harm.looked_at else
        "No failing or suspected conversation here in which the bot changed something."
    )  # fmt: skip
else:
    picked = harm_table(harm.rows, bench.version())
    with st.container(horizontal=True, vertical_alignment="center"):
        downloads("harm", lambda: harm.rows, "silent-harm")
        st.caption(counted(harm) + " That is a reason to read them, not a proof. A click opens one at the change.")
    if picked is not None:
        go("conversation", k=picked.key, turn=str(picked.turn))
