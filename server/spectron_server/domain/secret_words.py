"""Secrets by the words that tell them: "my password is hunter2", "the door code is 4410".

A plain word is a secret only by what stands before or after it. Two kinds of names are told apart:
passwords may be any word, codes hold digits, be they spelled. What usually follows without being
one ("the password is not working") is left out. The names are English, and those of other languages
that people write to assistants in. Every pattern is bounded, so that a long turn takes time in
proportion to its length.
"""

import re
from collections.abc import Iterator
from typing import Final

# Turns without any of these need no closer look; every pattern below holds one of them.
_NAMES: Final = (
    "pwd", "contrase", "senha", "wachtwoord", "clave", "hasło", "lösenord", "adgangskode",
    "şifre", "парол", "token", "secret", "phrase", "mnemonic", "cvv", "cvc", "otp", "ssn",
    "security", "number", "nummer", "code", "código", "codice", "combo", "combination", "login",
    "log-in", "log in", "signin", "sign-in", "sign in", "credential", "verify", "confirm your",
    "unlock", "get in", "2fa", "mfa", "totp", "authenticator", "mot de passe", "密码", "密碼",
    "パスワード", "暗証番号", "비밀번호",
)  # fmt: skip
# Some stand in many other words: "passion", "keyboard".
_NAMES_BY_PART: Final = {
    "pass": re.compile(r"pass(?![abd-nq-vx-z])"),
    "key": re.compile(
        r"""
        (?: api|access|secret|private|encryption|signing|licen[cs]e|master|admin|auth|refresh|bearer
          | bot|ssh|gpg|deploy|service|backup|recovery|rescue|scratch|one-time )
        [\s_-]? key | keypad
        """,
        re.VERBOSE,
    ),
}
_ANY_DIGIT: Final = re.compile(r"\d")
_SHORT_NAMES: Final = re.compile(r"(?:pw|wort|pin|nip|puk|tan)\b")

_WORD_NAMES: Final = r"""
    (?: pass(?:word|wd|code|phrase|\ phrase|\ word)s? | pwd | pw | mnemonic
      | (?:seed|recovery)\ phrase
      | (?: api|access|secret|private|encryption|signing|licen[cs]e|master|admin|auth|refresh
          | bearer|bot|ssh|gpg|deploy|service )
        [ _-]? (?:access[ _-])? (?:key|token|secret)s?
      | client[ _-]?secret | (?:2fa|mfa|totp|authenticator)\ (?:setup\ )?(?:key|seed|secret)
      | (?:[a-zäöü]{1,12}-?)? (?:passwort|kennwort) | mot\ de\ passe | contrase(?:ñ|n)a | senha
      | wachtwoord | hasło | lösenord | passord | adgangskode | şifrem? | парол[ьяе] )
"""
_CODE_NAMES: Final = r"""
    (?: pin(?:\ (?:code|number))? | nip | puk | m?tan | combo | combination
      | keypad(?:\ (?:code|number))? | cvv2? | cvc2? | otp | ssn
      | social\ security(?:\ number)?
      | (?:bank\ )?account\ (?:number|no\.?) | kontonummer | routing\ number | sort\ code
      | card\ number
      | (?: door|gate|alarm|entry|safe|lock|locker|garage|access|security|backup|recovery|unlock
          | atm|disarm|lock\ ?box|lock\ ?screen|entrance|building|voicemail|cvv|cvc
          | verification|confirmation|one-time|2fa|mfa|sms|steam\ guard )
        (?: 's )? [ _-]? (?:backup\ |recovery\ )? codes?
      | codes? \ (?:to|for|of) \ (?:my|the|our) \ (?:[\w-]{1,20}\ )?
        (?:phone|safe|door|gate|house|garage|alarm|locker|lock|building|flat|apartment|office|bike)
      | (?:(?:haus|wohnungs)?tür|tor|alarm|zugangs|sicherheits|bestätigungs)-?code
      | code\ für\ (?:die|das|den|unsere?n?|meine?n?)\ (?:haus|wohnungs)?
        (?:tür|tor|alarmanlage|safe|tresor)
      | código\ (?:de|del)\ (?:la\ )?(?:puerta|acceso|seguridad|verificación|alarma)
      | code\ (?:de\ la\ porte|d'accès|de\ vérification) | codice\ (?:di\ accesso|della\ porta) )
"""
# Words that mean other things as well.
_LOOSE_NAMES: Final = "(?: secret | token | pass | clave )"

