"""Which sentences of a turn state something in the user's own voice.

Role play, attempts to command the extractor, pasted material and the order of a text taint what
follows them in the turn; suppositions and requests taint their own sentence only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

from spectron_extraction.builtin.clauses import Clause, interrogative, split_clauses
from spectron_extraction.builtin.lexicon import (
    AUXILIARIES,
    LANGUAGES,
    MATERIAL_REQUESTS,
    PREPOSITIONS,
    QUESTION_TAGS,
)
from spectron_extraction.builtin.secrets import holds_secret
from spectron_extraction.builtin.sentences import Sentence
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.verbs import FORMS
from spectron_extraction.builtin.wordlists import word_set

_COMMANDS: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|prompts?|rules|"
    r"guidelines|memory|memories|everything|context)\b"
    r"|\bsystem (?:prompt|message|override)\b|\bdeveloper mode\b|\bjailbreak\b"
    r"|\b(?:extractor|memory (?:system|server))\b"
    r"|\b(?:store|save|record|write|add|insert) (?:this |that |it |the following )?(?:to|in|into) "
    r"(?:your |the )?memory\b"
)
_ROLE_PLAY: Final = re.compile(
    r"^(?:please |now |ok |okay |so |can you |could you |and )*(?:pretend|imagine|role ?- ?play|"
    r"roleplay|act as|act like|suppose|(?:let us|lets) (?:say|pretend|imagine|play|"
    r"assume|suppose|rol\w*|"
    r"do (?:a|an|some)|write|make up|try (?:a|an)|start (?:a|an)|act|rehearse|practi[cs]e|"
    r"simulate|stage)|"
    r"picture this|assume|say i|you are (?:now )?(?:a|an|the|my)\b|"
    r"(?:in|for) (?:this|the) (?:scenario|story|game|role|exercise|scene|sketch|play|simulation|"
    r"interview|dialogue|improv)|"
    r"you play\b.{0,40}\bi|i play the|mock (?:interview|trial|debate|call|exam|negotiation)|"
    r"hypothetically|in character|my character|i am playing|i will play|i will be playing|"
    r"for the sake of argument|as an? (?:[\w-]+ ){1,4}i (?:want|need|can|should)\b.*\bso that\b|"
    r"given (?:that )?i\b.* when i\b|"
    r"(?:i am )?(?:just )?asking for (?:someone|somebody|(?:a|my|our) (?:friend|mate|buddy|sister|"
    r"brother|mom|dad|mother|father|wife|husband|son|daughter|cousin|neighbou?r|colleague|"
    r"coworker|roommate|partner|girlfriend|boyfriend|client|patient|student))\b|"
    r"consider this (?:scenario|story)|once upon a time)\b"
)
_PASTE: Final = re.compile(
    r"\b(?:here is|here are|this is|below is|following is|see|read) (?:the |my |an |a |some |this |"
    r"our |one )?(?:\w+ ){0,3}(?:email|letter|text|draft|essay|story|poem|lyrics|transcript|log|"
    r"logs|excerpt|paragraph|article|message|conversation|script|passage|sentence|review|quote|"
    r"dialogue|bio|post|tweet|prompt|example|chapter)\b"
)
_LANGUAGE_WORK: Final = word_set(
    "translate proofread paraphrase rephrase summarise summarize rewrite reword"
)
_WRITING: Final = re.compile(
    r"^(?:(?:please|can you|could you|would you|will you|help me|i want you to|i need you to|"
    r"i would like you to|just|now|then|so|hi|hello|hey|ok|okay|to|and) |, )*"
    r"(?:write|compose|draft|create|generate|make up|pen|prepare)\b"
    r".{0,60}\b(?:story|stories|poem|song|lyrics|dialogue|script|scene|letter|e-?mail|speech|essay|"
    r"post|haiku|limerick|paragraph|sentence|sentences|monologue|bio|biography|tweet|text|message|"
    r"toast|eulogy|application|statement|introduction|article|review|caption|diary|profile|"
    r"testimonial|reference|cv|resume|rap|sonnet|novel|play|sketch|fiction|joke)\b"
)
# How is one to write, not what: "write in full sentences, please".
_MANNER: Final = re.compile(
    r"^(?:please |can you |could you |just |now |so |and |, )*write (?:only |always )?in "
    r"(?!a\b|an\b|the\b|my\b|this\b)[\w-]+(?: [\w-]+)?"
    r"(?:$| (?:please|instead|rather|not|from now)\b| ,)"
)
_LASTING: Final = re.compile(
    r"\b(?:from (?:now|here) on|going forward|always|by default|in (?:the )?future|every time)\b"
)
_WORK_REQUESTS: Final = word_set(
    "write give explain tell show list make create generate describe help find recommend suggest"
)
_POINTERS: Final = word_set("this following below text email paragraph sentence passage")
_SUPPOSITIONS: Final = re.compile(
    r"\b(?:as if i|as though i|if i were|if i was|if only|i wish(?! to\b)|"
    r"what if|suppose i|imagine i|"
    r"would i be|had i been|were i|i (?:\w+ )?(?:dreamed|dreamt)(?: that)? (?:i|we|my)|"
    r"i had a dream|"
    r"(?:in|during) (?:my|our|a|that|this|the) (?:[\w-]+ )?(?:dreams?|nightmares?|novel|fanfic|"
    r"screenplay))\b"
)
_POLITE_ORDER: Final = re.compile(
    r"^(?:please )?(?:can|could|would|will) you (?:please |just )*(?:(?:stop|always|never|avoid|"
    r"call me|refer to me|address me)\b|.{1,120}\b(?:from now on|going forward|by default|"
    r"in (?:the )?future|from here on)\b)"
)
_POLITE_WISH: Final = re.compile(
    r"^(?:i would|i should|it would)(?: really| very much| be)* "
    r"(?:grateful|appreciated?|glad|happy|helpful|great|nice|good|prefer|preferable|better|useful)"
    r"(?: it)? if (?:you (?:could|would|can) (?:please )?|"
    r"(?=(?:your |the )?(?:replies|answers|responses) ))"
)
_POLITE: Final = word_set(
    "please can could would will you kindly just now then also and ok okay hey hi hello"
)
_OTHERS_SAY: Final = re.compile(
    r"^(?:he|she|they|people|someone|somebody|everyone|"
    r"my [\w'-]+|(?:the|a|an|one|some|this|that|another) (?:[\w'-]+ ){0,4}?[\w'-]+|\w+) "
    r"(?:just |always |once |often |also )?(?:says?|said|claims?|claimed|thinks?|thought|believes?|"
    r"wrote|writes|told(?! (?:me|us) to\b)|asked|asks|joked|insists?|insisted|shouted|whispered|"
    r"replied|answered|was like)\b"
)
_QUOTING: Final = re.compile(
    r"^(?!(?:and |so |but |as |like |then )?(?:i|we) )(?:[\w'-]+ ){1,8}?(?:(wrote|writes|posted|"
    r"texted|texts|emailed|emails|messaged|commented)|said|says|asked|asks|replied)"
    r"(?: [\w'-]+){0,3} :"
)
"""Whose words follow: all that follows if they were written, else those of the sentence."""

_CONDITIONAL: Final = frozenset({"would", "could", "might"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One sentence in the user's own voice.

    Attributes:
        clauses: Those that may be believed; none of a supposition, or of what others say.
        tokens: The sentence.
        request: Whether it asks for a piece of work.
        question: Whether it asks.
    """

    clauses: tuple[Clause, ...]
    tokens: Phrase
    request: bool = False
    question: bool = False

    @property
    def stated(self) -> Phrase:
        """What of the sentence its clauses state: not the question that it ends with."""
        first, last = self.clauses[0].tokens, self.clauses[-1].tokens
        return tuple(
            token
            for token in self.tokens
            if first[0].start <= token.start and token.end <= last[-1].end
        )

    def after(self, rest: Phrase) -> Self:
        """Returns what stands after words that were read already."""
        if not rest:
            return self
        clauses = tuple(
            clause for clause in self.clauses if clause.tokens[0].start >= rest[0].start
        )
        return replace(self, clauses=clauses, tokens=rest)


