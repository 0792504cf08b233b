import json

import pytest

from tests.support.endpoint import endpoint
from workbench.errors import UserError
from workbench.review.judge_client import KEY_VARIABLE, Endpoint, Reply


def test_a_question_is_asked_with_prompt_and_text_and_its_words_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "k-1")
    with endpoint(lambda body, number: "fine") as served:
        reply = Endpoint.open(served.url, "m").ask("the prompt", "the text")
    assert reply == Reply("fine", 50)
    assert served.asked == [
        {
            "model": "m", "temperature": 0, "max_tokens": 400,
            "messages": [{"role": "system", "content": "the prompt"}, {"role": "user", "content": "the text"}],
        }
    ]  # fmt: skip
    assert served.headers[0]["Authorization"] == "Bearer k-1"


def test_a_busy_endpoint_is_asked_again() -> None:
    with endpoint(lambda body, number: (429, "later") if number < 2 else "fine") as served:
        assert Endpoint.open(served.url, "m", backoff=0.01).ask("p", "t").text == "fine"
    assert len(served.asked) == 3


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((401, "no key"), "answers 401 to the model 'm': 'no key'. Set WORKBENCH_JUDGE_KEY to its key."),
        ((404, "no such model"), "Check the address and the model's name."),
        ((307, ""), "answers 307"),
        ((200, "<html>"), "does not speak OpenAI's chat completions; it answers '<html>'"),
        ((200, json.dumps({"choices": []})), "does not speak OpenAI's chat completions"),
    ],
)
def test_what_an_endpoint_refuses_is_said_and_no_redirect_is_followed(answer: tuple[int, str], message: str) -> None:
    with endpoint(lambda body, number: answer) as served, pytest.raises(UserError) as said:
        Endpoint.open(served.url, "m").ask("p", "t")
    assert message in str(said.value)
    assert len(served.asked) == 1


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1", "127.0.0.1:8000", "http://me:secret@127.0.0.1/v1", "file:///etc/passwd"]
)
def test_what_is_no_address_or_holds_a_password_is_refused(url: str) -> None:
    with pytest.raises(UserError):
        Endpoint.open(url, "m")


def test_nobody_at_the_address_is_said() -> None:
    with pytest.raises(UserError, match="can't be asked"):
        Endpoint.open("http://127.0.0.1:9/v1", "m", backoff=0.01).ask("p", "t")
