"""Secrets by the syntax that sets them: settings, commands, headers, cookies and addresses.

People paste them whole. Every pattern is bounded, so that a long turn takes time in proportion to
its length.
"""

import re
from collections.abc import Iterator
from typing import Final

# Turns without any of these need no closer look; every pattern below holds one of them.
_SET: Final = re.compile(r"[=:<]|-p|-a\s|[\"'`]\s{0,4},")

_NAME: Final = r"(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_-]?key|credentials?)"
_VALUE: Final = r"(?P<value>[^\s\"'`<>;,]{3,200})"

_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # STRIPE_KEY=..., PGPASSWORD=..., DBPASS: ...
        (
            r"(?<![A-Za-z0-9])(?!PUBLIC|PRIMARY|FOREIGN|SORT|PARTITION|MAX_|MIN_|NUM_)"
            r"[A-Z][A-Z0-9_]{0,40}(?:(?:_|API)KEY|(?:_|DB|USER|ROOT)PASS|(?:_|DB|USER|ROOT)PWD"
            r"|SECRET|TOKEN|PASSWD|PASSWORD|CREDENTIALS|_SALT)"
            rf"(?:_BASE)?[\"']?\s{{0,2}}[:=]\s{{0,2}}[\"'`]?{_VALUE}"
        ),
        # dbPassword: ..., "accessToken": ..., secret_key_base: ...
        (
            r"(?<![A-Za-z0-9])[a-z][A-Za-z0-9]{0,30}"
            r"(?:Password|Passwd|Pass|Secret|Token|ApiKey|SecretKey|AccessKey|PrivateKey)"
            rf"[\"'`]?\s{{0,4}}[:=]\s{{0,4}}[\"'`]?(?!\d{{1,7}}\b){_VALUE}"
        ),
        r"(?i:secret_key_base|dbpass(?:word)?|pgpassword)[\"']?\s{0,4}[:=]\s{0,4}[\"'`]?" + _VALUE,
        # <password>...</password>, {"name": "DB_PASSWORD", "value": "..."}, ["password", "..."]
        rf"(?i:<[\w:.-]{{0,30}}{_NAME}\w{{0,10}}>)\s{{0,4}}{_VALUE}\s{{0,4}}</",
        rf"(?i:{_NAME})[\"']?,?\s{{1,8}}[\"']?value[\"']?\s{{0,4}}[:=]\s{{0,4}}[\"'`]?{_VALUE}",
        rf"(?i:{_NAME})([\"'`])\s{{0,4}},\s{{0,4}}[\"'`]{_VALUE}",
        # password: >
        rf"(?i:{_NAME})[\"']?\s{{0,4}}:\s{{0,4}}[>|][-+]?\s{{1,12}}{_VALUE}",
        # mysql -psecret, sshpass -p secret, docker login -p secret, redis-cli -a secret
        rf"\bmysql\w{{0,10}}\b[^\n]{{0,80}}?\s-p[\"']?{_VALUE}",
        (
            r"\b(?:sshpass|docker\slogin|mongo(?:sh)?)\b[^\n]{0,80}?\s-p\s?[\"']?"
            rf"(?!\d{{1,5}}(?:\s|\Z)){_VALUE}"
        ),
        rf"\bredis-cli\b[^\n]{{0,80}}?\s-a\s[\"']?{_VALUE}",
        rf"\s--user[\s=][\"']?[^\s:]{{1,100}}:{_VALUE}",
        # Headers and cookies.
        (
            r"(?i:authorization)[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:[A-Za-z]{1,20}\s{1,4})?"
            r"(?P<value>(?=[^\s\"']{0,40}\d)[^\s\"']{6,400})"
        ),
        (
            r"(?i:\b(?:j?session_?id|sess_?id|phpsessid|connect\.sid|(?:csrf|xsrf|auth)[_-]?token|sid))"
            r"[\"']?\s{0,2}[=:]\s{0,2}[\"']?(?P<value>(?=[^\s\"';]{0,40}\d)[^\s\"';,]{6,400})"
        ),
        r"(?i:\b(?:set-)?cookie:)\s{0,4}[^\s=;]{1,60}=(?P<value>[^\s;]{6,400})",
        # What an address carries for whoever opens it.
        (
            r"[?&#;](?i:(?:access|id|refresh|auth|reset|login|magic|session)?[_-]?token|sig|signature"
            r"|secret|pwd|passw(?:or)?d|pass|otp|jwt|api_?key|authkey|subscription-key"
            r"|x-amz-(?:signature|credential|security-token))=(?P<value>[^\s&#\"'<>]{4,400})"
        ),
        (
            r"[?&#;](?i:key|auth|session(?:id)?|sid|ticket)="
            r"(?P<value>(?=[^\s&#]{0,40}\d)[^\s&#\"'<>]{6,400})"
        ),
        r"[?&#;](?i:code)=(?P<value>(?=[^\s&#]{0,40}\d)[^\s&#\"'<>]{16,400})",
        r"(?P<value>[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,100}:[^\s/@]{1,200}@)",
        r"(?P<value>[a-z][a-z0-9+.-]{1,20}://[\w-]{16,200}@)",
        (
            r"\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|ldaps?|mssql)"
            r"(?:\+\w{1,20})?://[^\s/:@]{0,100}:(?P<value>[^\s]{1,200})@"
        ),
        # What a code to scan for a network says.
        r"WIFI:[^\s]{0,120}?P:(?P<value>[^;\n]{1,80})",
    )
)


def told(text: str) -> Iterator[str]:
    """Yields what settings, commands and addresses in a text tell."""
    if not _SET.search(text):
        return
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield match["value"]
