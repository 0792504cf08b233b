"""Signals in scripts without spaces, in scripts with marks, and across languages."""

import pytest

from tests.support.talk import analysed, bot, fired, talk, user
from workbench.failures.signals.language import says_something

JAPANESE = "返品は商品到着後30日以内であれば受け付けております。未開封・未使用の商品に限ります。返送料はお客様のご負担となります。"
CHINESE = (
    "商品签收后30天内可以申请退货。商品须未拆封、未使用。退货运费由客户承担。收到后5个工作日内款项将退回原支付账户。"
)
THAI = "ลูกค้าสามารถคืนสินค้าได้ภายใน 30 วันหลังจากได้รับสินค้า โดยสินค้าต้องยังไม่เปิดใช้งาน ค่าจัดส่งคืนลูกค้าเป็นผู้รับผิดชอบ"
KOREAN = "상품 수령 후 30일 이내에 반품을 신청하실 수 있습니다. 상품은 미개봉 상태여야 합니다. 반품 배송비는 고객님이 부담합니다. 환불은 창고에 도착한 후 5영업일 이내에 처리됩니다."
HINDI = "सामान मिलने के 30 दिन के भीतर वापस किया जा सकता है। सामान बिना खुला होना चाहिए। वापसी का शुल्क ग्राहक देगा। पैसा क्रेडिट कार्ड में लौटाया जाएगा।"
ENGLISH = (
    "You can return goods within 30 days of delivery. They must be unopened. The customer pays for the return shipping."
)
GERMAN_ANSWER = "Sie können die Ware innerhalb von 30 Tagen nach der Lieferung zurückgeben. Sie muss ungeöffnet sein, und die Kosten für die Rücksendung trägt der Kunde."
DUTCH = "U kunt het artikel binnen dertig dagen na levering retourneren, mits het ongeopend is. De kosten van de retourzending zijn voor de klant."
TABLE = (
    "SKU-100 blue chair oak 120 EUR stock 14; SKU-101 red chair pine 99 EUR stock 3; SKU-102 table oak 340 EUR stock 0"
)
POINTS = "ポイントの有効期限は最終購入日から1年間です。会員ランクがゴールドの場合は2年間に延長されますので、アプリで確認してください。"


@pytest.mark.parametrize(
    ("what", "document", "answer", "codes"),
    [
        ("Japanese", JAPANESE, "返品は、商品到着後30日以内なら受け付けています。未開封の商品に限り、返送料はお客様のご負担です。", []),
        ("Chinese", CHINESE, "收到退回的商品后，我们会在5个工作日内把款项退回您的原支付账户，退货运费需由客户自己承担。", []),
        ("Thai", THAI, "คุณสามารถคืนสินค้าได้ภายใน 30 วันหลังได้รับสินค้า สินค้าต้องไม่เปิดใช้งาน และคุณต้องรับผิดชอบค่าจัดส่งคืน", []),
        ("Korean", KOREAN, "상품을 받으신 후 30일 이내라면 반품이 가능합니다. 상품이 미개봉 상태여야 하며 배송비는 고객 부담입니다.", []),
        ("Hindi", HINDI, "आप सामान मिलने के 30 दिन के भीतर उसे वापस कर सकते हैं, सामान बिना खुला होना चाहिए और शुल्क ग्राहक देगा।", []),
        ("another matter, in Japanese", JAPANESE, POINTS, ["low-coverage"]),
        ("German about an English document", ENGLISH, GERMAN_ANSWER, []),
        ("German about a Dutch document", DUTCH, GERMAN_ANSWER, []),
        ("a table is in no language", TABLE, ENGLISH, ["low-coverage"]),
        ("Japanese about an English document", ENGLISH, POINTS, []),
        ("Japanese about a Chinese document", CHINESE, POINTS, []),
    ],
)  # fmt: skip
def test_an_answer_is_compared_with_documents_of_its_own_language(
    what: str, document: str, answer: str, codes: list[str]
) -> None:
    conversation = talk(user("返品は 30 quando 退款 환불 पैसा"), bot(answer), documents=(document,))
    assert [code for code, _ in fired(conversation)] == codes, what


def test_what_is_missing_is_shown_as_it_was_written() -> None:
    conversation = talk(user("返品はできますか"), bot(POINTS), documents=(JAPANESE,))
    (signal,) = analysed(conversation).signals
    assert signal.evidence == (
        "0 % of 20 terms are in the documents; not there: "
        "ポイントの有効期限は最終購入日か, 年間で, 会員ランクがゴールドの場, 合は, 年間に延長さ, アプリで確認し"
    )


@pytest.mark.parametrize(
    ("what", "reply", "fires"),
    [
        ("Japanese", "ご注文番号をお知らせいただけますでしょうか", True),
        ("Chinese", "请您提供一下您的订单号码可以吗", True),
        ("a courtesy may recur", "かしこまりました。", False),
        ("English", "Could you give me your number please?", True),
    ],
)
def test_the_same_reply_three_times_is_heard_in_any_script(what: str, reply: str, fires: bool) -> None:
    conversation = talk(*(part for n in range(3) for part in (user(f"{n}"), bot(reply))))
    assert fired(conversation) == [("same-reply", 3)] * fires, what


@pytest.mark.parametrize(
    "question", ["返品の送料は誰が払うのですか", "我的包裹到底什么时候才能送到", "मेरा पैसा खाते में कब वापस आएगा बताओ"]
)
def test_the_same_question_twice_is_heard_in_any_script(question: str) -> None:
    assert fired(talk(user(question), bot("1"), user(f"{question}？？"), bot("2"))) == [("user-repeats", 2)]


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("मेरा पैसा दो", True),
        ("नमस्ते", False),
        ("返金してください", True),
        ("ありがとうございます", False),
        ("我要退款", True),
        ("你好，谢谢", False),
        ("ขอคืนเงิน", True),
    ],
)
def test_a_courtesy_says_nothing_in_any_script(sentence: str, says: bool) -> None:
    assert says_something(sentence) is says