def statements(text: str, sentences: list[Sentence]) -> Iterator[Statement]:
    """Yields the sentences in the user's own voice, with the clauses that state something.

    Args:
        text: The turn's content.
        sentences: Its sentences.
    """
    for sentence in sentences:
        joined = words(sentence.tokens)
        quoting = _QUOTING.search(joined)
        if _COMMANDS.search(joined) or _ROLE_PLAY.search(joined) or (quoting and quoting[1]):
            return
        tainting = _introduces_material(sentence, joined)
        if tainting:
            return
        start, end = sentence.tokens[0].start, sentence.tokens[-1].end
        # One character more: the mark that ends a key may be cut off with the sentence's end.
        if holds_secret(text[start : end + 1]):
            continue
        others = quoting or _others_say(joined)
        ordered = _asks_for_text(joined)
        clauses = () if others else tuple(_before_supposition(sentence, joined))
        yield Statement(
            clauses=clauses[:1] if ordered else clauses,
            tokens=sentence.tokens,
            request=ordered or _is_request(sentence.tokens),
            question=sentence.question,
        )
        if ordered:
            return


def _before_supposition(sentence: Sentence, joined: str) -> Iterator[Clause]:
    """Yields the clauses that may be believed: of "I row a lot so I wish ..." the first."""
    supposed = _SUPPOSITIONS.search(joined)
    if supposed is None:
        yield from _believable(sentence)
        return
    if supposed[0] not in {"i wish", "as if i", "as though i"}:
        return
    first = sentence.tokens[len(joined[: supposed.start()].split())].start
    yield from (clause for clause in _believable(sentence) if clause.tokens[-1].start < first)


