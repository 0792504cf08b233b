"""Commands about prompts and policies: import, list, compare."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.app import prompts_app
from workbench.cli.output import ActorOption, JsonOption, StoreOption, open_bench, print_result, print_table
from workbench.errors import UserError
from workbench.store import DEFAULT_STORE

BotOption = Annotated[str, typer.Option("--bot", help="The bot, as the log names it.", show_default=False)]


@prompts_app.command("import")
def prompts_import(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="A text file for each version, named like it (p14.md); or JSON of version and text.",
            show_default=False,
        ),
    ],
    bot: BotOption,
    version: Annotated[
        str | None, typer.Option(help="The version, where the file isn't named like it; * holds for every version.")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Bring in what a bot was told to do, by the version that its log names."""
    if version and len(files) > 1:
        raise UserError("One version has one text: name one file, or leave --version out.")
    texts: dict[str, str] = {}
    for file in files:
        for name, text in _texts(file, version).items():
            if name in texts:
                raise UserError(f"{file}: the version {name!r} stands in two files.")
            texts[name] = text
    with open_bench(store, actor) as bench:
        logged = {each.name for each in bench.evidence.versions() if each.bot == bot and each.kind == "prompt"}
        if bot not in {record.bot for record in bench.evidence.bots()} | set(bench.pod.bots()):
            raise UserError(f"There is no bot {bot!r}, in the log or in the inventory.")
        events = bench.prompts.set_each(bot, texts)
    unseen = sorted(name for name in texts if name not in logged and name != "*")
    written = {"bot": bot, "versions": sorted(texts), "changed": len(events), "not_in_the_log": unseen}
    note = f" No conversation ran with {', '.join(unseen)} so far." if unseen else ""
    print_result(written, as_json, f"{len(events)} of {len(texts)} texts of {bot} are new or changed.{note}")


@prompts_app.command("list")
def prompts_list(bot: BotOption, store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False) -> None:
    """The versions of a bot's prompt by first sight, and which of them have a text; masked."""
    from workbench.reports.prompts import prompt_versions

    with open_bench(store) as bench:
        versions = prompt_versions(bench, bot)
    if as_json:
        print_result([asdict(each) for each in versions], True, "")
        return
    print_table(
        ("Version", "Conversations", "Since", "Text", "Brought in by"),
        [
            [
                each.name,
                f"{each.conversations:,}",
                f"{each.first_seen:%Y-%m-%d}" if each.first_seen else "",
                "no text" if each.text is None else f"{len(each.text.splitlines()):,} lines",
                each.by,
            ]
            for each in versions
        ],
    )


@prompts_app.command("compare")
def prompts_compare(
    before: Annotated[str, typer.Argument(help="A version.", show_default=False)],
    after: Annotated[str, typer.Argument(help="Another one.", show_default=False)],
    bot: BotOption,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """What changed between two versions of a bot's prompt, line by line; masked."""
    from workbench.reports.prompts import compared
    from workbench.text.escaping import visible

    with open_bench(store) as bench:
        change = compared(bench, bot, before, after)
    shown = "\n".join(f"{line.mark} {visible(line.text)}" for line in change.lines) or "Nothing that shows."
    print_result(asdict(change), as_json, f"{change.removed} lines removed, {change.added} added.\n{shown}")


def _texts(file: Path, version: str | None) -> dict[str, str]:
    """The texts of a file by version. Raises `UserError` where it can't be read or holds none."""
    try:
        text = file.read_text("utf-8-sig")
    except OSError as e:
        raise UserError(f"{file}: can't be read ({e.strerror}).") from e
    except UnicodeDecodeError as e:
        raise UserError(f"{file}: is no UTF-8 text. Save it as UTF-8 and try again.") from e
    if file.suffix.lower() == ".json" and version is None:
        return _by_version(file, text)
    if not text.strip():
        raise UserError(f"{file}: holds no text.")
    return {version or file.stem: text}


def _by_version(file: Path, text: str) -> dict[str, str]:
    try:
        read = json.loads(text)
    except ValueError as e:
        raise UserError(f"{file}: is no JSON ({e}).") from e
    if (
        not isinstance(read, dict)
        or not read
        or not all(isinstance(each, str) and each.strip() for each in read.values())
    ):
        raise UserError(f'{file}: JSON of prompts is an object of version and text, like {{"p14": "You are …"}}.')
    return {str(name): each for name, each in read.items()}
