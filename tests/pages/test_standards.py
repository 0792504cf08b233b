"""Standards on the pages: all of them beside the labels, and on a cluster's page the fixes of the same cause elsewhere."""

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.support.pages import texts
from tests.support.two_bots import alike, mended, two_bots

Open = Callable[..., AppTest]


def test_what_mended_one_bot_stands_on_the_others_cluster_and_beside_the_labels(
    open_page: Open, tmp_path: Path
) -> None:
    bench = two_bots(tmp_path)
    shop, desk = alike(bench)
    ticket = mended(bench, shop.cluster)

    app = open_page(bench.store, "cluster", c=desk.cluster)
    assert not app.exception
    shown = texts(app).replace("\\", "")
    assert "The same cause elsewhere" in shown
    assert "Asks again, at [email]." in shown
    assert "12 of 40 similar requests failed before it, 0 of 50 after." in shown

    app = open_page(bench.store, "labels")
    assert not app.exception
    shown = texts(app).replace("\\", "")
    assert "Tool fault" in shown
    assert "1 of them waiting; 1 fix that was verified." in shown
    assert "Asks again, at [email]." in shown

    page = open_page(bench.store, "ticket", t=ticket)
    assert "What was done" in texts(page)


def test_what_was_done_is_said_with_the_fix(open_page: Open, tmp_path: Path) -> None:
    bench = two_bots(tmp_path)
    shop, _ = alike(bench)
    ticket = mended(bench, shop.cluster)
    app = open_page(bench.store, "ticket", t=ticket, edit="1")
    (remedy,) = [area for area in app.text_area if area.label == "What was done"]
    assert remedy.value == "Asks again, at bo@example.com."
    remedy.set_value("Asks twice.")
    next(button for button in app.button if button.label == "Save changes").click().run()
    assert not app.exception
    assert bench.tickets.get(ticket).remedy == "Asks twice."