def _introduces_material(sentence: Sentence, joined: str) -> bool:
    """Tells whether what follows is a text to work on, not something the user says."""
    first = next((token.norm for token in sentence.tokens if token.norm not in _POLITE), "")
    has_colon = sentence.colon or any(token.norm == ":" for token in sentence.tokens)
    if first in MATERIAL_REQUESTS and has_colon:
        return True
    if has_colon and (_WRITING.search(joined) or _PASTE.search(joined)):
        return True
    if _PASTE.search(joined) and sentence.colon:
        return True
    if first in _LANGUAGE_WORK:
        norms = [token.norm for token in sentence.tokens]
        # "Translate to French.": what is to be translated is still to come.
        bare = norms[-2:-1] in (["to"], ["into"]) and norms[-1] in LANGUAGES
        return bool(set(norms) & _POINTERS) or has_colon or bare
    return False


def _asks_for_text(joined: str) -> bool:
    """Tells whether a sentence asks for a text, in which "I" may be somebody else."""
    lasting = _LASTING.search(joined) or _MANNER.search(joined)
    return bool(_WRITING.search(joined)) and not lasting


def _others_say(joined: str) -> bool:
    match = _OTHERS_SAY.search(joined)
    if match is None:
        return False
    own = ("i ", "we ", "you ", "and i ", "but i ", "never ", "please ", "always ")
    return not joined.startswith(own)


def _is_request(tokens: Phrase) -> bool:
    if _MANNER.search(words(tokens)):
        return False
    first = next((token.norm for token in tokens if token.norm not in _POLITE), "")
    return first in MATERIAL_REQUESTS | _WORK_REQUESTS


def _believable(sentence: Sentence) -> Iterator[Clause]:
    wished = _POLITE_WISH.match(words(sentence.tokens))
    if wished is not None:
        yield Clause(tokens=sentence.tokens[len(wished[0].split()) :], connector="")
        return
    clauses = split_clauses(sentence.tokens)
    asked = next((index for index, clause in enumerate(clauses) if _asks(clause)), None)
    if _POLITE_ORDER.search(words(sentence.tokens)):
        asked = None
    elif sentence.question:
        if asked is None:
            last = words(trim_marks(clauses[-1].tokens)) if clauses else ""
            if len(clauses) > 1 and (last in QUESTION_TAGS or _returned(last)):
                asked = len(clauses) - 1
            else:
                tag = _without_tag(clauses)
                if tag is None:
                    return
                clauses, asked = tag, len(tag)
        clauses = clauses[:asked]
    elif asked is not None:
        clauses = [*clauses[:asked], *_after_question(clauses, asked)]
    if not clauses:
        return
    conditional = any(clause.connector in {"if", "unless"} for clause in clauses)
    if conditional and any(
        token.norm in _CONDITIONAL for clause in clauses for token in clause.tokens
    ):
        return
    skip_continuation = False
    for clause in clauses:
        if clause.connector in {"if", "unless", "whether"}:
            skip_continuation = True
            continue
        if clause.continues and skip_continuation and clause.connector in {"and", "or"}:
            continue
        skip_continuation = False
        if clause is clauses[0] or not _others_say(words(clause.tokens)):
            yield clause  # "..., my wife thinks I'm lazy" is what she thinks.


_REPORTING: Final = word_set("know remember recall tell say mean think guess believe see")


def _after_question(clauses: list[Clause], asked: int) -> list[Clause]:
    """Returns what is said after a question to the listener: "how are you I drive a van"."""
    norms = {token.norm for token in clauses[asked].tokens}
    if "you" not in norms or norms & (_REPORTING | {"i", "my", "me"}):
        return []
    return [
        clause
        for clause in clauses[asked + 1 :]
        if not clause.connector and clause.tokens[0].norm in {"i", "im"} and not _asks(clause)
    ]


def _asks(clause: Clause) -> bool:
    """Tells whether a clause asks; "who is a vet" after a noun and a verb alone do not."""
    relative = clause.continues or clause.connector in {"who", "which", "where", "whose"}
    return not relative and interrogative(clause.tokens)


def _returned(text: str) -> bool:
    """Tells "and you", "what about you": a question that hands the word back."""
    return text in {"you", "and you", "how about you", "what about you", "yourself", "u", "and u",
        "and yourself", "yours", "and yours"}  # fmt: skip


def _without_tag(clauses: list[Clause]) -> list[Clause] | None:
    """Takes a tag that no clause boundary parts off the end: "I live in Oslo, right?"."""
    if not clauses:
        return None
    last = clauses[-1]
    tokens = list(last.tokens)
    for length in (3, 2, 1):
        # "I like jazz you?" hands the word back without a comma.
        said = last.tokens[:-length]
        own = len(said) > 2 and said[0].norm in {"i", "my", "we"}
        if own and _returned(words(last.tokens[-length:])):
            if said[-1].norm in AUXILIARIES | PREPOSITIONS or said[-1].norm in FORMS:
                break
            whole = Clause(tokens=said, connector=last.connector, continues=last.continues)
            return [*clauses[:-1], whole]
    for index in range(len(tokens) - 1, max(-1, len(tokens) - 5), -1):
        if tokens[index].norm == "," and index:
            tail = words(trim_marks(tokens[index + 1 :]))
            if tail in QUESTION_TAGS or _returned(tail):
                kept = Clause(
                    tokens=tokens[:index], connector=last.connector, continues=last.continues
                )
                return [*clauses[:-1], kept]
    return None
