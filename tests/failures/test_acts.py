from tests.support.talk import bot, called, talk, user
from workbench.failures.acts import acts


def test_what_went_through_is_done_by_whom_and_what_failed_is_not() -> None:
    conversation = talk(
        user("Cancel A1, please."),
        called("get_order", '{"id": "A1"}', "open"),
        called("cancel_order", '{"id": "A1"}', "Error: locked"),
        called("unlock_order", '{"id": "A1"}', "unlocked", by="user"),
        called("cancel_order", '{"id": "A1"}', "cancelled"),
        bot("Done."),
    )
    assert [(act.tool, act.position, act.kind, act.by_user) for act in acts(conversation)] == [
        ("get_order", 1, "read", False),
        ("unlock_order", 5, "write", True),
        ("cancel_order", 7, "write", False),
    ]


def test_the_same_call_has_one_digest_however_its_arguments_are_written() -> None:
    conversation = talk(
        called("cancel", '{"id": 2, "why": "late"}', "ok"),
        called("cancel", '{"why": "late", "id": 2.0}', "ok"),
        called("cancel", '{"id": 3, "why": "late"}', "ok"),
        called("refund", '{"id": 2, "why": "late"}', "ok"),
    )
    digests = [act.digest for act in acts(conversation)]
    assert [digests.index(digest) for digest in digests] == [0, 0, 2, 3]


def test_what_people_said_of_a_tool_outranks_its_name() -> None:
    (act,) = acts(talk(called("settle", "{}", "ok")), {"settle": "write"})
    assert act.kind == "write"
