"""Standing instructions: imperatives and wishes that hold beyond the present request."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.addressing import called
from spectron_extraction.builtin.answer_words import ANSWER_NOUNS, STYLES, TONES
from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.clauses import Clause
from spectron_extraction.builtin.lexicon import DETERMINERS, LANGUAGES
from spectron_extraction.builtin.openers import strip_openers
from spectron_extraction.builtin.preferences import answer_preferences, avoided, units
from spectron_extraction.builtin.tokens import Phrase, Token, trim_marks, words
from spectron_extraction.builtin.unwanted import LENGTHS, denial, limit, unwanted, with_quotation
from spectron_extraction.builtin.values import cut, items, trim, written
from spectron_extraction.builtin.verbs import FORMS, gerund, verb_form
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.protocol import EntityRef

_STANDING: Final = tuple(
    tuple(phrase.split())
    for phrase in (
        "from now on", "from here on", "in future", "in the future", "going forward",
        "from this point on", "by default", "as a rule", "at all times", "every time", "always",
        "whenever you answer", "when you answer me", "when you reply", "when you write to me",
        "in all your answers", "in your answers", "in your responses",
        "in all responses", "in every answer", "with me", "in general", "when you answer",
        "when talking to me", "for all future answers", "in your replies", "henceforth",
        "from today", "from today on", "as of today", "starting today", "in all future replies",
        "in all future answers", "in all future responses", "in future replies", "for every answer",
        "in future answers", "in future responses", "in all replies", "in all answers",
        "for all answers", "from here on out", "until i say otherwise", "for the future",
    )
)  # fmt: skip
_PASSING: Final = word_set(
    "this that these those here it today now file function below above following attached essay "
    "poem story email article code script paragraph draft example one"
)
_NOT_AVOIDED: Final = word_set(
    "worry forget be bother care mind get think know have need want hesitate panic feel believe "
    "see remember understand even like lie go let you"
)
_MANNER: Final = word_set(
    "use include add mention give say write talk bring start end apologise apologize call explain "
    "suggest recommend repeat put ask offer assume discuss refer address sign reply answer respond "
    "speak sugarcoat show insert quote summarise summarize make send provide recap lecture praise "
    "format open close begin translate correct interrupt flatter hedge ramble tell present cite "
    "link greet thank remind abbreviate bold list keep avoid describe swear joke"
)
_HARMLESS: Final = word_set(
    "it your the answers responses replies and things more very with me as possible answer "
    "messages them a bit explanations please in to style tone everything but all"
)
_CONVENTIONS: Final = word_set(
    "spelling english units notation quotes indentation tabs spaces hints dashes terminology "
    "conventions format dates pronouns names abbreviations headings language "
)
_PASSIVE: Final = word_set("be were are was should to must")
_SPARING: Final = word_set("few fewer less without many")
_RESPOND: Final = word_set("answer respond reply write speak talk communicate format")
_MAX_TOKENS: Final = 20


def directive_claims(
    text: str, clause: Clause, user: EntityRef, *, requested: bool, condition: Phrase = ()
) -> Iterator[Claim]:
    """Yields the standing instructions of a clause.

    Args:
        text: The turn's content.
        clause: The clause.
        user: The user.
        requested: Whether the turn also asks for a piece of work, to which "keep it short" and
            "use bullet points" would belong rather than to all answers.
        condition: The clause before, if it says when an order holds: "when you write code".
    """
    said = trim_marks(clause.tokens)
    denied = denial(clause.tokens)
    if denied:
        yield from unwanted(text, clause.tokens, denied, user, more=not requested)
        for thing in avoided(text, _standing(denied[1:])[0]):
            yield Claim(entity=user, key="avoid", value=thing, tokens=clause.tokens)
    commas = [i for i, token in enumerate(clause.tokens) if token.norm == ","]
    last = commas[-1] if commas else 0
    within = _within(said)
    if within and (value := _uncapitalised(written(text, said))):
        yield Claim(entity=user, key="instruction", value=value, tokens=clause.tokens)
        return
    longest = limit(clause.tokens[last:]) if not requested else None
    if longest:
        yield Claim(entity=user, key="instruction", value=longest, tokens=clause.tokens)
        clause = replace(clause, tokens=clause.tokens[:last])
    needless = words(said[:3]) == "no need to"
    opened = said if needless else strip_openers(clause.tokens)[0]
    outer, standing = _standing(opened)
    rest, inner = _standing(_imperative(outer))
    standing = standing or inner
    if not rest or len(rest) > _MAX_TOKENS:
        return
    if condition:
        # "When you write code, use type hints" holds whenever the condition does.
        order = _uncapitalised(written(text, trim(rest)))
        when = _uncapitalised(written(text, trim_marks(condition)))
        form = FORMS.get(rest[0].norm)
        verb = (form is not None and form.base) or rest[0].norm in _MANNER | {"please", "do"}
        if order and when and verb and rest[0].norm not in {"i", "let"}:
            yield Claim(
                entity=user,
                key="instruction",
                value=f"{order} {when}",
                tokens=(*condition, *clause.tokens),
            )
        return

    def claim(key: str, value: str, confidence: float = 0.9) -> Claim:
        return Claim(entity=user, key=key, value=value, tokens=clause.tokens, confidence=confidence)

    for key, value in _told(text, rest, standing=standing, requested=requested):
        yield claim(key, value)


def _within(tokens: Phrase) -> bool:
    """Tells "for recipes always give grams", an order for one kind of answer."""
    norms = [token.norm for token in tokens]
    place = next((i for i, norm in enumerate(norms[:5]) if norm in {"always", "never"}), 0)
    ordered = 1 < place < len(norms) - 1 and _orders(norms[place + 1])
    return ordered and norms[0] in {"for", "in"} and not set(norms) & _OWN


_OWN: Final = word_set("i we my our us he she they")


def _norms(tokens: Phrase) -> list[str]:
    return [token.norm for token in tokens]


def _standing(tokens: Phrase) -> tuple[Phrase, bool]:
    """Takes the words that make an order a standing one off its ends."""
    standing = False
    rest = trim_marks(tokens)
    changed = True
    while changed and rest:
        changed = False
        norms = tuple(token.norm for token in rest)
        for marker in _STANDING:
            if norms[: len(marker)] == marker and len(norms) > len(marker):
                rest = trim_marks(rest[len(marker) :])
            elif norms[-len(marker) :] == marker and len(norms) > len(marker):
                rest = trim_marks(rest[: -len(marker)])
            else:
                continue
            standing = changed = True
            break
        if (
            rest
            and not changed
            and rest[0].norm in {"please", "just", "kindly", "so", "and", "then"}
        ):
            rest = trim_marks(rest[1:])
            changed = True
        if rest and not changed and rest[-1].norm in {"please", "thanks", "ok", "okay", "too"}:
            rest = trim_marks(rest[:-1])
            changed = True
    return rest, standing


_NEEDLESS: Final = (
    ["you", "do", "not", "have", "to"],
    ["you", "do", "not", "need", "to"],
    ["no", "need", "to"],
)


def _imperative(tokens: Phrase) -> Phrase:
    """Returns the order itself: "I want you to answer", "you should answer" give "answer"."""
    norms = [token.norm for token in tokens]
    if norms[:6] in (
        ["i", "would", "rather", "you", "did", "not"],
        ["i", "would", "prefer", "you", "did", "not"],
    ):
        return (*tokens[4:6], *tokens[6:])
    if norms[:6] == ["i", "do", "not", "want", "you", "to"]:
        return (tokens[2], *tokens[6:])
    length = next((len(lead) for lead in _NEEDLESS if norms[: len(lead)] == lead), 0)
    if length and len(tokens) > length:
        start = tokens[0].start
        return (Token("do", start, start), Token("not", start, start), *tokens[length:])
    for prefix in (
        ["i", "want", "you", "to"], ["i", "would", "like", "you", "to"], ["i", "need", "you", "to"],
        ["i", "would", "prefer", "you", "to"], ["i", "expect", "you", "to"],
        ["you", "should"], ["you", "must"], ["you", "can"], ["you", "may"], ["make", "sure", "to"],
        ["make", "sure", "you"], ["be", "sure", "to"], ["i", "would", "appreciate", "if", "you"],
        ["i", "prefer", "you", "to"], ["i", "prefer", "that", "you"], ["remember", "to"],
        ["i", "prefer", "if", "you"], ["try", "to"], ["i", "prefer", "it", "if", "you"],
        ["i", "like", "you", "to"], ["can", "you"], ["could", "you"], ["would", "you"],
        ["i", "prefer", "when", "you"], ["i", "like", "it", "when", "you"], ["you", "to"],
    ):  # fmt: skip
        if norms[: len(prefix)] == prefix:
            return tokens[len(prefix) :]
    return tokens


def _told(
    text: str, tokens: Phrase, *, standing: bool, requested: bool
) -> Iterator[tuple[str, str]]:
    norms = [token.norm for token in tokens]
    if (
        (norms[0] == "call" and norms[1:2] == ["me"])
        or norms[:3] == ["refer", "to", "me"]
        or (norms[:2] == ["address", "me"])
    ):
        yield from called(text, tokens)
        return
    negative = norms[:2] in (["do", "not"], ["did", "not"]) or norms[:2] == ["you", "not"]
    if negative or norms[0] in {"never", "avoid", "stop", "no", "not", "skip", "omit"}:
        yield from _avoided(text, tokens[2:] if negative else tokens, standing=standing)
        return
    if style := _spoken_to(norms):
        yield "response_style", style
        return
    if (set(norms) & (_PASSING - {"it"}) or requested) and not standing:
        return
    if not requested and norms[-1:] and _noun_phrase_of_answers(tokens):
        yield from ((found.key, found.value) for found in answer_preferences(tokens))
        return
    measure = units([token for token in tokens if token.norm != "please"])
    if measure and len(tokens) <= 3:
        yield "units", measure
        return
    kept = next((i for i, norm in enumerate(norms) if norm in {"kept", "be", "written"}), 0)
    if kept and norms[0] in ANSWER_NOUNS and norms[kept - 1] in _PASSIVE:
        for wish in answer_preferences(tokens[kept + 1 :], answering=True):
            yield wish.key, wish.value
        return
    manner = list(_manner(tokens, standing=standing))
    if manner:
        yield from manner
        return
    value = _uncapitalised(written(text, trim(tokens)))
    if value and standing and _orders(norms[0]):
        yield "instruction", f"always {value}"
    elif value and _concerns_all_answers(norms):
        yield "instruction", value


def _spoken_to(norms: list[str]) -> str:
    """Returns the style of "explain things like I'm five" and "write without so many words"."""
    audience = set(norms[norms.index("like") :]) if "like" in norms else set[str]()
    if norms[1:2] and norms[1] in _AT_LARGE and audience & _NOVICES:
        return "simple"
    sparing = norms[0] in _RESPOND and norms[-1] == "words" and set(norms) & _SPARING
    return "brief" if sparing and len(norms) <= 6 else ""


_AT_LARGE: Final = word_set("things everything stuff concepts topics to all")
_NOVICES: Final = word_set("five 5 beginner child kid newbie noob")


def _noun_phrase_of_answers(tokens: Phrase) -> bool:
    """Tells "short answers only": no verb, and of answers at large."""
    verbal = any(token.norm in FORMS and token.norm not in ANSWER_NOUNS for token in tokens)
    return not verbal and _plural(tokens) and len(tokens) <= 6


def _uncapitalised(value: str | None) -> str | None:
    """Returns an order as it reads within a sentence."""
    return value and value[:1].lower() + value[1:]


def _orders(word: str) -> bool:
    """Tells whether an imperative may begin with a word."""
    form = FORMS.get(word)
    verb = (form is not None and form.base) or word in _MANNER
    return verb and word not in {"do", "have", "love", "want", "get", "go"}


def _concerns_all_answers(norms: list[str]) -> bool:
    """Tells an order about answers at large, "keep your replies under 100 words", from a task."""
    if norms[:3] == ["treat", "me", "as"]:
        return True
    if norms[0] == "use" and norms[-1] in {"sparingly", "rarely", "generously", "often"}:
        return True
    if norms[0] == "use":
        return len(norms) <= 4 and bool(set(norms[1:]) & _CONVENTIONS)
    return norms[0] in _MANNER and bool(set(norms[1:3]) & (ANSWER_NOUNS | {"things"}))


def _avoided(text: str, tokens: Phrase, *, standing: bool) -> Iterator[tuple[str, str]]:
    """Reads "Don't use emojis", "never apologise", "stop calling me sir", "no emojis"."""
    if words(tokens[-2:]) in {"any more", "any longer"}:
        tokens = tokens[:-2]
    norms = [token.norm for token in tokens]
    negation = ""
    if norms and norms[0] in {"never", "avoid", "stop", "no", "not", "skip", "omit"}:
        negation, tokens = norms[0], tokens[1:]
        norms = norms[1:]
    if norms[:1] in (["be"], ["being"]) and norms[-1] in STYLES | TONES and len(norms) <= 3:
        yield "avoid", f"being {norms[-1]}"
        return
    if not norms or norms[0] in _NOT_AVOIDED:
        return
    if negation in {"no", "skip", "omit"}:
        yield from (("avoid", thing) for thing in avoided(text, tokens))
        return
    at_large = words(tokens[-2:-1]) not in DETERMINERS and norms[-1] == "code"  # "In JS code"
    if set(norms[:-1] if at_large else norms) & _PASSING and not standing:
        return
    form = FORMS.get(norms[0]) or verb_form(norms[0])
    if negation == "never" and form is not None and form.participle and not form.base:
        return  # "Never used Docker" orders nothing.
    lemma = form.lemma if form else norms[0]
    if lemma in {"use", "include", "add"}:
        for item in items(cut(tokens[1:])):
            if thing := written(text, _bare(item)):
                yield "avoid", thing
        return
    listed = list(avoided(text, tokens))
    if negation == "avoid" and listed:
        yield from (("avoid", thing) for thing in listed)
        return
    if lemma not in _MANNER | {"be"} and negation != "avoid":
        return
    if negation == "stop" and form is not None and not form.gerund:
        return
    phrase = trim(cut(tokens, at=frozenset({"please", "anymore"})))
    value = written(text, phrase)
    value = value and with_quotation(text, _as_gerund(value, lemma, norms[0]), phrase)
    if value is None or norms[-1] in {"it", "that", "this", "never"}:
        return
    yield "avoid", value


def _bare(item: Phrase) -> Phrase:
    tokens = trim(cut(item, at=frozenset({"in", "when", "with", "to", "for", "at", "from"})))
    while len(tokens) > 1 and tokens[0].norm in {"any", "the", "so", "too", "many", "much", "all"}:
        tokens = tokens[1:]
    return tokens


def _as_gerund(value: str, lemma: str, word: str) -> str:
    if word.endswith("ing"):
        return value
    rest = value.partition(" ")[2]
    return f"{gerund(lemma)} {rest}".strip()


def _manner(tokens: Phrase, *, standing: bool) -> Iterator[tuple[str, str]]:
    """Reads "Keep answers short", "be concise", "use bullet points", "answer in French"."""
    norms = [token.norm for token in tokens]
    first, rest = norms[0], tokens[1:]
    measure = units(rest[1:] if rest and rest[0].norm in {"in", "me"} else rest)
    if first in {"use", "give", "show", "supply", "provide", "prefer", "apply"} and measure:
        yield "units", measure
        return
    if first in {"keep", "be", "make", "stay", "remain"}:
        target = norms[1:]
        found = [word for word in target if word in STYLES | TONES]
        limited = {"under", "below", "within"} & set(target) and set(target) & LENGTHS
        if limited and not set(target) & ANSWER_NOUNS:
            yield "instruction", f"keep answers {words(tokens[-3:])}"
            return
        if found and all(
            word in _HARMLESS or word in found or word.endswith("ly") for word in target
        ):
            for word in found:
                yield ("tone" if word in TONES else "response_style"), word
        return
    if first in _RESPOND:
        preposition = next(
            (i for i, norm in enumerate(norms) if norm in {"in", "with", "using"}), 0
        )
        tail = tokens[preposition + 1 :] if preposition else ()
        language = [norm for norm in norms[1:4] if norm in LANGUAGES]
        if language and len(norms) <= 6:
            yield "language_of_reply", language[0].title()
            return
        adverb = [norm for norm in norms[1:] if norm.removesuffix("ly") in STYLES | TONES
                  or norm == "briefly"]  # fmt: skip
        if adverb and len(norms) <= 5:
            bare = "brief" if adverb[0] == "briefly" else adverb[0].removesuffix("ly")
            yield ("tone" if bare in TONES else "response_style"), bare
            return
        for preference in answer_preferences(tail, answering=True):
            yield preference.key, preference.value
        return
    if first in {"use", "give", "include", "provide", "send", "write", "prefer"}:
        phrase = rest[1:] if rest and rest[0].norm == "me" else rest
        if first in {"give", "send", "write", "provide"} and not standing and not _plural(phrase):
            return
        for preference in answer_preferences(phrase):
            yield preference.key, preference.value


def _plural(phrase: Phrase) -> bool:
    """Tells "give me short answers", a wish, from "give me a short answer", a request."""
    joined = words(phrase)
    return any(noun in joined for noun in ("answers", "responses", "replies", "explanations"))