_ORDINARY_WORDS: Final = """
    a about accepted again all already also always an and annoying another any anything as at bad
    based be because been being better birthday blocked both broken but by can changed compromised
    denied deprecated different due easy empty encrypted everything expire expired expiring face few
    field fine fingerprint fingerprints for forgotten from generator getting going gone good hard
    hashed help her here hidden hint his how id if impossible in incorrect invalid it its just kept
    known leaked less like long lost manager mandatory many maybe meet missing more must my name
    needed never new no none nope not nothing now null obvious of ok okay old on one only optional
    or our out outdated part please policy private probably public rate-limited really rejected
    required reset revoked right rotated safe same saved secure see sent set short should so some
    somebody someone something sorry sort still stolen stored strong stupid such supposed sure
    synced terrible thanks that the their there these they this those to todo too unchanged unique
    unknown unset used useless valid very wait weak what when where which who why with without
    working wrong yes your yours
    zu zum nicht kein keine sehr siehe noch jetzt immer sicher unsicher neu falsch lang kurz weg
    geheim gestohlen abgelaufen die der das ein eine muy nueva nuevo demasiado trop pas la el le les
    una un
"""
_ORDINARY: Final = rf"(?: (?:{'|'.join(map(re.escape, _ORDINARY_WORDS.split()))}) (?:\W|\Z) )"
_GOES_ON: Final = (
    r"(?: and|but|so|in|for|because|if|on|exp|which|it|to|at|is|or|just|ok ) (?:\W|\Z)"
)
_VALUE: Final = rf"""
    ["'`]? (?! {_ORDINARY} )
    (?P<value> [^\s"'`,;]{{1,200}} (?: \ (?! {_GOES_ON} ) [^\s,;]{{1,40}} ){{0,24}} )
"""
_DIGITS_VALUE: Final = rf'(?= ["`]? \S{{0,40}}\d ) {_VALUE}'
_MIXED_VALUE: Final = rf"(?= \S{{0,40}}[A-Za-z] ) (?= \S{{6}} ) {_DIGITS_VALUE}"

_FOR: Final = r"""
    (?: \s{1,4}
        (?:for|to|of|on|at|für|vom|von|zum|meine[rs]|del?|du|pour|do|da|voor|van
          |от|для) \s{1,4}
        [\w\ '.-]{1,40}?
      | \s{0,4} [(\[] [^()\[\]\n]{1,40} [)\]] )?
"""
_EQUALS: Final = r"""["'`]? \s{0,4} = \s{0,4}"""
_IS: Final = r"""
    (?: ["'`]? \s{0,4} (?: [:=|] | -{1,2}> | [→⇒] ) \s{0,4} | \s{1,4}-{1,2}\s{1,4}
      | \?\s{1,4}(?:it|that)(?:'?s|\ is)\s{1,4}
      | \s{1,4}(?:is|are|was|were|will\ be|remains|equals|stays|ist|lautet) \s{1,4}
      | \s{1,4}(?:es|est|c'est|é|è|är) \s{1,4}
      | \s{1,4}(?:has\ been|is|was|got)\ (?:set|changed|reset|updated)\ to\s{1,4} | 's\s{1,4} )
    (?: (?:now|currently|still)\s{1,4} )?
"""
# Said so, an ordinary word follows as a rule: "my password might be weak".
_MAY_BE: Final = r"""
    (?: \s{1,4} (?:might|may|could|should|must|would|used\ to) \ (?:have\ been|be)
      | (?: \s{1,4} has | 's ) \ been ) \s{1,4}
"""
_APART: Final = r"(?: \s{1,4}everywhere )? , \s{1,4} (?= \S{4} )"
_FORMERLY: Final = r"(?: \s{1,4} from \s{1,4} \S{1,40} )?"
_DIGIT: Final = r"""
    (?: zero|oh|one|two|three|four|five|six|seven|eight|nine|(?:double|triple)\ \w{3,5}
      | null|eins|zwei|zwo|drei|vier|fünf|sechs|sieben|acht|neun
      | cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve )
"""
_SPELLED: Final = rf"(?P<value> {_DIGIT} (?: [\s,-]{{1,3}} {_DIGIT} ){{2,18}} ) (?!\w)"
_ONE_WORD: Final = rf"(?! {_ORDINARY} ) (?P<value> [^\s\"'`,;]{{3,100}}? )"
_QUOTE: Final = "\"'`\u2018\u2019\u201c\u201d\u201e"
_QUOTED: Final = rf"[{_QUOTE}] (?! {_ORDINARY} ) (?P<value> [^{_QUOTE}\n]{{3,60}} ) [{_QUOTE}]"
_ENDS: Final = r"(?= \s{0,4} (?: [.,;!?)] | \n | \Z ) )"
_SAFE: Final = r"""
    (?: safe|door|gate|alarm|locker|garage|vault ) \b [^.\n]{0,40}? \b code \s{1,4} (?: is\s{1,4} )?
"""
_LOGIN: Final = r"""
    (?: log-?in|credentials?|sign-?in ) (?: \s{1,4}(?:for|to)\s{1,4}\S{1,40} )?
    \s{0,4} (?: is|are|:|= ) \s{0,4} (?P<value> \S{1,100} \s{0,2}/\s{0,2} \S{1,100} )
"""
_USER: Final = r"""
    (?: user(?:name)? | login ) \s{1,4} \S{1,100} \s{1,4} (?: password|passwd|pass|pw ) \s{1,4}
"""
_CHANGED: Final = r"""
    (?:chang|set|reset|updat)\w{0,5} \s{1,4} (?:\w{1,20}\s{1,4}){0,3}
"""


