"""Clean neighbours: what looks like personal data or a secret and is none, from shops, logs, code, timetables and statistics."""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Iterator
from functools import partial

from benchmarks.unseen.rows import Datum, Rng, filled

FORMS = {
    "order number": ("order <n><d9>", "Order #<d10>", "order no. <d3>-<d7>-<d7>", "#<u8>", "ORD-<d8>-<d4>", "Bestellnummer <d10>", "commande n° <d9>", "pedido <d10>", "Your order <d5>-<d5> shipped"),
    "reference": ("reservation <u6>", "PNR <u6>", "confirmation code <u6>", "ticket number 016-<d10>", "case 5003<d11>", "Ref: <d4>-<d4>", "claim no. <d2>-<d7>", "policy <U2><d8>", "Vorgang <d4>/<d5>"),
    "invoice": ("invoice 20<d6>", "INV-<d4>-<d5>", "Rechnung Nr. <d4>-<d6>", "facture <d8>", "receipt no. <d7>", "customer number <d8>", "account <d6>", "Kundennummer <d7>"),
    "tracking": ("1Z<u6><d10>", "tracking 94001118992231<d8>", "<U2><d9>DE", "DHL 00340434<d12>", "JD0146<d12>", "UPS 1Z999AA1<d10>", "tracking number <d12>", "LP<d14>"),
    "date": ("20<d2>-0<n>-1<d>", "1<d>.0<n>.2024", "0<n>/1<d>/2025", "2026-0<n>-2<d>T1<d>:3<d>:0<d>Z", "1<d> March 2025", "the 0<n>-1<d>-24", "1<d>.0<n>.", "20240<n>1<d>", "2025/0<n>/1<d> 08:1<d>", "1<d>-0<n>-2024"),
    "time": ("1<d>:3<d>", "0<n>:15:2<d>.<d3>", "1<d>:0<d> – 1<d>:3<d>", "00:0<n>:3<d>", "1<d>h30", "UTC+02:00", "0<n>:00 AM", "PT1H3<d>M"),
    "timestamp": ("17<d8>", "17<d11>", "17<d14>", "ts=17<d8>.<d6>", "1.7<d5>e9", "@17<d8>", "epoch 16<d8>"),
    "price": ("$<n>,<d3>.<d2>", "<n>.<d3>,<d2> €", "£<n><d>.99", "EUR <d4>.<d2>", "<n> <d3> <d3> kr", "₹ <n>,<d2>,<d3>", "USD <n><d2> - USD <n><d3>", "CHF <n>'<d3>.50", "<n> <d3>,<d2> zł", "$<d3>.<d2> x <d2> = $<d4>.<d2>"),
    "isbn": ("ISBN 978-3-16-<d6>-0", "978<d10>", "ISBN-13: 978-0-<d3>-<d5>-<d>", "ISBN 0-<d3>-<d5>-X", "ISSN <d4>-<d4>", "EAN 4006381<d6>", "GTIN 0<d13>"),
    "version": ("v<n>.<d2>.<d>", "version 1<d>.0.<d4>.<d3>", "python 3.1<d>.<d>", "Chrome/12<d>.0.<d4>.<d3>", "release 20<d2>.<d2>", "numpy==2.<d>.<d>", "firmware 10.2.<d>.<d>", "Android 1<d>; build <U2><d>A.2<d>0<d>05.00<d>", "react@18.2.<d>", "1.<d>.0-rc.<d>", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"),
    "coordinates": ("48.8<d4>, 2.3<d4>", "-33.8<d5> 151.2<d5>", "52°31'1<d>\"N 13°24'0<d>\"E", "lat=40.7<d4>&lon=-74.0<d4>", "POINT(13.4<d4> 52.5<d4>)", "geo:37.78<d2>,-122.39<d2>", "[13.<d6>, 52.<d6>]", "8FVC9G8F+<u2>"),
    "uuid": ("<h8>-<h4>-4<h3>-a<h3>-<h12>", "id <H8>-<H4>-4<H3>-B<H3>-<H12>", "urn:uuid:<h8>-<h4>-4<h3>-8<h3>-<h12>", "{<h8>-<h4>-4<h3>-9<h3>-<h12>}", "request_id=<h32>", "trace <h32> span <h16>", "00-<h32>-<h16>-01"),
    "hash": ("<h40>", "commit <h7>", "<h7>..<h7>", "sha256:<h64>", "md5 <h32>", "etag \"<h32>\"", "integrity sha512-<b86>==", "blob <h64>", "index <h7>..<h7> 100644", "sha1=<h40>"),
    "call id": ("call_<a24>", "toolu_<a24>", "chatcmpl-<a29>", "msg_<a24>", "run_<a24>", "thread_<a24>", "resp_<h48>", "evt_<a24>", "cus_<a14>", "ch_<a24>", "pi_<a24>", "fc_<h40>"),
    "statistics": ("<d2>.<d> % of <d3> rows", "mean 0.<d6> ± 0.<d4>", "p = 0.0<d3>, n = <d4>", "1<d>,<d3>,<d3> rows", "[0.<d2>, 0.<d2>]", "<d2>/<d2> passed", "AUC 0.<d3> [0.<d3>, 0.<d3>]", "-1.<d8>", "<d>.<d15>", "1,2,3,5,8,13,21,34,55", "500 - 299 + 1<d3>"),
    "measure": ("38-40-42", "size 3<d> x 3<d>", "1<d>0 x 200 x 30 cm", "<d2> kg", "1920x1080", "3.5 mm", "<d3> 000 km", "R-410A", "5-10-15", "M8x1.25", "<d4> mAh", "120/80 mmHg", "225/45 R17"),
    "part number": ("part 0<d3>-<d3>-<d4>X", "SKU <d2>-<d4>-<d2>", "P/N <d3>-<d5>-<d2>", "model WX-<d4>-<d3>", "item 555-<u4>", "MPN <d4>.<d3>.<d2>A", "article 4<d2>.<d3>.<d2>", "ASIN B0<u8>", "serial C02<u9>", "REF <d3> <d3> <d2>", "OEM 06A 906 0<d2> <U>"),
    "device": ("IMEI 35<d6>-<d2>-<d6>-1", "imei: 35<d13>", "MAC address printed on the box", "serial number <d4>-<d4>-<d4>", "SIM 8949<d15>", "meter <d10>", "VIN WVWZZZ1<u2>6W<d6>", "ICCID 8901<d15>"),
    "flight": ("flight UA <d3>", "LH<d4> at 1<d>:35", "gate B<d2>, seat 1<d>C", "HAT<d3>", "ATL-LAX 20:15", "train ICE <d3>, coach 1<d>", "E-ticket 220-<d10>"),
    "zip": ("zip code field", "plates B-<U2> <d4>", "ZIP <d5> is outside", "PLZ-Gebiet 1", "area 51", "A<d2> motorway"),
    "code": ("for i in range(1<d>, 2<d>):", "x = arr[1<d>:2<d>]", "SELECT * FROM t WHERE id = <d6>", "color: #<h6>;", "rgba(1<d>, 2<d>, 3<d>, 0.5)", "0x<h8>", "#include <stdio.h>", "std::vector<int>", "a @ b", "@app.route('/users')", "def f(x: int = <d4>) -> None:", "git checkout -b fix-<d4>", "margin: 0 1<d>px 2<d>px 0", "if (a.b && c::d) {{", "printf(\"%d %s\", n, s);", "user@host:~$ ls", "lambda x: x+1", "token = next(tokens)", "key = lambda p: p.name", "password = input()", "const token = await getToken();", "api_key = os.environ['API_KEY']"),
    "regular words": ("my password is wrong", "I forgot my password", "password: required", "reset the password please", "the key is under the mat", "the secret of success", "a token of thanks", "what is my PIN?", "API key missing", "authorization failed", "the phone is broken", "call me maybe", "my name is on the ticket", "I'm sorry for that", "Dear customer,", "I am happy with it", "born in the USA", "this is great", "sign in at the desk", "look at example.com", "follow @example", "see you at the store", "it starts at 5 dot something", "Best regards", "the address bar", "key: value", "session expired", "Token limit 4096 exceeded", "prompt_tokens: 1<d3>", "max_tokens=<d4>", "key point: <d2> items"),
    "card like": ("<d15>0<d>", "gift card ending in <d4>", "card ending <d4>", "**** **** **** <d4>", "XXXX-XXXX-XXXX-<d4>", "payment_id gift_card_<d7>", "expires 0<n>/2<d>", "account_balance: <d7>", "credit_card_<d7>"),
    "network words": ("port 80<d2>", "HTTP/1.1 404", "127.0.0.1:80<d2>", "0.0.0.0", "localhost:3000", "::1", "Foo::Bar", "12::30", "std::cout", "a:b:c", "section 1.2.3.4", "RFC 791", "/24", "aa:bb", "10:30:45", "ratio 3:2:1", "time 00:11:22:33"),
    "pagination": ("page 1<d> of 2<d>", "rows 1-<d3> of <d4>", "1) 2) 3)", "Q<n> 20<d2>", "FY2<d>/2<d>", "chapter 1<d>.<d>.<d>", "§ 1<d>3 Abs. 2", "Art. 6(1)(f)", "Figure <d>.<d>", "line 4<d2>, column <d2>"),
    "sports": ("21-15, 19-21, 15-12", "6-4 3-6 7-6", "2 : 1", "1.FC 04", "1989-2019", "0-0-3", "2023-24 season", "route 66", "4x100 m in 0:4<d>.<d2>", "52-1<d>-3 record"),
    "chemistry": ("CAS <d4>-<d2>-<d>", "H2O2", "C6H12O6", "pH 7.<d>", "E<d3>", "NCT0<d7>", "PMID <d8>", "doi:10.1<d3>/abc.<d4>.<d5>", "arXiv:2<d3>.<d5>", "UniProt P<d5>", "rs<d7>"),
    "address of the web": ("https://example.com/orders/<d6>", "https://example.com/p?page=2&sort=asc", "https://example.com/a?id=<d5>&code=DE", "http://localhost:8501/cluster?c=C0001", "https://docs.example.com/v2.1/api.html#L<d2>", "www.example.com/2024/0<n>/post", "https://example.com/search?q=phone+case", "s3://bucket/key-<d4>.parquet", "file:///tmp/x.log", "https://example.com/i.png?w=<d3>&h=<d3>&v=<d2>"),
    "JSON": ('{"n": <d4>, "ok": true}', '{"price": <d3>.<d2>, "qty": <d>}', '{"created": 17<d8>}', '{"id": <d7>, "user": null}', '{"status": "ok", "count": 1<d2>}', '{"flight": "HAT0<d2>", "date": "2024-05-1<d>"}', "[1<d>, 2<d>, 3<d>]", '{"lat": 48.8<d3>, "lng": 2.3<d3>}', '{"temperature": 0.<d>, "max_tokens": <d4>}', '{"key": "value", "token_count": <d3>}', '{"name": "Blue Shirt", "item_id": "<d10>"}'),
}  # fmt: skip
_WORDS = "the a refund flight order policy customer asked that we check whether this ticket was booked before May and how many bags are allowed on a return trip with two stops in Denver please confirm your choice".split()


def _image(rng: Rng) -> str:
    return "data:image/png;base64,iVBORw0KGgo" + base64.b64encode(rng.randbytes(rng.randrange(60, 400))).decode()


def _prose(rng: Rng) -> str:
    return (" ".join(rng.choice(_WORDS) for _ in range(rng.randrange(8, 40))).capitalize()) + "."


def _uuid7(rng: Rng) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def neighbours(rng: Rng) -> Iterator[Datum]:
    """Clean rows of 34 groups, round and round."""
    makers = {group: partial(_form, forms) for group, forms in FORMS.items()}
    others = {"base64 image": _image, "prose": _prose, "random uuid": _uuid7, "letters": lambda rng: filled(rng, "<l32>")}  # fmt: skip
    while True:
        for group, make in (makers | others).items():
            yield Datum(group, make(rng), ())


def _form(forms: tuple[str, ...], rng: random.Random) -> str:
    return filled(rng, rng.choice(forms))
