"""What a test reads off a page, and does on it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def address(app: AppTest, name: str) -> str | None:
    """A value in the page's address; AppTest gives it bare or as a list."""
    value = app.query_params.get(name)
    return value[0] if isinstance(value, list) else value


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def texts(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in (*app.text, *app.title, *app.subheader, *app.caption))


def errors(app: AppTest) -> list[str]:
    """The messages, without the escapes that keep them plain."""
    return [error.value.replace("\\", "").replace("\u2060", "") for error in app.error]
