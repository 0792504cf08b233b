import pytest

from workbench.clusters.contrast_sets import Behaviour, Discriminator
from workbench.clusters.naming import Name, Namer, named_by_contrast, told_apart

TEXTS = [
    "cancel my flight and refund me", "refund for the cancelled flight please", "I want a refund, cancel the trip",
    "my bag is lost", "the baggage never arrived", "lost bag again",
]  # fmt: skip
FACTS = [
    ["carries out cancel_reservation", "handed to a human"], ["carries out cancel_reservation"], ["carries out cancel_reservation"],
    ["handed to a human"], ["no tool called"], ["search failed: timeout"],
]  # fmt: skip
BASE = {
    "carries out cancel_reservation": 0.2,
    "handed to a human": 0.4,
    "no tool called": 0.3,
    "search failed: timeout": 0.01,
}
NAMER = Namer(TEXTS, FACTS, BASE)


def test_a_name_says_topic_and_what_most_members_share() -> None:
    name = NAMER.name([0, 1, 2])
    assert (name.text, name.keywords, name.fact) == (
        "refund, cancel: carries out cancel_reservation (3/3)", ["refund", "cancel", "flight"], "carries out cancel_reservation"
    )  # fmt: skip


def test_below_sixty_percent_it_says_the_two_things_of_which_most_show_one() -> None:
    assert NAMER.name([3, 4, 5]).text == "bag, lost: search failed: timeout or no tool called (2/3)"
    assert NAMER.name([3, 4, 5]).fact is None


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["How do I lock my card?", "how can I lock the card", "why is my card locked?"], "card, lock: how-to questions, no sign in the log (2/3)"),
        (["How do I lock my card?", "the card is locked", "why is my card locked?"], "card, locked: no sign in the log (3/3)"),
        (["", "", ""], "no user text: no sign in the log (3/3)"),
    ],
)  # fmt: skip
def test_where_nothing_was_seen_a_name_says_so_and_what_kind_of_question_it_is(texts: list[str], expected: str) -> None:
    assert Namer(texts, [[]] * 3, {}).name([0, 1, 2]).text == expected


def test_a_mechanical_cluster_leads_with_its_own_fact() -> None:
    assert NAMER.name([0, 3], leading_fact="handed to a human").text == "various topics: handed to a human (2/2)"


def test_a_rare_shared_fact_tells_more_than_a_common_one() -> None:
    namer = Namer(["a", "b"], [["looked up", "rare"], ["looked up", "rare"]], {"looked up": 0.9, "rare": 0.1})
    assert namer.name([0, 1]).fact == "rare"


def test_keywords_are_whole_words_in_any_script() -> None:
    namer = Namer(["ça me plaît beaucoup", "plaît-il, beaucoup"], [[], []], {})
    assert "beaucoup" in namer.name([0, 1]).keywords


def test_log_text_in_a_name_is_reduced_to_plain_words() -> None:
    namer = Namer(["<script>alert</script> **bold**"] * 2, [["![x](http://evil.example/a.png) failed"]] * 2, {})
    name = namer.name([0, 1]).text
    assert not set("<>*![]") & set(name)


def test_ids_codes_and_the_names_in_ids_are_no_keywords() -> None:
    texts = ["I'm Anya Garcia, user ID anya_garcia_5901, and IFOYYZ, JMO1MG and 9f2c4a1e must be refunded"] * 3
    assert Namer([*texts, "my bag is lost"], [[]] * 4, {}).name([0, 1, 2]).keywords == ["refunded"]


def test_words_in_capitals_are_words_where_everything_is() -> None:
    assert Namer(["REFUND MY TICKET", "REFUND THE TICKET", "bag"], [[]] * 3, {}).keywords([0, 1]) == [
        "refund",
        "ticket",
    ]


def test_short_words_in_capitals_are_kept() -> None:
    assert Namer(["my SIM and the MMS", "the SIM, the MMS", "bag"], [[]] * 3, {}).keywords([0, 1]) == ["mms", "sim"]


def test_dates_and_talk_name_no_topic() -> None:
    assert Namer(["in October, of course", "on Monday in October", "bag"], [[]] * 3, {}).keywords([0, 1]) == []


def test_what_all_failures_talk_about_tells_less_than_what_these_do() -> None:
    texts = ["flight refund"] * 4 + ["flight delay"] * 4
    assert Namer(texts, [[]] * 8, {}).keywords([0, 1, 2, 3]) == ["refund", "flight"]


def test_a_mechanical_cluster_names_a_topic_only_where_many_share_it() -> None:
    texts = ["lost parcel", "parcel refund", "open account", "blocked card", "new address"]
    named = Namer(texts, [["empty reply"]] * 5, {}).name([0, 1, 2, 3, 4], leading_fact="empty reply")
    assert named.text == "parcel: empty reply (5/5)"
    texts[1] = "late refund"
    named = Namer(texts, [["empty reply"]] * 5, {}).name([0, 1, 2, 3, 4], leading_fact="empty reply")
    assert named.text == "various topics: empty reply (5/5)"


