"""Keys and tokens that show what they are: by what their issuers begin them with, as JSON Web Tokens (RFC 7519), private keys (RFC 7468)
and webhooks' addresses.

A list of issuers' forms and no measure of entropy: that takes call ids, hashes and images.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text.shapes.spans import Span, apart

_UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_PREFIXED = re.compile(
    rf"""(?<![A-Za-z0-9_-]) (?:
      (?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{{16}} (?![0-9A-Za-z]) | LTAI[0-9A-Za-z]{{16,24}} | AKCp[0-9A-Za-z]{{60,80}} | cmVmd[0-9A-Za-z]{{50,64}}
    | gh[opsur]_[A-Za-z0-9]{{20,255}} | github_pat_[A-Za-z0-9_]{{20,255}} | gl(?:pat|dt|rt|rtr|ptt|soat|cbt|ft|ffct|imt|agent|oas|wt)-[A-Za-z0-9_-]{{16,320}}(?:\.[0-9a-z.]{{2,20}})? | GR1348941[A-Za-z0-9_-]{{20}}
    | (?:sk|pk|rk)_(?:live|test|prod)_[A-Za-z0-9]{{10,255}} | sk-(?:ant-|proj-|or-|svcacct-|admin-)?(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{{20,255}} | whsec_[A-Za-z0-9+/]{{20,64}}
    | (?:xox[abceoprs]|xapp|xoxe\.xox[bp])-[0-9A-Za-z-]{{10,255}} | AIza[0-9A-Za-z_-]{{35}} | ya29\.[0-9A-Za-z_-]{{20,255}} | GOCSPX-[0-9A-Za-z_-]{{20,40}} | [0-9]{{6,24}}-[0-9a-z]{{32}}\.apps\.googleusercontent\.com
    | npm_[A-Za-z0-9]{{36}} | (?:hf|api_org)_[A-Za-z0-9]{{30,64}} | (?:gsk|pplx|xai|r8|csk|fw|tgp_v1)[_-](?=[A-Za-z]*[0-9])[A-Za-z0-9]{{24,128}} | nvapi-[A-Za-z0-9_-]{{40,80}}
    | SG\.[A-Za-z0-9_-]{{16,32}}\.[A-Za-z0-9_-]{{16,64}} | x(?:key|smtp)sib-[0-9a-f]{{64}}-[A-Za-z0-9]{{16}} | (?:pub)?key-[0-9a-f]{{32}} | [0-9a-f]{{32}}-us[0-9]{{1,2}} (?![0-9A-Za-z])
    | A3-[A-Z0-9]{{6}}(?:-[A-Z0-9]{{5,11}}){{4,5}} | ops_eyJ[A-Za-z0-9+/=]{{20,4096}} | p8e-[A-Za-z0-9]{{32}} | ATATT3[A-Za-z0-9_=-]{{40,255}} | ATCTT3[A-Za-z0-9_=-]{{40,255}}
    | 4b1d[A-Za-z0-9]{{38}} | CLOJARS_[a-z0-9]{{60}} | v1\.0-[0-9a-f]{{24}}-[0-9a-f]{{100,160}} | dapi[0-9a-f]{{32}}(?:-[0-9])? | do[opr]_v1_[0-9a-f]{{40,64}}
    | dp\.(?:pt|ct|sa|scim|audit|st)\.(?:[a-z0-9_-]{{2,35}}\.)?[A-Za-z0-9]{{40,44}} | duffel_(?:live|test)_[A-Za-z0-9_=-]{{30,64}} | dt0[a-z0-9]{{3}}\.[A-Z0-9]{{24}}\.[A-Za-z0-9]{{40,64}} | EZ[AT]K[A-Za-z0-9]{{54}}
    | EAA[A-Z][A-Za-z0-9_-]{{22,255}} | sq0[a-z]{{3}}-[A-Za-z0-9_-]{{22,60}} | FLW(?:SEC|PUB)K(?:_TEST)?-[A-Za-z0-9]{{12,40}}(?:-X)? | fo1_[A-Za-z0-9_-]{{40,50}} | fm(?:1[ar]|2)_[A-Za-z0-9+/=]{{60,2048}} | fio-u-[A-Za-z0-9_=-]{{60,70}}
    | gl(?:c|sa)_[A-Za-z0-9+/_=]{{32,400}} | (?:pat|sat)\.[A-Za-z0-9_-]{{22}}\.[A-Za-z0-9]{{20,24}}\.[A-Za-z0-9]{{20}} | HRKU-[A-Za-z0-9_-]{{40,70}} | pat-(?:na|eu)[0-9]-{_UUID} | access-(?:sandbox|development|production)-{_UUID}
    | ico-[A-Za-z0-9]{{32}} | s-s4t2(?:ud|af)-[0-9a-f]{{64}} | lin_(?:api|oauth)_[A-Za-z0-9]{{32,64}} | [ps]k\.eyJ[A-Za-z0-9_-]{{20,120}}(?:\.[A-Za-z0-9_-]{{10,40}})? | [A-Za-z0-9]{{6}}_[A-Za-z0-9]{{29}}_mmk
    | NR(?:AK|JS|II|AA|RA|IQ)-[A-Za-z0-9_-]{{16,40}} | ntn_[0-9A-Za-z]{{40,60}} | secret_[A-Za-z0-9]{{40,60}} | oy2[a-z0-9]{{43}} | API-[A-Z0-9]{{26}} (?![A-Za-z0-9]) | sha256~[A-Za-z0-9_-]{{43}}
    | access_token\$(?:production|sandbox)\$[0-9a-z]{{16}}\$[0-9a-f]{{32}} | pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_=.-]{{30,64}} | PMAK-[0-9a-f]{{24}}-[0-9a-f]{{34}} | p[nu]u_[A-Za-z0-9]{{36}} | pul-[0-9a-f]{{40}} | pypi-AgE[A-Za-z0-9_-]{{20,1024}}
    | rdme_[a-z0-9]{{70}} | rubygems_[0-9a-f]{{48}} | tk-us-[A-Za-z0-9_-]{{48}} | sntry[su]_[A-Za-z0-9+/=_-]{{40,512}} | shippo_(?:live|test)_[0-9A-Fa-f]{{40}} | shp(?:at|ca|pa|ss|tka)_[0-9A-Fa-f]{{32}}
    | sgp_(?:[0-9A-Fa-f]{{16}}_|local_)?[0-9A-Fa-f]{{40}} | sbp_[0-9a-f]{{40}} | tskey-[a-z]{{2,10}}-[A-Za-z0-9-]{{20,80}} | [0-9]{{8,10}}:AA[A-Za-z0-9_-]{{33}} | [A-Za-z0-9]{{14}}\.atlasv1\.[A-Za-z0-9_=-]{{60,70}}
    | (?:SK|AC)[0-9a-f]{{32}} (?![0-9A-Za-z]) | A{{20}}[A-Za-z0-9%]{{60,110}} | tfp_[A-Za-z0-9_.=-]{{40,64}} | hv[sbr]\.[A-Za-z0-9_-]{{24,320}} | s\.(?=[A-Za-z]*[0-9])[A-Za-z0-9]{{24}} (?![A-Za-z0-9]) | vercel_blob_rw_[A-Za-z0-9_]{{20,80}}
    | AQVN[A-Za-z0-9_-]{{35,38}} | t1\.[A-Za-z0-9_-]{{1,200}}={{0,2}}\.[A-Za-z0-9_-]{{86}} | [MNO][A-Za-z0-9]{{23,27}}\.[A-Za-z0-9_-]{{6}}\.[A-Za-z0-9_-]{{27,40}} | AGE-SECRET-KEY-1[0-9A-Z]{{40,60}} | [A-Za-z0-9_~.]{{3}}[0-9]Q~[A-Za-z0-9_~.-]{{31,34}}
    | eyJ[A-Za-z0-9_+/-]{{16,4096}}={{0,2}}(?:\.[A-Za-z0-9_-]{{0,8192}}){{0,4}} | eyJ[A-Za-z0-9_-]{{8,16}}\.[A-Za-z0-9_-]{{8,8192}}(?:\.[A-Za-z0-9_-]{{0,2048}})?
    )""",
    re.VERBOSE,
)
_LONG = re.compile(r"(?<![A-Za-z0-9_.:$~+=%/-])[A-Za-z0-9_.:$~+=%/-]{18,}+")
"""A run that could hold a key: prose has hardly any, so that the long pattern looks at next to nothing of it."""
_PRIVATE_KEY = re.compile(
    r"-----BEGIN[ ][A-Z0-9 ]{0,30}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----"
    r"(?: (?:(?!-----)[\s\S]){0,32768} -----END[ ][A-Z0-9 ]{0,30}PRIVATE[ ]KEY(?:[ ]BLOCK)?----- | [A-Za-z0-9+/=\s\\]{0,32768} )",
    re.VERBOSE,
)
_WEBHOOK = re.compile(
    rf"""(?: hooks\.slack\.com/(?:services|workflows|triggers)/ | discord(?:app)?\.com/api/webhooks/[0-9]{{10,24}}/ | hooks\.zapier\.com/hooks/catch/ | webhook\.office\.com/webhookb2/{_UUID}@
        | \.logic\.azure\.com[^\s"'<>]{{1,200}}?sig= ) (?P<secret>[A-Za-z0-9_/@.-]{{7,255}})
      | //(?P<user>[0-9a-f]{{32}})(?::[0-9a-f]{{32}})?@[a-z0-9.]{{1,60}}sentry\.io""",
    re.VERBOSE,
)


def keys(text: str) -> Iterator[Span]:
    """Keys of some ninety issuers, JSON Web Tokens also cut short, private keys, and what makes a webhook's address a secret."""
    spans: list[Span] = []
    for run in _LONG.finditer(text):
        if text.endswith("base64,", 0, run.start()):
            continue  # an image
        spans += [(*match.span(), "[key]") for match in _PREFIXED.finditer(text, *run.span())]
    if "PRIVATE KEY" in text:
        spans += [(*match.span(), "[key]") for match in _PRIVATE_KEY.finditer(text)]
    if "hook" in text or "sentry.io" in text or "logic.azure" in text:
        for match in _WEBHOOK.finditer(text):
            spans.append((*match.span("secret" if match["secret"] else "user"), "[key]"))
    yield from apart(spans)
