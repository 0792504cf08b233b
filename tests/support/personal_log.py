"""A log full of personal data, in every place of a row that can hold some, and what of it must never be shown."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

EMAIL = "yusuf.rossi7301@example.com"
TRACES: tuple[str, ...] = (
    EMAIL, "yusuf.rossi", "415-555-2671", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "203.0.113.77", "sk-proj-Ab12Cd34Ef56Gh78Ij90Kl12",
    "hunter2!Zq", "615 Laurel Lane", "77244", "1985-06-15", "312-34-1234", "t0kenOfTheShop99", "yusuf_rossi_9620", "Yusuf", "Rossi",
)  # fmt: skip
"""What must never leave; the name where the conversation fails, since of those it is known."""
PLANTED = {
    "model": ("gpt-4o at 198.51.100.23", "198.51.100.23"),
    "model_version": ("ft ghp_Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8Ii9Jj0Kk1Ll2", "ghp_Aa1Bb2Cc3Dd4"),
    "prompt_version": ("v7 by vera.prompt@example.org", "vera.prompt"),
    "release": ("2026.3 https://ci.example/x?token=plantedRelease77", "plantedRelease77"),
    "column": ("seen by nora.column@example.org", "nora.column"),
    "device": ("iPhone of +49 171 5550123", "5550123"),
    "passport": ("DNI 12345678Z, Passport no. C01X00T47", "C01X00T47"),
    "key of an object": ("otto.key@example.org", "otto.key"),
    "document's id": ("doc of rita.docs@example.org", "rita.docs"),
    "document's title": ("Contract GB82 WEST 1234 5698 7654 32", "1234 5698 7654"),
    "document's text": ("The card is 5500 0055 5555 5559, call +44 7700 900457", "0055 5555 5559"),
    "document's address": ("https://docs.example/a?sig=plantedSignature0123456789", "plantedSignature"),
    "citation": ("see cara.cited@example.org", "cara.cited"),
    "finish reason": ("stop for finn.reason@example.org", "finn.reason"),
    "error": ("Timeout of 203.0.113.99 with password=Plant3d-Pass!", "Plant3d-Pass"),
    "tool": ("refund_for_tina.tool@example.org", "tina.tool"),
    "argument": ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJwbGFudGVkIjoxfQ.c2lnbmF0dXJlMDE", "eyJwbGFudGVkIjoxfQ"),
    "connection": ("postgres://app:Plant3dDbPw@db.example/shop", "Plant3dDbPw"),
    "rejected id": ("broken of rolf.reject@example.org", "rolf.reject"),
}  # fmt: skip
"""A secret in every further field of a row, as it stands there, and what of it must never leave."""
TRACES += tuple(trace for _, trace in PLANTED.values())
FILE = f"chats of {EMAIL}.jsonl"


def personal_log(folder: Path) -> Path:
    """Twenty-four failing conversations in JSON lines under a name that is personal, and one row that is rejected."""
    file = folder / FILE
    lines = [json.dumps(_row(n)) for n in range(24)]
    lines.append(json.dumps({"conversation_id": PLANTED["rejected id"][0], "messages": f"no list but {EMAIL}"}))
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def _row(n: int) -> dict[str, Any]:
    customer = {
        "user_id": "yusuf_rossi_9620", "name": {"first_name": "Yusuf", "last_name": "Rossi"}, "email": EMAIL, "phone": "+1 415-555-2671",
        "address": {"address1": "615 Laurel Lane", "city": "Houston", "zip": "77244"}, "dob": "1985-06-15", "ip": "203.0.113.77",
    }  # fmt: skip
    call = f"call of {EMAIL} {n}"
    planted = {field: text for field, (text, _) in PLANTED.items()}
    document = {
        "id": planted["document's id"],
        "title": planted["document's title"],
        "text": planted["document's text"],
        "url": planted["document's address"],
    }
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "You help with orders."},
        {"role": "user", "name": "Yusuf Rossi", "content": f"Hello, my name is Yusuf Rossi, {EMAIL}, born on 1985-06-15. Where is order {4700 + n}? Rossi is waiting."},
        {"role": "assistant", "content": "Let me look, Yusuf.", "tool_calls": [{"id": call, "name": "find_customer", "arguments": json.dumps({"email": EMAIL, "user_id": "yusuf_rossi_9620"})}]},
        {"role": "tool", "tool_call_id": call, "name": "find_customer", "content": json.dumps(customer)},
        {"role": "assistant", "content": "Thanks, Yusuf. I charge the card 4111 1111 1111 1111 and pay to DE89 3704 0044 0532 0130 00.", "tool_calls": [{"id": f"pay-{n}", "name": "refund_order", "arguments": json.dumps({"order": str(4700 + n), "key": "sk-proj-Ab12Cd34Ef56Gh78Ij90Kl12"})}]},
        {"role": "tool", "tool_call_id": f"pay-{n}", "name": "refund_order", "content": f"Error: no payment for Yusuf Rossi ({EMAIL}), SSN 312-34-1234"},
        {"role": "assistant", "content": "Error again." if n % 2 else "", "tool_calls": [{"id": f"again-{n}", "name": "refund_order", "arguments": json.dumps({"order": str(4700 + n), "key": "sk-proj-Ab12Cd34Ef56Gh78Ij90Kl12"})}]},
        {"role": "tool", "tool_call_id": f"again-{n}", "name": "refund_order", "content": f"Error: no payment for Yusuf Rossi ({EMAIL})"},
        {"role": f"clerk {EMAIL}" if n == 5 else "user", "content": "My password: hunter2!Zq and see https://shop.example/cb?token=t0kenOfTheShop99&n=2. Rossi, 615 Laurel Lane, Houston, TX 77244"},
        {"role": "assistant", "content": f"I am sorry, Yusuf Rossi, that did not work for {EMAIL}.", "finish_reason": planted["finish reason"], "retrieved": [document], "citations": [{"id": planted["citation"], "title": planted["citation"], "url": planted["document's address"]}],
         "tool_calls": [{"id": f"last-{n}", "name": planted["tool"], "arguments": json.dumps({"authorization": planted["argument"], "database": planted["connection"], planted["key of an object"]: 1})}]},
        {"role": "tool", "tool_call_id": f"last-{n}", "name": planted["tool"], "content": planted["error"], "error": planted["error"]},
        {"role": "assistant", "content": "I could not do it."},
    ]  # fmt: skip
    return {
        "conversation_id": f"of {EMAIL} {n}" if n % 3 == 0 else f"conv-{n:03d}",
        "bot": f"desk of {EMAIL}" if n >= 16 else "shop",
        "started_at": (datetime(2026, 3, 2, 9) + timedelta(hours=20 * n)).isoformat() + "Z",
        "messages": messages,
        "reward": 0.0,
        "user_id": "yusuf_rossi_9620",
        "customer_name": "Yusuf Rossi",
        "feedback_text": f"Never again. Yusuf Rossi, {EMAIL}",
        "channel": f"mail to {EMAIL}",
        "model": planted["model"], "model_version": planted["model_version"], "prompt_version": planted["prompt_version"], "release": planted["release"],
        planted["column"]: 1, "device": planted["device"], "papers": {"passport": planted["passport"], planted["key of an object"]: "x"}, "retrieved": [document],
    }  # fmt: skip