def _after(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(rf"(?<![A-Za-z0-9]) {pattern}", re.VERBOSE | re.IGNORECASE)
        for pattern in patterns
    )


_WORDS_AFTER: Final = _after(
    rf"{_WORD_NAMES} {_FOR} {_IS} {_VALUE}",
    rf"(?: password|passcode|pin|pw ) \? \s{{1,4}} {_ONE_WORD} {_ENDS}",
    rf"{_WORD_NAMES} \s{{1,4}} {_QUOTED}",
    rf"{_CODE_NAMES} {_FOR} {_IS} {_SPELLED}",
    rf"{_LOOSE_NAMES} {_EQUALS} {_VALUE}",
    rf"{_CHANGED} {_WORD_NAMES} {_FORMERLY} \s{{1,4}} to \s{{1,4}} {_VALUE}",
    rf"{_USER} {_VALUE}",
    _LOGIN,
)
_DIGITS_AFTER: Final = _after(
    rf"{_CODE_NAMES} {_FOR} {_IS} {_DIGITS_VALUE}",
    rf"(?: {_WORD_NAMES} | {_CODE_NAMES} ) \s{{1,4}} (?= \S{{4}} ) {_DIGITS_VALUE}",
    rf"(?: cv[vc]2?(?:\ code)? | social\ security ) \s{{1,4}} {_DIGITS_VALUE}",
    rf"(?: password|passcode|pin|pw ) {_APART} {_DIGITS_VALUE}",
    rf"{_WORD_NAMES} {_MAY_BE} {_DIGITS_VALUE}",
    rf"log(?:ged|ging)?\ ?in\ as\ \S{{1,60}}\ (?:with|and|using)\ {_MIXED_VALUE}",
    rf"{_LOOSE_NAMES} {_FOR} (?: {_IS} | \s{{1,4}} ) {_MIXED_VALUE}",
    rf"{_CHANGED} {_CODE_NAMES} {_FORMERLY} \s{{1,4}} to \s{{1,4}} {_DIGITS_VALUE}",
    rf"{_SAFE} {_DIGITS_VALUE}",
)
_BEFORE: Final = r"(?: \A | [\s\"'`(] )"
_VALUE_BEFORE: Final = rf"""
    {_BEFORE} (?! {_ORDINARY} | (?:he|she|you|i|password|pin) \s )
    (?P<value> [^\s"'`,;]{{3,200}} ) ["'`]?
"""
_MARKED_BEFORE: Final = rf"""
    {_BEFORE} (?= \S{{0,60}} [\d_!@#$%^&*-] ) (?P<value> [^\s"'`,;]{{3,200}} ) ["'`]?
"""
_CODE_BEFORE: Final = rf"{_BEFORE} (?= [\w#*-]{{0,20}}\d ) (?P<value> [\w#*-]{{3,20}} )"
_NAMED_AFTER: Final = rf"""
    \s{{1,4}} (?: \w{{1,20}}\s{{1,4}} ){{0,2}}? (?: {_WORD_NAMES} | pin ) \s{{0,4}}
    (?= [.,;!?)] | \Z | (?: for|to|at|on|everywhere|btw|and|by ) \b )
"""


