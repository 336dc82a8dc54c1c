"""Corrections of what was said before: "no, Bergen", "I meant Bergen, not Oslo", "*Bergen"."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from spectron_extraction.builtin.claims import Claim, end_of
from spectron_extraction.builtin.entities import KIN_KEYS, kin_key, read_relation
from spectron_extraction.builtin.fragments import REFUSALS
from spectron_extraction.builtin.lexicon import AUXILIARIES, KIN, LANGUAGES, PLACE_NAMES
from spectron_extraction.builtin.names import GIVEN_NAMES
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import cut, trim, usable, written
from spectron_extraction.builtin.verbs import FORMS
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import Ontology, ValueType
from spectron_extraction.protocol import EntityRef, KnownAttribute

_MARKERS: Final = word_set(
    "no nope nah actually sorry oops wait correction rather whoops well oh hmm hang lol haha : "
    "typo apologies pardon ok okay"
)
_CORRECTIVE: Final = word_set(
    "no nope nah actually sorry oops wait correction rather whoops typo apologies pardon"
)
_AFTERTHOUGHTS: Final = word_set("sorry oops whoops actually apologies")
_HINTS: Final = word_set("sorry oops whoops apologies pardon wait oh hmm lol haha ok okay")
_LEADS: Final = tuple(
    tuple(lead.split())
    for lead in (
        "i meant to say", "i wanted to say", "i should have said", "i meant", "i mean",
        "make that", "allow me to correct myself", "let me correct myself", "let me correct that",
        "let me correct", "i misspoke", "i made a typo", "i made a mistake", "i mistyped",
        "i beg your pardon", "my mistake", "my bad", "that was a typo", "that is a typo",
        "that was wrong", "that is wrong", "that is not right", "it is spelled", "spelled",
    )
)  # fmt: skip
"""What says that a correction follows."""

_RESTATING: Final = tuple(
    tuple(lead.split())
    for lead in (
        "it is in", "it is at", "it is", "that is", "that would be", "it should be", "it was",
        "that should be", "should be", "it should have been",
    )
)  # fmt: skip
"""What may stand before the right value, and alone says nothing of a correction."""

_AMISS: Final = frozenset({("was", "wrong"), ("is", "wrong"), ("is", "not", "right")})
_PREPOSITIONS: Final = frozenset({"in", "at", "from", "to", "on"})
_BOUNDS: Final = frozenset({"since", "now", "for", "as", "because", "these"})
_AFTER_DENIAL: Final = word_set("longer more one idea problem worries need")
_DENIED: Final = frozenset({"no", "not"})
_SLIPS: Final = word_set(
    "slip autocorrect autocorrection autocomplete autofill typo typos mistake mistype misclick "
    "misspelling mix-up mixup error thinko brainfart fart fingers finger habit memory dictation "
    "keyboard keys lock"
)
"""What a slip of the tongue or of the fingers is called: "oops, muscle memory"."""

_ADDRESSES: Final = word_set(
    "chat window person thread tab group conversation channel recipient contact button app one "
    "room dm box field account number link file guy girl people"
)
"""What a message may be "wrong" by without any word of it being so."""

_MAX_SLIP: Final = 3
_MAX_LENGTH: Final = 5
_MAX_STARRED: Final = 4
_OWN: Final = frozenset({"my", "our"})
_REPLYING: Final = word_set(
    "ok okay and now please back to switch in let us go use again instead only from on can we you "
    "could actually thanks for me answer reply answers replies"
)
_AGAIN: Final = word_set("again back please now instead switch on only")
_MAX_SWITCH: Final = 8


def apologises(tokens: Phrase) -> bool:
    """Tells whether a sentence only says that a correction follows: "Oh wait, sorry!".

    Args:
        tokens: The sentence.
    """
    rest, marked = _unmarked(tokens, marked=False)
    return marked and not rest


def starred(text: str) -> bool:
    """Tells "*Bergen" and "Bergen*", which correct a word as people do in chats.

    Args:
        text: The turn's content.
    """
    said = text.strip()
    marked = said.startswith("*") != said.endswith("*")
    return marked and len(said.split()) <= _MAX_STARRED


def respelled(
    new: Phrase, said: Sequence[Claim], known: Sequence[KnownAttribute], text: str
) -> Iterator[Claim]:
    """Reads "*Mylo" after "my dog is called Milo": the same with one word spelt otherwise.

    Args:
        new: The word as it should have been.
        said: What the user said last.
        known: What is believed.
        text: The turn's content.
    """
    if len(new) != 1:
        return
    spelt = written(text, new, ValueType.PERSON) or ""
    for claim in said:
        value = claim.value or ""
        close = get_close_matches(spelt.lower(), value.lower().split(), n=1, cutoff=_ALIKE)
        if claim.retracts or claim.hedged or not close or close[0] == spelt.lower():
            continue
        old = next(word for word in value.split() if word.lower() == close[0])
        word = spelt if old[:1].isupper() else spelt.lower()
        right = value.replace(old, word)
        yield replace(claim, value=right, tokens=new, change=True, previous_value=value)
        for attribute in known:
            if attribute.entity.name.lower() == close[0] and attribute.entity != claim.entity:
                named = replace(attribute.entity, name=spelt)
                yield end_of(attribute, new)
                yield Claim(entity=named, key=attribute.key, value=attribute.value, tokens=new)


_ALIKE: Final = 0.7


def correction(tokens: Phrase, *, marked: bool) -> tuple[Phrase, Phrase] | None:
    """Returns the new and the old value of a correction, or None if it is none.

    Args:
        tokens: A sentence, or what follows "no" in it.
        marked: Whether it was said to be a correction already.
    """
    rest, corrective = _unmarked(tokens, marked=marked)
    if not rest:
        return None
    norms = [token.norm for token in rest]
    old: Phrase = ()
    retold = _retold(rest)
    if retold is not None:
        old, rest, sure = retold
        corrective = corrective or sure
    elif corrective and "," in norms and "not" not in norms:
        # "No, 35, my birthday was last week": the value ends at the comma.
        rest = rest[: norms.index(",")]
    elif norms[0] == "not":
        place = next((i for i, n in enumerate(norms) if n in {",", "but", "-", "—"} and i), 0)
        if not place or place + 1 >= len(norms):
            return None
        old, rest = trim(rest[1:place]), trim_marks(rest[place + 1 :])
        if rest and rest[0].norm in {"but", "it"}:
            rest = trim_marks(rest[1:])
        corrective = True
    elif "not" in norms:
        place = norms.index("not")
        old, rest = trim(rest[place + 1 :]), trim(rest[:place])
        corrective = True
    elif "instead" in norms or "rather" in norms:
        place = next(i for i, n in enumerate(norms) if n in {"instead", "rather"})
        if norms[place + 1 : place + 2] in (["of"], ["than"]):
            old, rest = trim(rest[place + 2 :]), trim(rest[:place])
            corrective = True
    new = _bare(cut(rest, at=_BOUNDS))
    old = _bare(old)
    if not corrective or not new or len(new) > _MAX_LENGTH or len(old) > _MAX_LENGTH:
        return None
    if any(_verbal(token.norm) and not token.capital for token in (*new, *old)) or not usable(new):
        return None
    return (new, old) if new[0].norm not in REFUSALS else None


def only_apologetic(tokens: Phrase) -> bool:
    """Tells "sorry, bad line", where nothing but the apology hints at a correction.

    Args:
        tokens: The sentence.
    """
    rest = trim_marks(tokens)
    apologetic = False
    while rest and rest[0].norm in _HINTS:
        apologetic = True
        rest = trim_marks(rest[1:])
    return apologetic and not any(
        tuple(token.norm for token in rest[: len(lead)]) == lead for lead in (*_LEADS, *_RESTATING)
    )


def fits(new: Phrase, value: str, value_type: ValueType, *, hinted: bool = False) -> bool:
    """Tells whether a fragment looks like the value that it would replace.

    Args:
        new: The fragment.
        value: The value.
        value_type: What the value's key names.
        hinted: Whether only an apology hints at it, by somebody who writes names with a capital.
    """
    digits = new[0].norm[0].isdigit()
    if digits != value[:1].isdigit():
        return False
    capital = any(token.capital for token in new)
    if value_type in {ValueType.PLACE, ValueType.PERSON, ValueType.ORGANIZATION}:
        # "No, vienna in virginia": it says the same word with more.
        again = bool({token.norm for token in new} & set(value.lower().split()))
        if hinted and not capital and not again:
            known = words(new) in PLACE_NAMES or new[0].norm in GIVEN_NAMES
            return known or bool(get_close_matches(words(new), [value.lower()]))
        named = capital or words(new) in PLACE_NAMES or value.islower()
        if value_type is ValueType.PERSON and len(new) > 1 and capital:
            return all(token.capital for token in new)
        return named or again or len(new) <= 2
    return capital == (value != value.lower()) or value_type is ValueType.NUMBER


def switched_language(
    tokens: Phrase, text: str, known: Sequence[KnownAttribute], user: EntityRef
) -> Iterator[Claim]:
    """Reads "English again please" where answers were asked for in another language.

    Args:
        tokens: The sentence.
        text: The turn's content.
        known: What is believed.
        user: The user.
    """
    tokens = trim_marks(tokens)
    named = [token for token in tokens if token.norm in LANGUAGES]
    others = {token.norm for token in tokens if token.word and token not in named}
    asked_for = any(attribute.key == "language_of_reply" for attribute in known)
    plain = len(named) == 1 and len(tokens) <= _MAX_SWITCH and others <= _REPLYING
    if asked_for and plain and others & _AGAIN:
        yield Claim(
            entity=user,
            key="language_of_reply",
            value=written(text, named, ValueType.LANGUAGE),
            tokens=tokens,
            change=True,
        )


def other_relation(
    tokens: Phrase,
    text: str,
    known: Sequence[KnownAttribute],
    ontology: Ontology,
    *,
    marked: bool,
) -> Iterator[Claim]:
    """Ends "sister: Ana" after "sorry, it's my cousin Ana", "it's my cousin Ana, not my sister".

    Args:
        tokens: The sentence.
        text: The turn's content.
        known: What is believed.
        ontology: The keys.
        marked: Whether it was said to be a correction already.
    """
    norms = [token.norm for token in tokens]
    denied = {
        kin_key(KIN[norms[place + 2]], ontology)
        for place in range(len(norms) - 2)
        if norms[place] == "not" and norms[place + 1] in _OWN and norms[place + 2] in KIN
    }
    if not (marked or denied or _unmarked(tokens, marked=False)[1]):
        return
    for place in (index for index, norm in enumerate(norms) if norm in _OWN):
        relation = read_relation(_one_relative(tokens[place + 1 :]), text)
        if relation is None or relation.animal or not relation.name:
            continue
        key = kin_key(relation.kind, ontology)
        for attribute in known:
            other = attribute.key in KIN_KEYS and attribute.key != key
            meant = not denied or attribute.key in denied
            if other and meant and attribute.value.casefold() == relation.name.casefold():
                yield end_of(attribute, tokens)


def _one_relative(tokens: Phrase) -> Phrase:
    """Returns what of "cousin Ana, not my sister" names one relative."""
    end = next((i for i, token in enumerate(tokens) if not token.word or token.norm == "and"), None)
    return tokens[:end]


def _unmarked(tokens: Phrase, *, marked: bool) -> tuple[Phrase, bool]:
    """Takes off what opens a correction; also returns whether that says that it is one."""
    rest = trim_marks(tokens)
    while len(rest) > 1 and rest[-1].norm in _AFTERTHOUGHTS:
        rest, marked = trim_marks(rest[:-1]), True  # "24, sorry"
    changed = True
    while changed and rest:
        changed = False
        denies = rest[0].norm == "no" and words(rest[1:2]) in _AFTER_DENIAL
        if rest[0].norm in _MARKERS and not denies:
            marked = marked or rest[0].norm in _CORRECTIVE
            rest, changed = trim_marks(rest[1:]), True
            continue
        for lead in (*_LEADS, *_RESTATING):
            if tuple(token.norm for token in rest[: len(lead)]) == lead:
                if lead == ("it", "was") and not marked:
                    continue
                marked = marked or lead in _LEADS
                rest, changed = trim_marks(rest[len(lead) :]), True
                break
        slip = _slip(rest) if not changed else ()
        if slip and (marked or slip[0].norm == "wrong"):
            if slip[-1].norm in _ADDRESSES and slip[0].norm == "wrong":
                return (), False
            rest, marked, changed = trim_marks(rest[len(slip) :]), True, True
    return rest, marked


def _slip(tokens: Phrase) -> Phrase:
    """Returns the words at the beginning that only name what went wrong: "wrong city", "typo"."""
    end = next((i for i, token in enumerate(tokens) if not token.word), len(tokens))
    named = tokens[:end]
    if not 0 < len(named) <= _MAX_SLIP:
        return ()
    wrong = named[0].norm == "wrong" and len(named) > 1
    return named if wrong or named[-1].norm in _SLIPS else ()


def _retold(tokens: Phrase) -> tuple[Phrase, Phrase, bool] | None:
    """Reads "Oslo was wrong, it's Bergen", "no Philips, I wanted to say Phillips 66".

    Returns:
        The old value, what follows the lead, and whether that alone says that it is a correction.
    """
    norms = [token.norm for token in tokens]
    for place in (index for index, word in enumerate(norms) if word in {",", "-", "—", ";"}):
        after = trim_marks(tokens[place + 1 :])
        said = [token.norm for token in after]
        for lead in (*_LEADS, *_RESTATING):
            if tuple(said[: len(lead)]) != lead or len(after) == len(lead):
                continue
            old = trim(tokens[1:place] if norms[0] in _DENIED else tokens[:place])
            amiss = next((w for w in _AMISS if tuple(t.norm for t in old[-len(w) :]) == w), ())
            old = old[: len(old) - len(amiss)]
            said_not = next((i for i, token in enumerate(old) if i and token.norm == "not"), 0)
            if said_not:  # "My name isn't Bob, it's Rob"
                return trim(old[said_not + 1 :]), trim_marks(after[len(lead) :]), True
            sure = lead in _LEADS or bool(amiss) or norms[0] in _DENIED
            return old, trim_marks(after[len(lead) :]), sure
    return None


def _bare(tokens: Phrase) -> Phrase:
    rest = trim(tokens)
    while rest and rest[0].norm in _PREPOSITIONS:
        rest = rest[1:]
    return rest


def _verbal(word: str) -> bool:
    return word in AUXILIARIES or word in {"i", "you", "we", "my", "your", "'s"} or word in FORMS
