"""Secrets by the words that tell them: "my password is hunter2", "the door code is 4410".

A plain word is a secret only by what stands before or after it. Two kinds of names are told apart:
passwords may be any word, codes hold digits. What usually follows without being one ("the password
is not working") is left out. Every pattern is bounded, so that a long turn takes time in proportion
to its length.
"""

import re
from collections.abc import Iterator
from typing import Final

# Turns without any of these need no closer look; every pattern below holds one of them.
_NAMED: Final = re.compile(
    r"pass|pwd|pw\b|wort\b|contrase|senha|wachtwoord|hasło|key|token|secret|phrase|mnemonic|pin\b"
    r"|cv[vc]|otp|ssn|security|number|code|combo|combination|log-?in|sign-?in|credential",
    re.IGNORECASE,
)

_WORD_NAMES: Final = r"""
    (?: pass(?:word|wd|code|phrase|\ phrase)s? | pwd | pw | mnemonic | (?:seed|recovery)\ phrase
      | (?: api|access|secret|private|encryption|signing|licen[cs]e|master|admin|auth|refresh
          | bearer|bot|ssh|gpg|deploy|service )
        [ _-]? (?:access[ _-])? (?:key|token|secret)s?
      | client[ _-]?secret
      | passwort | kennwort | mot\ de\ passe | contrase(?:ñ|n)a | senha | wachtwoord | hasło )
"""
_CODE_NAMES: Final = r"""
    (?: pin(?:\ (?:code|number))? | combo | combination | keypad | cvv2? | cvc2? | otp | ssn
      | social\ security(?:\ number)?
      | (?:bank\ )?account\ number | routing\ number | sort\ code | card\ number
      | (?: door|gate|alarm|entry|safe|lock|locker|garage|access|security|backup|recovery
          | verification|confirmation|one-time|2fa|mfa|sms )
        (?: 's )? [ _-]? (?:backup\ |recovery\ )? codes? )
"""
# Words that mean other things as well.
_LOOSE_NAMES: Final = "(?: secret | token | pass )"

_ORDINARY_WORDS: Final = """
    a about accepted again all already also always an and annoying another any anything as at bad
    based because been being better blocked both broken but by can changed compromised denied
    different due easy empty encrypted everything expired expiring few fine for forgotten from
    getting going gone good hard hashed her here hidden his how if impossible in incorrect invalid
    it its just kept known leaked less like long lost many maybe missing more must my needed never
    new no none not nothing now obvious of ok okay old on one only or our out outdated part please
    private probably public rate-limited really rejected required reset revoked right rotated safe
    same saved secure see sent set short should so some somebody someone something sort still
    stolen stored strong stupid such supposed synced terrible that the their there these they this
    those to todo too unique unknown unset used useless valid very wait weak what when where which
    who why with without working wrong yours
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

_FOR: Final = r"(?: \s{1,4}(?:for|to|of|on|at)\s{1,4} [\w\ '.-]{1,40}? )?"
_EQUALS: Final = r"""["'`]? \s{0,4} = \s{0,4}"""
_IS: Final = r"""
    (?: ["'`]? \s{0,4} [:=] \s{0,4} | \s{1,4}-{1,2}>?\s{1,4} | \?\s{1,4}it'?s\s{1,4}
      | \s{1,4}(?:is|are|was|were|will\ be)\s{1,4} | 's\s{1,4} )
    (?: (?:now|currently|still)\s{1,4} )?
"""
_APART: Final = r"(?: \s{1,4}everywhere )? , \s{1,4} (?= \S{4} )"
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

_TOLD_AFTER: Final = tuple(
    re.compile(rf"(?<![A-Za-z0-9]) {pattern}", re.VERBOSE | re.IGNORECASE)
    for pattern in (
        rf"{_WORD_NAMES} {_FOR} {_IS} {_VALUE}",
        rf"{_CODE_NAMES} {_FOR} {_IS} {_DIGITS_VALUE}",
        rf"(?: {_WORD_NAMES} | {_CODE_NAMES} ) \s{{1,4}} (?= \S{{4}} ) {_DIGITS_VALUE}",
        rf"(?: password|passcode|pin|pw ) {_APART} {_DIGITS_VALUE}",
        rf"{_LOOSE_NAMES} {_EQUALS} {_VALUE}",
        rf"{_LOOSE_NAMES} (?: {_IS} | \s{{1,4}} ) {_MIXED_VALUE}",
        rf"{_CHANGED} {_WORD_NAMES} \s{{1,4}} to \s{{1,4}} {_VALUE}",
        rf"{_CHANGED} {_CODE_NAMES} \s{{1,4}} to \s{{1,4}} {_DIGITS_VALUE}",
        rf"{_SAFE} {_DIGITS_VALUE}",
        rf"{_USER} {_VALUE}",
        _LOGIN,
    )
)
_TOLD_BEFORE: Final = re.compile(
    rf"""
    (?: \A | [\s"'`(] ) (?! {_ORDINARY} | (?:he|she|you|i|password|pin) \s )
    (?P<value> [^\s"'`,;]{{3,200}} ) ["'`]?
    \s{{1,4}} is \s{{1,4}} (?:my|our) \s{{1,4}} (?: \w{{1,20}}\s{{1,4}} ){{0,2}}?
    (?: {_WORD_NAMES} | pin ) \s{{0,4}}
    (?= [.,;!?)] | \Z | (?: for|to|at|on|everywhere|btw|and|by ) \b )
    """,
    re.VERBOSE | re.IGNORECASE,
)


def told(text: str) -> Iterator[str]:
    """Yields what is said to be a password, a code or the like, without the words that say so."""
    if not _NAMED.search(text):
        return
    for pattern in (*_TOLD_AFTER, _TOLD_BEFORE):
        for match in pattern.finditer(text):
            yield match["value"]
