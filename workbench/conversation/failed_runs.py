"""How a program, a shell or a server says in its output that a run failed: exit codes, tracebacks, panics, status lines.

A result tells how its run went in its first or its last line; what stands between is what the program wrote, and may
speak of errors as it likes. The exit code outranks all else: a run that ended with 0 did not fail, whatever it printed.
"""

from __future__ import annotations

import re

_LONGEST_LINE = 400
_EXIT = re.compile(
    r"""\W{0,3}(?:
        (?:exit|return)[ _-]?(?:code|status|value)\s*[:=>]?\s*(?P<code>-?\d+)  # "exitcode: 1 (execution failed)", "<exit_code>1<"
            \s*(?:\((?:execution|failed|failure|error|timeout|timed|success|succeeded|ok)\b.*|[\])>.,;]*\Z|<.*)
      | (?:the\ )?(?:command|process|script|program|execution|task|job|container|tool|subprocess|run|step)\b.{0,120}?
            \b(?:exited|exit|failed|finished|completed|terminated|ended|returned)\b\ ?(?:with\ |an?\ )*
            (?:non-?zero\ )?(?:exit\ |return\ |status\ )?(?:code|status)\ ?:?\ ?(?P<sentence>-?\d+)[\])>.,;:!]*(?:\Z|\ \(|(?<=:)\s+\S)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_BEGINS = re.compile(
    r"""\W{0,3}(?:
        panic:\ | thread\ '[^']*'\ (?:\(\d+\)\ )?panicked\ at\b | goroutine\ \d+\ \[
      | exception\ in\ thread\b | unhandled\ (?:exception|promise|rejection)\b | uncaught\ (?:[\w.]*(?:error|exception)\b|\()
      | (?:[a-z]+\.)+[a-z]*(?:error|exception)(?::|\s*\Z)                # java.lang.NullPointerException
      | php\ (?:fatal|parse)\ error: | npm\ err(?:or|!) | error\[e\d+\]: | error\ \d{3,5}\ \(\w{5}\)
      | ora-\d{5}: | sqlstate\[ | msg\ \d+,\ level\ \d+ | mcp\ error\ -?\d+
      | (?:tool_use_)?error>(?=\s*\S)                                    # <error>…</error>
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_STATUS = re.compile(
    r"\W{0,3}(?:(?:response )?(?:http )?status(?: code)?\s*:\s*[45]\d\d\b(?!\s*[-–]\s*\d)|http/\d(?:\.\d)?\s+[45]\d\d\b)",
    re.IGNORECASE,
)
_NO_COMMAND = "|".join(
    re.escape(words)
    for words in (
        *("command not found", "not found", "kommando nicht gefunden", "befehl nicht gefunden", "commande introuvable"),
        *("orden no encontrada", "no se encontró la orden", "comando non trovato", "comando não encontrado"),
        *("opdracht niet gevonden", "команда не найдена", "nie znaleziono polecenia", "komut bulunamadı"),
        *("未找到命令", "コマンドが見つかりません", "명령어를 찾을 수 없음"),
    )
)
_SHELL = re.compile(
    rf"""(?:/\S*/)?(?:[a-z]{{0,3}}sh|-bash):\s.*?\b(?P<shell>{_NO_COMMAND}|no\ such\ file\ or\ directory|permission\ denied|syntax\ error)\b.*
      | \S+:\s(?:line\ \d+:\s\S+:\s)?(?P<any>command\ not\ found)\W*
      | .{{1,120}}\ (?P<windows>is\ not\ recognized\ as\ (?:an\ internal\ or\ external\ command|the\ name\ of\ a\ cmdlet)).*
      | (?P<signal>segmentation\ fault|killed|aborted)(?:\ \(core\ dumped\))?""",
    re.IGNORECASE | re.VERBOSE,
)
_SYSTEM = re.compile(
    r"""(?:[\w./+-]+:\s.{0,200}?:?\s(?P<system>no\ such\ file\ or\ directory|permission\ denied|is\ a\ directory|not\ a\ directory
            |operation\ not\ permitted|connection\ refused|name\ or\ service\ not\ known|no\ space\ left\ on\ device)\W*
      | \[errno\ -?\d+\]\s(?P<numbered>\S.*))""",
    re.IGNORECASE | re.VERBOSE,
)
_TRACEBACK = "Traceback (most recent call last)"
_PYTHON_TRACE = re.compile(r"^\s{0,4}Traceback \(most recent call last\):?\s*\n\s+File \"", re.MULTILINE)
_NOTEBOOK_TRACE = re.compile(r"-{10,}\s+[\w.]*(?:Error|Exception|Interrupt)\s+Traceback \(most recent call last\)")
_RAISED = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Timeout|Warning)\b(?::.*|\Z)")
_CLOSING_TAG = re.compile(r"</\w+>\s*\Z")
_OUTPUT = re.compile(r"(?:code )?output:\s*|std(?:out|err):\s*", re.IGNORECASE)


def failed_run(text: str) -> str | None:
    """What a run that failed says went wrong; None where the output does not say that the run failed.

    The exception's own line where there is one, else the line that tells, which is never empty.
    """
    text = text.strip()
    first, last = text.partition("\n")[0].strip(), text.rpartition("\n")[2].strip()
    ended = next((code for line in (first, last) if (code := _exit_code(line)) is not None), None)
    if ended is not None:
        return _what_went_wrong(text) if ended else None
    if _TRACEBACK in text and (_NOTEBOOK_TRACE.match(text) or (_RAISED.fullmatch(last) and _PYTHON_TRACE.search(text))):
        return _what_went_wrong(text)
    if len(first) <= _LONGEST_LINE and (begins := _BEGINS.match(first)):
        return _CLOSING_TAG.sub("", first[begins.end() :]).strip(" :-–") or first
    if len(first) <= _LONGEST_LINE and _STATUS.match(first):
        return first
    return next((what for line in (last, first) if (what := _of_the_system(line, alone=first == text))), None)


def _exit_code(line: str) -> int | None:
    """The code that a line says a run ended with."""
    match = _EXIT.match(line) if len(line) <= _LONGEST_LINE else None
    return int((match["code"] or match["sentence"])[:9]) if match else None


def _of_the_system(line: str, alone: bool) -> str | None:
    """What a shell or the system refuses in this line; a program's word for a file counts where it is all there is."""
    if len(line) > _LONGEST_LINE:
        return None
    match = _SHELL.fullmatch(line) or (_SYSTEM.fullmatch(line) if alone else None)
    return next((words for words in match.groups() if words), None) if match else None


def _what_went_wrong(text: str) -> str:
    """The last exception in the output, else its last line that is no heading nor the exit code, else that of the exit code."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    raised = [line for line in lines if _RAISED.fullmatch(line)]
    if raised:
        return raised[-1]
    printed = [shorter for line in lines if _exit_code(line) is None and (shorter := _OUTPUT.sub("", line, count=1))]
    return printed[-1] if printed else lines[0]
