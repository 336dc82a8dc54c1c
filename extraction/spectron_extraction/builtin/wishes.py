"""What "I" says with verbs of its own: wishes about answers, names gone by, abilities."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.allergies import CONSUMING, for_allergy, graded
from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.elliptic import PRONOUNS
from spectron_extraction.builtin.frame_rules import forgone
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.lexicon import DIETS, HEALTH, LANGUAGES
from spectron_extraction.builtin.names import GIVEN_NAMES
from spectron_extraction.builtin.preferences import answer_preferences, avoided, units
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import cut, items, name_like, usable, written
from spectron_extraction.builtin.verbs import gerund
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import ValueType
from spectron_extraction.protocol import EntityRef

_LIKING: Final = word_set("like love prefer want enjoy appreciate need favor")


_DISLIKING: Final = word_set("hate dislike detest loathe despise")


def answer_wishes(reading: Reading) -> Iterator[Claim]:
    """Reads "I prefer concise answers", "I hate filler phrases", "I want replies in French"."""
    predicate = reading.predicate
    if predicate.tense is Tense.PAST:
        return
    would = predicate.modal == "would"
    if predicate.hypothetical and not would:
        return
    # "I prefer tables to long text": only the first is wished for.
    less = frozenset({"to", "over"}) if predicate.lemma == "prefer" else frozenset[str]()
    phrase = cut(predicate.complement, at=less)
    key_values: list[tuple[str, str]] = []
    if predicate.lemma in _DISLIKING or (
        predicate.negated and predicate.lemma in {"like", "want", "need", "enjoy", "love"}
    ):
        key_values = [("avoid", value) for value in avoided(reading.text, phrase)]
    elif predicate.lemma in _LIKING and not predicate.negated:
        # "I want a short answer" asks now; "I want short answers" and "prefer" tell for good.
        single = bool(phrase) and phrase[0].norm in {"a", "an", "the", "this", "that"}
        if single and predicate.lemma in {"want", "need", "like", "love"}:
            return
        key_values = [
            (preference.key, preference.value) for preference in answer_preferences(phrase)
        ]
        measure = units(phrase) if predicate.lemma == "prefer" else None
        if measure:
            key_values = [("units", measure)]
    for key, value in key_values:
        yield Claim(
            entity=reading.user,
            key=key,
            value=value,
            tokens=predicate.tokens,
            hedged=predicate.hedged,
            change=bool(predicate.adverbs & {"now", "actually", "no"}),
        )


def rather_claims(reading: Reading) -> Iterator[Claim]:
    """Reads "I'd rather have tea than coffee": what is preferred over what."""
    predicate = reading.predicate
    norms = [token.norm for token in predicate.raw]
    rather = predicate.modal == "would" and "rather" in predicate.adverbs
    if not rather or "than" not in norms or not reading.about_user or predicate.negated:
        return
    place = norms.index("than")
    one, other = trim_marks(predicate.raw[:place]), cut(predicate.raw[place + 1 :])
    if not (one and other and usable(one) and usable(other)) or len(one) + len(other) > 9:
        return
    value = written(reading.text, one), written(reading.text, other)
    if not all(value):
        return
    verb = "" if predicate.lemma == "have" else f"{gerund(predicate.lemma)} "
    yield Claim(
        entity=reading.entity,
        key="prefers",
        value=f"{verb}{value[0]} to {value[1]}",
        tokens=predicate.tokens,
        confidence=0.8,
    )


def names_gone_by(reading: Reading) -> Iterator[Claim]:
    """Reads "I go by Al", "I am called Al"."""
    predicate = reading.predicate
    phrase = predicate.complement
    key = ""
    said = phrase[1:] if words(phrase[:1]) == "by" else phrase
    told = words(said[:1]) in PRONOUNS and words(said[1:2]) in {"", "pronouns", ","}
    if told and predicate.lemma in {"use", "go", "take", "prefer", "have"}:
        yield from only(reading.claim("pronouns", said[0].norm))
        return
    if predicate.lemma == "go" and phrase[:1] and phrase[0].norm == "by":
        phrase = phrase[3:] if words(phrase[1:3]) == "the name" else phrase[1:]
        key, phrase = "nickname", cut(phrase, at=frozenset({"at", "in", "for"}))
    elif predicate.lemma in {"call", "name"} and predicate.passive:
        key, phrase = "name", cut(phrase, at=frozenset({"at", "in", "by", "for", "after"}))
    if key and name_like(phrase, longest=3) and phrase[0].norm not in {"car", "bus", "train"}:
        value = written(reading.text, phrase, ValueType.PERSON)
        yield from only(reading.claim(key, value))


def called_by_others(text: str, tokens: Phrase, user: EntityRef) -> Iterator[Claim]:
    """Reads "everyone calls me Bea", and "this is Marek" at the start of a letter.

    Args:
        text: The turn's content.
        tokens: The clause.
        user: The user.
    """
    norms = [token.norm for token in tokens]
    key = "nickname"
    place = next((i for i, n in enumerate(norms[:-1]) if n in {"call", "calls", "called"}), 0)
    if place and norms[place + 1] == "me" and set(norms[:place]) & _CALLERS:
        name = tokens[place + 2 :]
    elif "know" in norms and words(tokens[norms.index("know") :][1:3]) == "me as":
        name = tokens[norms.index("know") + 3 :]
    elif norms[1:2] == ["here"] and tokens[0].norm in GIVEN_NAMES and len(tokens) == 2:
        key, name = "name", tokens[:1]
    elif norms[:2] == ["this", "is"] and len(tokens) <= 4 and norms[2:3]:
        key, name = "name", tokens[2:]
        if not (name[0].capital and name[0].norm in GIVEN_NAMES):
            return
    else:
        return
    name = cut(name, at=frozenset({"because", "and", "but", "at", "from", ",", "here"}))
    value = written(text, name, ValueType.PERSON) if name_like(name, longest=3) else None
    if value:
        yield Claim(entity=user, key=key, value=value, tokens=tokens)


_CALLERS: Final = word_set(
    "everyone everybody people friends they folks family colleagues coworkers most all"
)


def _abstention(reading: Reading, value: str) -> Claim:
    return Claim(
        entity=reading.entity,
        key="abstains_from",
        value=value,
        tokens=reading.predicate.tokens,
        hedged=reading.predicate.hedged,
    )


def _able(reading: Reading) -> Reading:
    """Returns a clause as if it were said without "can not"."""
    return replace(reading, predicate=replace(reading.predicate, modal="", negated=False))


def abilities(reading: Reading) -> Iterator[Claim]:
    """Reads "I can play the violin", "I can't swim"."""
    predicate = reading.predicate
    if (
        predicate.lemma in {"eat", "drink", "have", "do", "touch"}
        and predicate.negated
        and predicate.modal == "can"
    ):
        consumed = predicate.lemma in CONSUMING
        phrase = cut(predicate.complement, at=frozenset({"because", "with", "for", "at", "in"}))
        if phrase and usable(phrase) and phrase[0].norm not in {"enough", "another", "any"}:
            for item in items(phrase):
                value = written(reading.text, item) if GUARDS["likeable"](item) else None
                if value and len(item) == 1 and item[0].norm in HEALTH | DIETS:
                    # "I can't have gluten, coeliac": why, not what.
                    key = "health" if item[0].norm in HEALTH else "diet"
                    yield replace(_abstention(reading, value), key=key)
                elif value and consumed and for_allergy(predicate, reading.text):
                    yield from (
                        replace(_abstention(reading, each.value or value), key="allergy")
                        for each in graded(_able(reading), value, ())
                    )
                elif value:
                    yield _abstention(reading, forgone(predicate.lemma, value))
        return
    if predicate.lemma in _NEEDED and predicate.negated and predicate.tense is Tense.PRESENT:
        yield from only(reading.claim("problem", f"cannot {predicate.lemma}", retracts=False))
        return
    raw = trim_marks(predicate.raw)
    if predicate.lemma == "wait" and predicate.negated and raw[:1] and raw[0].norm == "to":
        awaited = written(reading.text, raw[1:12])
        if awaited and not {"you", "it", "that", "this"} & {token.norm for token in raw}:
            yield Claim(
                entity=reading.entity,
                key="goal",
                value=awaited,
                tokens=predicate.tokens,
                confidence=0.8,
            )
        return
    read = predicate.lemma in {"read", "write", "understand", "speak", "converse"}
    spoken = next((t.norm for t in predicate.complement[:2] if t.norm in LANGUAGES), "")
    if read and spoken and predicate.modal == "can" and not predicate.negated:
        yield from only(reading.claim("languages", spoken.title()))
        return
    if predicate.lemma == "get" and predicate.negated and words(raw[:1]) == "my":
        working = {token.norm for token in raw} & {"to", "working", "running"}
        stuck = written(reading.text, trim_marks(raw[:9])) if working else None
        yield from only(
            (stuck and reading.claim("problem", f"cannot get {stuck}", retracts=False)) or None
        )
        return
    if predicate.lemma not in _SKILLS or predicate.tense is not Tense.PRESENT:
        return
    phrase = cut(predicate.complement, at=frozenset({"with", "for", "to", "at", "on", "from"}))
    if any(token.norm in {"you", "your", "it", "that", "this"} for token in phrase):
        return
    if predicate.modal != "can" or predicate.hedged:
        return
    rest = written(reading.text, phrase) if phrase else ""
    if rest is None:
        return
    key = "skill_gap" if predicate.negated else "skill"
    yield from only(reading.claim(key, f"{predicate.lemma} {rest}".strip(), retracts=False))


_NEEDED: Final = word_set("sleep focus concentrate breathe relax unwind")
"""What everybody does: whoever cannot has a problem."""

_SKILLS: Final = word_set(
    "speak swim play drive cook sing dance juggle ski code ride surf sew knit draw paint skate "
    "sail program snowboard bake skateboard weld fly recite whistle yodel crochet milk fake lift "
    "imitate impersonate fix repair solve memorize type touch-type juggle somersault backflip"
)