def _before(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.VERBOSE | re.IGNORECASE) for pattern in patterns)


_WORDS_BEFORE: Final = _before(
    (
        rf"{_VALUE_BEFORE} \s{{1,4}} (?: is\s{{1,4}}(?:my|our) | as\s{{1,4}}(?:my|our|the|a) ) "
        rf"{_NAMED_AFTER}"
    ),
    rf"{_MARKED_BEFORE} \s{{1,4}} is\s{{1,4}}the {_NAMED_AFTER}",
)
# What a service sends: "483920 is your verification code", "use 483920 to sign in".
_DIGITS_BEFORE: Final = _before(
    rf"""
    {_CODE_BEFORE} \s{{1,4}} is \s{{1,4}} (?:your|the|my) \s{{1,4}}
    (?: [\w.-]{{1,20}}\s{{1,4}} ){{0,3}}?
    (?: otp | pin | passcode
      | (?:verification|security|confirmation|login|sign-in|access|one-time)\ code ) \b
    """,
    rf"""
    {_CODE_BEFORE} \s{{1,4}} to \s{{1,4}}
    (?: verify|log\ ?in|sign\ in|confirm\ your|unlock|open\ the|get\ in(?:to)? ) \b
    """,
)
_SENT: Final = re.compile(
    r"\b(?:your|dein|ihr|tu|su|votre|ton)\s"
    r"(?!(?:zip|post|postal|area|country|error|promo|discount|product|booking)\b)"
    r"(?:[\w.-]{1,20}\s){0,3}?(?:code|código)(?:\s(?:is|ist|lautet|es|est)|:)\s{1,4}"
    r"(?P<value>[A-Z]?-?\d{3}[ -]?\d{1,5})\b(?!\s\w)",
    re.IGNORECASE,
)
_UNSPACED: Final = re.compile(
    r"(?:密码|密碼|パスワード|暗証番号|비밀번호)(?:是|は|:|은|는|を)?\s{0,4}(?P<value>[!-~]{3,60})"
)
# Codes of one kind come by the dozen, a line each.
_LISTED: Final = re.compile(
    r"\b(?:backup|recovery|rescue|scratch|one-time)\s(?:codes|passwords|keys)\b", re.IGNORECASE
)
_LISTED_CODE: Final = re.compile(
    r"(?<![\w-])(?!(?:19|20)\d\d-)(?=[a-z-]{0,16}\d)"
    r"[a-z\d]{3,12}(?:[ -]?[a-z\d]{4,6}){0,4}(?![\w-])",
    re.IGNORECASE,
)
_LISTED_WITHIN: Final = 1_000
_SPELLED_NUMBER: Final = re.compile(
    rf"(?<!\w) (?P<value> {_DIGIT} (?: [\s,-]{{1,3}} {_DIGIT} ){{11,18}} ) (?!\w)",
    re.VERBOSE | re.IGNORECASE,
)


def told(text: str) -> Iterator[str]:
    """Yields what is said to be a password, a code or the like, without the words that say so."""
    if not _names_any(text):
        return
    patterns = (*_WORDS_AFTER, *_WORDS_BEFORE, _UNSPACED, _SPELLED_NUMBER)
    if _ANY_DIGIT.search(text):
        patterns += (*_DIGITS_AFTER, *_DIGITS_BEFORE, _SENT)
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield match["value"]
    yield from _listed(text)


def _names_any(text: str) -> bool:
    """Tells whether a text holds what every pattern wants; one search for all takes far longer."""
    lowered = text.lower()
    return (
        any(name in lowered for name in _NAMES)
        or any(part in lowered and whole.search(lowered) for part, whole in _NAMES_BY_PART.items())
        or _SHORT_NAMES.search(lowered) is not None
    )


def _listed(text: str) -> Iterator[str]:
    """Yields the codes of a list, which may stand below its name or above."""
    for match in _LISTED.finditer(text):
        near = text[max(0, match.start() - _LISTED_WITHIN) : match.end() + _LISTED_WITHIN]
        codes = [found[0] for found in _LISTED_CODE.finditer(near)]
        if len(codes) > 1:
            yield from codes
