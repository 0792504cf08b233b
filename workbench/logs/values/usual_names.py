"""What columns and fields of messages are called where nobody followed our names: the names that chat tools use."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from workbench.conversation.roles import side_of
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.messages import SAYS

_NAMES = {
    "conversation_id": "conversationid sessionid threadid chatid dialogid callid conversation session thread chat dialog "
    "dialogue conversationuuid sessionuuid chatsessionid conversationkey contactid caseid ticketid messagetreeid "
    "instanceid promptid conversationsthreadid conversationhash conversationname conversationsid convid convoid dialogueid dialogueidx conversationuid chatuuid threaduuid roomid channelid",
    "role": "role iscreatedbyuser isuser fromuser isfromuser isbot frombot senderrole speakerrole authorrole sendertype "
    "authortype participanttype participantrole actortype participantpurpose purpose sender author speaker from participant "
    "who actor direction participantid authorid senderid messagetype",
    "content": "content text message body messagetext utterance msg messagebody messagecontent parts mes transcript payload",
    "question": "question query userquery userinput prompt instruction inputtranscript input inputs usermessage userquestion request humanmessage human",
    "reply": "answer response reply botresponse botanswer actualoutput output outputs assistantresponse botmessage completion botanswer modelresponse "
    "botreply aimessage modelanswer ai",
    "timestamp": "timestamp createdat time date datetime sentat createddate created messagetime creationtime ts "
    "senttime eventtime messagedate absolutetime createdtime createddatetime datecreated datesent received receivedat senddate "
    "requesttime requesttimestamp askedat",
    "turn_index": "turnindex position seq sequence messageindex turn turnid order sequencenumber turnnumber messageorder",
    "feedback": "feedback thumbs thumb vote thumbsupdown userfeedback rating",
    "user_id": "userid user customerid",
    "bot": "bot botname botid assistantname",
}
USUAL = {ours: tuple(names.split()) for ours, names in _NAMES.items()}
"""Our column → the names that mean it, without case and signs, the surest first."""
_WANTED = {usual: ours for ours, names in USUAL.items() for usual in names}
_ORDER = {usual: place for place, usual in enumerate(_WANTED)}
_SIGNS = re.compile(r"[\W_]+")
_BY_USER = frozenset({"iscreatedbyuser", "isuser", "fromuser", "isfromuser"})
_BY_BOT = frozenset({"isbot", "frombot"})
_DIRECTIONS = {
    **dict.fromkeys(("inbound", "incoming", "in", "received"), "user"),
    **dict.fromkeys(("outbound", "outgoing", "out", "sent"), "assistant"),
}
_SPEAKER = ("role", "type", "kind", "name")
_ARE_BOTS = {
    **dict.fromkeys(("isBot", "is_bot", "bot"), True),
    **dict.fromkeys(("is_human", "isHuman", "is_user", "isUser"), False),
}
"""What an object that stands for a speaker may say of it → whether it then is the bot."""
_TRUE = frozenset({"true", "1", "yes", "t", "y"})


def plain(name: str) -> str:
    """A name without case and signs: `Session-Id` is `sessionid`."""
    return _SIGNS.sub("", name.lower())


def candidates(columns: Sequence[str], own: Collection[str]) -> dict[str, list[str]]:
    """Our columns by those of a log that are named as usual, the surest name first; `own` names are taken as they are."""
    names: dict[str, list[str]] = {}
    for column in columns:
        ours = column if column in own else _WANTED.get(plain(column))
        if ours is not None:
            names.setdefault(ours, []).append(column)
    return {ours: sorted(each, key=lambda name: _ORDER.get(plain(name), -1)) for ours, each in names.items()}


def guessed(columns: Sequence[str], own: Collection[str]) -> dict[str, str]:
    """The surest of the `candidates` for each of our columns."""
    return {ours: names[0] for ours, names in candidates(columns, own).items()}


def identity_column(columns: Sequence[str]) -> str | None:
    """The column that names the conversation of a row by a usual name, None where there is none."""
    return guessed(columns, ()).get("conversation_id")


def speaker_fields(fields: Collection[str]) -> list[str]:
    """The fields of a message that say who speaks by a usual name, the surest first."""
    by_name = {plain(name): name for name in sorted(fields)}
    return [by_name[usual] for usual in USUAL["role"] if usual in by_name and by_name[usual] != "role"]


def role_of(name: str, value: Any) -> Any:
    """A role as we say it, from what stands in a field of that name: a direction, an object, or whether a person speaks."""
    usual = plain(name)
    if isinstance(value, Mapping):
        flag = next((name for name in _ARE_BOTS if isinstance(value.get(name), bool)), None)
        if flag is not None and side_of(str(value.get("role"))) is None:
            return "assistant" if value[flag] == _ARE_BOTS[flag] else "user"
        if any(isinstance(value.get(name), Mapping) for name in ("application", "user")):  # Microsoft Teams
            return "assistant" if isinstance(value.get("application"), Mapping) else "user"
        return next((value[inner] for inner in _SPEAKER if isinstance(value.get(inner), str) and value[inner]), None)
    if usual in _BY_USER or usual in _BY_BOT:
        is_so = value is True or str(value).strip().lower() in _TRUE
        return "user" if is_so == (usual in _BY_USER) else "assistant"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _DIRECTIONS.get(value.strip().lower().partition("-")[0], value) if isinstance(value, str) else value


def message_as_usual(item: JsonFields) -> JsonFields:
    """A message that names its speaker, or its words, by a usual name, as `role` and `content`; any other as it is."""
    if item.get("role") is not None:
        return item
    named: JsonObject = dict(item)
    roles = [(name, role) for name in speaker_fields(item) if isinstance(role := role_of(name, item[name]), str)]
    roles = [(name, role) for name, role in roles if role.strip()]
    if not roles:
        return item
    name, named["role"] = next(((name, role) for name, role in roles if side_of(role)), roles[0])
    if not isinstance(item[name], Mapping):
        del named[name]
    return words_as_usual(named)


def words_as_usual(item: JsonFields) -> JsonFields:
    """A message that says its words under a usual name alone as one with `content`; any other as it is."""
    if item.get("content") or any(item.get(name) not in (None, "", [], {}) for name in SAYS):
        return item
    by_name = {plain(name): name for name in item}
    words = next((by_name[each] for each in USUAL["content"] if isinstance(item.get(by_name.get(each, "")), str)), None)
    if words is None and isinstance(item.get("payload"), Mapping) and not is_bot_card(item["payload"]):
        words = "payload"
    if words is None or words == "content":
        return item
    return {**{name: value for name, value in item.items() if name != words}, "content": item[words]}


def is_bot_card(payload: JsonFields) -> bool:
    """Whether a payload is a card, or anything but the text of a message."""
    return not isinstance(payload.get("text"), str)
