from workbench.logs.gaps import Lack, complete, lacks


def test_a_log_lacks_what_some_conversations_have_not_the_most_first() -> None:
    shares = {"times": 0.0, "documents": 1.0, "tool_calls": 0.25, "bot": 0.0}
    assert lacks(shares) == [Lack("documents", 1.0), Lack("tool_calls", 0.25)]
    assert complete(shares) == ["Times", "Bot's name"]


def test_where_nobody_is_known_to_speak_the_roles_that_were_met_are_told() -> None:
    (lack,) = lacks({"user_words": 1.0}, ["assistant", "shopper", "tool"])
    assert lack.blind == (
        "No turn is the user's, so what was asked is unknown: they can't be grouped, searched or compared by their requests. "
        "Roles met: “shopper” (unknown), “assistant”, “tool”. Who is the user and who the bot, [roles] of a mapping says."
    )
    assert lacks({"times": 1.0}, ["shopper"]) == [Lack("times", 1.0)]