def test_keywords_are_words_where_no_space_parts_them() -> None:
    texts = {
        "退款, 到账": ["我要退款，一直没有到账", "怎么申请退款？", "退款什么时候到账", "申请退款被拒绝了"],
        "返品, 返金": [
            "返品したいです。返金はいつですか",
            "返金はまだですか。返品しました",
            "商品を返品します",
            "返金を確認",
        ],
        "คืนเงิน": ["ฉันต้องการคืนเงินค่าสินค้า", "ขอคืนเงินได้ไหมครับ", "เมื่อไหร่จะได้คืนเงิน", "คืนเงินด้วย"],
        "환불": [
            "환불이 아직 안 됐어요",
            "환불을 신청했는데 언제 되나요",
            "주문 취소하고 환불 받고 싶어요",
            "환불 원해요",
        ],
        "पैसा, वापस": ["मेरा पैसा वापस चाहिए", "पैसा वापस कब मिलेगा", "रिफंड का पैसा वापस दो", "पैसा दो"],
    }
    every = [text for of_one in texts.values() for text in of_one]
    namer = Namer(every, [[]] * len(every), {})
    names = [namer.name(range(at, at + 4)).text for at in range(0, len(every), 4)]
    assert [name.split(": ")[0] for name in names] == list(texts)


def test_no_name_of_a_person_is_a_keyword_but_a_word_that_others_use_too_is() -> None:
    texts = ["mei kovacs, refund the bill", "refund for mei", "the bill again, refund", "a bill of 40", "whose bill"]
    people = [("kovacs", "mei"), ("kovacs", "mei"), ("bill",), (), ()]
    namer = Namer(texts, [[]] * 5, {}, people)
    assert [namer.keywords(rows) for rows in ([0, 1], [2, 3, 4])] == [["refund"], ["bill"]]


def test_markup_code_and_blobs_name_no_topic() -> None:
    texts = [
        'refund <b class="x">now</b> ###STOP### {"tool": "look", "args": {"q": 1}}',
        "refund https://shop.example/cart ```sql select```",
    ]
    assert Namer([*texts, "bag"], [[]] * 3, {}).keywords([0, 1]) == ["refund"]


CANCELS = Discriminator(Behaviour("executed", "cancel_reservation"), 16, 17, 1, 22)


def unshared(topic: str) -> Name:
    return Name(f"{topic}: one thing or another (4/5)", [], None, topic)


@pytest.mark.parametrize(
    ("name", "contrast", "expected"),
    [
        (unshared("refund"), CANCELS, "refund: carries out cancel_reservation (16 of 17, 1 of 22 that worked)"),
        (unshared("refund"), CANCELS._replace(failing=1, working=20),
         "refund: rarely carries out cancel_reservation (1 of 17, 20 of 22 that worked)"),
        (unshared("claim"), CANCELS._replace(behaviour=Behaviour("written", "file", "on", "#/#/#")),
         "claim: file: on written like 0/0/0 (16 of 17, 1 of 22 that worked)"),
        (unshared("claim"), CANCELS._replace(behaviour=Behaviour("observed", "long replies")),
         "claim: long replies (16 of 17, 1 of 22 that worked)"),
        (Name("refund: nothing changed (3/3)", [], "nothing changed", "refund"), CANCELS, "refund: nothing changed (3/3)"),
        (Name("what Ana called it", [], None), CANCELS, "what Ana called it"),
    ],
)  # fmt: skip
def test_failures_that_share_nothing_are_named_by_what_parts_them_from_successes(
    name: Name, contrast: Discriminator, expected: str
) -> None:
    assert named_by_contrast(name, [contrast]).text == expected


BOOKS = Name("phone, date: carries out book (9/9)", [], "carries out book", "phone, date")
NEW_DOCTOR = Discriminator(Behaviour("argument", "book", "doctor", '"Amsel"'), 9, 9, 4, 20)
OLD_KEPT = Discriminator(Behaviour("executed", "cancel"), 0, 9, 18, 20)


@pytest.mark.parametrize(
    ("contrasts", "expected"),
    [
        ([NEW_DOCTOR, OLD_KEPT], "phone, date: rarely carries out cancel (0 of 9, 18 of 20 that worked)"),
        ([OLD_KEPT, Discriminator(Behaviour("executed", "book"), 9, 9, 5, 20)], BOOKS.text),
        ([NEW_DOCTOR], BOOKS.text),
        ([], BOOKS.text),
    ],
)
def test_a_call_that_those_which_worked_carry_out_too_gives_way_to_one_that_parts_them(
    contrasts: list[Discriminator], expected: str
) -> None:
    assert named_by_contrast(BOOKS, contrasts).text == expected


def test_names_that_read_the_same_get_a_keyword_that_only_they_have_or_a_number() -> None:
    def named(topic: str, count: str, keywords: list[str]) -> Name:
        return Name(f"{topic}: nothing changed ({count})", keywords, "nothing changed", topic)

    names = [
        named("refund", "5/7", ["refund", "late", "shoes"]),
        named("refund", "6/6", ["refund", "late", "flight"]),
        named("refund", "4/4", ["refund", "late"]),
        named("refund", "3/3", ["refund"]),
        named("bag", "3/3", ["bag", "lost", "train"]),
        Name("what Ana called it", [], None),
    ]
    assert [name.text for name in told_apart(names)] == [
        "refund, shoes: nothing changed (5/7)",
        "refund, flight: nothing changed (6/6)",
        "refund: nothing changed (4/4)",
        "refund, group 2: nothing changed (3/3)",
        "bag: nothing changed (3/3)",
        "what Ana called it",
    ]


def test_a_word_counts_the_same_with_and_without_its_final_s() -> None:
    texts = ["Where's my order?", "Where is my order?", "the bag's gone", "a bag"]
    assert [Namer(texts, [[]] * 4, {}).reads(rows) for rows in ([0, 1], [2, 3])] == [
        (frozenset({"order"}), None),
        (frozenset({"bag"}), None),
    ]
