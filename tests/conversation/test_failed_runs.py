"""How the output of a program, a shell or a server says that a run failed, and what only speaks of failing."""

import pytest

from workbench.conversation.failed_runs import failed_run
from workbench.conversation.model import Turn
from workbench.conversation.tool_errors import tool_error

TRACE = (
    "Traceback (most recent call last):\n  File \"sum.py\", line 3, in <module>\nNameError: name 'total' is not defined"
)


@pytest.mark.parametrize(
    ("output", "what"),
    [
        (f"exitcode: 1 (execution failed)\nCode output: {TRACE}\n", "NameError: name 'total' is not defined"),
        ("exitcode: 124 (execution failed)\nCode output: \nTimeout", "Timeout"),
        ("Exit code: 2\nls: cannot access 'x'", "ls: cannot access 'x'"),
        ("Exit code 1\n2 tests failed", "2 tests failed"),
        ("[exit code: 1]", "[exit code: 1]"),
        ("<exit_code>1</exit_code>", "<exit_code>1</exit_code>"),
        ("no rows\n[The command completed with exit code 1.]", "no rows"),
        ("Command failed with exit code 127: make", "Command failed with exit code 127: make"),
        (
            "Command '['ls']' returned non-zero exit status 2.",
            "Command '['ls']' returned non-zero exit status 2.",
        ),
        ("Process exited with code 1", "Process exited with code 1"),
        (f"12\n{TRACE}", "NameError: name 'total' is not defined"),
        (
            "-" * 75 + "\nKeyError        Traceback (most recent call last)\nCell In[1], line 1\nKeyError: 'id'",
            "KeyError: 'id'",
        ),
        ("bash: line 1: foo: command not found", "command not found"),
        ("bash: Zeile 1: foo: Kommando nicht gefunden.", "Kommando nicht gefunden"),
        ("bash: foo : commande introuvable", "commande introuvable"),
        ("bash: foo: 未找到命令", "未找到命令"),
        ("/bin/sh: 1: foo: not found", "not found"),
        ("zsh: command not found: foo", "command not found"),
        ("sh: ./run.sh: Permission denied", "Permission denied"),
        (
            "'foo' is not recognized as an internal or external command,\noperable program or batch file.",
            "is not recognized as an internal or external command",
        ),
        ("cat: notes.txt: No such file or directory", "No such file or directory"),
        ("[Errno 2] No such file or directory: './x.pdf'", "No such file or directory: './x.pdf'"),
        ("Segmentation fault (core dumped)", "Segmentation fault"),
        ("panic: runtime error: index out of range", "runtime error: index out of range"),
        ("java.lang.IllegalStateException: no session", "no session"),
        ("Uncaught TypeError: x is not a function", "x is not a function"),
        ("ERROR 1064 (42000): You have an error in your SQL syntax", "You have an error in your SQL syntax"),
        ("ORA-00942: table or view does not exist", "table or view does not exist"),
        ("MCP error -32602: Invalid arguments", "Invalid arguments"),
        ("<error>no such user</error>", "no such user"),
        ("Status: 500 Internal Server Error", "Status: 500 Internal Server Error"),
        ("Response status code: 502", "Response status code: 502"),
        ("HTTP/2 503", "HTTP/2 503"),
    ],
)
def test_the_words_of_each_runtime_for_a_run_that_failed(output: str, what: str) -> None:
    assert failed_run(output) == what
    assert tool_error(Turn(0, "tool", output)) is not None


@pytest.mark.parametrize(
    "output",
    [
        "",
        "\n",
        "exitcode: 0 (execution succeeded)\nCode output: 4",
        f"exitcode: 0 (execution succeeded)\nCode output: {TRACE}",
        "All 12 tests passed.\nExit code: 0",
        "The command completed with exit code 0.",
        "Exit code 1 means that the command failed.",
        "exit code 0: success\nexit code 1: error",
        "The script prints exit code 1 where it fails.",
        f"A traceback looks like this:\n{TRACE}\nIts last line names the exception.",
        "Traceback (most recent call last) is what Python prints first.",
        "The shell says command not found where the PATH lacks it.",
        "command not found is what bash says",
        "notes.txt\ncat: old.txt: No such file or directory\nreadme.md",
        "Permission denied appears in 3 of 20 logs",
        "Killed in action: a film of 1998",
        "java.util.List: an interface",
        "Status: 200 OK",
        "Status: 404-500 are errors",
        "Process: finished",
        "There is no code from the last message for me to execute.",
    ],
)
def test_what_only_speaks_of_failing_is_no_failed_run(output: str) -> None:
    assert failed_run(output) is None
    assert tool_error(Turn(0, "tool", output)) is None


def test_a_failed_run_is_classed_by_what_it_says_last() -> None:
    error = tool_error(Turn(0, "tool", f"exitcode: 1 (execution failed)\nCode output: {TRACE}"))
    assert error is not None
    assert (error.kind, error.head) == ("other", "name is not defined")
    timeout = tool_error(Turn(0, "tool", "exitcode: 124 (execution failed)\nCode output: \nTimeout"))
    assert timeout is not None
    assert timeout.kind == "timeout"
