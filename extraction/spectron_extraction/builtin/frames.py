"""Verb frames: which part of what follows a verb is the value of which key. Data.

A frame has slots: `obj` is what follows the verb directly, the others are named by their
preposition. "I work at Acme as a nurse" fills the slots `at` and `as` of `work`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Aspect(StrEnum):
    """What a verb's tenses mean for the value."""

    STATE = "state"
    """True now if said in the present, over if said in the past: "live", "work"."""

    EVENT = "event"
    """Said in the past, it made the value true now: "moved", "joined"."""

    TASTE = "taste"
    """Said of the past it still tells what one likes: "I loved that film"; "used to" ends it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """Where a key's value stands in a clause.

    Attributes:
        key: The key.
        guard: The name of a condition on the value, checked by `guards.GUARDS`; empty: none.
        whole: The value runs to the end of the clause, prepositions and all.
        listed: A list of values gives one claim each.
        gerund: The value is put as an activity: the verb's -ing form and the slot.
        opposite: The key if the clause is negated ("I don't like"); empty: a retraction.
        previous: It is not a value but the one that another slot replaces.
        confidence: How sure a plain statement makes it.
    """

    key: str
    guard: str = ""
    whole: bool = False
    listed: bool = False
    gerund: bool = False
    opposite: str = ""
    previous: bool = False
    confidence: float = 0.9


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """How some verbs, all used alike, tell attributes.

    Attributes:
        verbs: Their base forms.
        slots: Slots by preposition, `obj` for none.
        aspect: What their tenses mean.
        particle: A word that must follow the verb, such as `up` of "grow up".
        present: Whether the present tense counts; "I move to Oslo" tells a plan.
        progressive: Whether the -ing form counts; "I'm running a test" is no responsibility.
    """

    verbs: tuple[str, ...]
    slots: dict[str, Slot]
    aspect: Aspect = Aspect.STATE
    particle: str = ""
    present: bool = True
    progressive: bool = True


_LOCATION: Final = Slot(key="location", guard="place")
_EMPLOYER: Final = Slot(key="employer", guard="organization")
_ROLE: Final = Slot(key="role", guard="role")
_SCHOOL: Final = Slot(key="school", guard="studied_at")
_HOBBY: Final = Slot(key="hobby", gerund=True, whole=True, guard="pastime", confidence=0.8)

FRAMES: Final[tuple[Frame, ...]] = (
    Frame(
        verbs=("live", "reside"),
        slots=dict.fromkeys(("in", "at", "near", "on", "outside", "by", "along"), _LOCATION),
    ),
    Frame(
        verbs=("live",),
        slots={"in": Slot(key="tool", guard="service", listed=True, confidence=0.75)},
    ),
    Frame(verbs=("base",), slots=dict.fromkeys(("in", "near", "of"), _LOCATION)),
    Frame(verbs=("earn",), slots={"as": _ROLE}),
    Frame(
        verbs=("move", "relocate", "transfer"),
        slots={
            "to": Slot(key="location", guard="destination"),
            "into": Slot(key="location", guard="destination"),
            "from": Slot(key="location", previous=True),
        },
        aspect=Aspect.EVENT,
        present=False,
    ),
    Frame(
        verbs=("settle",),
        slots={"in": _LOCATION},
        aspect=Aspect.EVENT,
        present=False,
    ),
    Frame(
        verbs=("grow",),
        particle="up",
        slots={
            **{p: Slot(key="hometown", guard="place") for p in ("in", "near", "outside")},
            "on": Slot(key="hometown", guard="raised_on"),
        },
        aspect=Aspect.EVENT,
    ),
    Frame(verbs=("come", "hail"), slots={"from": Slot(key="hometown", guard="origin")}),
    Frame(
        verbs=("work",),
        slots={
            "at": _EMPLOYER,
            "for": _EMPLOYER,
            "as": _ROLE,
            "like": _ROLE,
            "in": Slot(key="industry", guard="industry"),
            "with": Slot(key="programming_language", guard="programming", listed=True),
            "on": Slot(key="project", gerund=True, guard="worked_on", whole=True, confidence=0.75),
        },
    ),
    Frame(
        verbs=("work",),
        slots=dict.fromkeys(("in", "on"), Slot(key="team", guard="department", confidence=0.8)),
    ),
    Frame(
        verbs=("retrain", "requalify", "qualify", "train"),
        slots={"as": _ROLE},
        aspect=Aspect.EVENT,
        present=False,
    ),
    Frame(
        verbs=("work",),
        particle="from",
        slots={"obj": Slot(key="location", guard="base", confidence=0.75)},
    ),
    Frame(verbs=("belong",), slots={"to": Slot(key="member_of", guard="likeable")}),
    Frame(verbs=("deploy", "host"), slots={"on": Slot(key="tool", guard="capital", listed=True)}),
    Frame(verbs=("run",), slots={"obj": Slot(key="tool", guard="system")}, progressive=False),
    Frame(
        verbs=("avoid",), slots={"obj": Slot(key="abstains_from", guard="likeable", listed=True)}
    ),
    Frame(verbs=("want",), slots={"obj": Slot(key="wants", guard="wished", confidence=0.8)}),
    Frame(
        verbs=("get",),
        slots={"into": Slot(key="likes", guard="taken_up", listed=True, confidence=0.8)},
        aspect=Aspect.EVENT,
    ),
    Frame(
        verbs=("work", "employ"),
        slots={"in": Slot(key="employer", guard="workplace", confidence=0.8)},
    ),
    Frame(
        verbs=("employ",),
        slots={"at": _EMPLOYER, "by": _EMPLOYER, "with": _EMPLOYER, "as": _ROLE},
    ),
    Frame(
        verbs=("intern", "freelance", "serve", "consult"),
        slots={"at": _EMPLOYER, "for": _EMPLOYER, "as": _ROLE},
    ),
    Frame(
        verbs=("bartend", "waitress", "cashier", "clerk", "stock"),
        slots={"at": Slot(key="employer", guard="organization", confidence=0.75)},
    ),
    Frame(
        verbs=("cook", "clean", "nurse", "cater"),
        slots=dict.fromkeys(("at", "in"), Slot(key="employer", guard="workplace", confidence=0.75)),
    ),
    Frame(verbs=("volunteer",), slots=dict.fromkeys(("at", "for", "with"), _HOBBY)),
    Frame(
        verbs=("join",),
        slots={"obj": Slot(key="employer", guard="joined"), "as": _ROLE},
        aspect=Aspect.EVENT,
        present=False,
    ),
    Frame(
        verbs=("start", "begin"),
        slots={"at": Slot(key="employer", guard="begun"), "as": _ROLE},
        aspect=Aspect.EVENT,
    ),
    Frame(
        verbs=("hire", "promote"),
        slots={"at": _EMPLOYER, "by": _EMPLOYER, "as": _ROLE, "to": _ROLE},
        aspect=Aspect.EVENT,
        present=False,
    ),
    Frame(
        verbs=("study",),
        slots={
            "at": _SCHOOL,
            "obj": Slot(key="field_of_study", guard="subject"),
        },
    ),
    Frame(verbs=("major",), slots={"in": Slot(key="field_of_study")}),
    Frame(
        verbs=("attend",),
        slots={"obj": Slot(key="school", guard="school")},
    ),
    Frame(verbs=("go",), slots={"to": Slot(key="school", guard="school")}),
    Frame(
        verbs=("graduate",),
        slots={
            "from": Slot(key="alma_mater", guard="organization"),
            "in": Slot(key="field_of_study", guard="subject"),
        },
        aspect=Aspect.EVENT,
        present=False,
    ),
    Frame(
        verbs=(
            "like",
            "love",
            "enjoy",
            "adore",
            "appreciate",
            "dig",
            "fancy",
            "admire",
            "cherish",
            "crave",
            "treasure",
            "favor",
            "idolize",
            "relish",
        ),
        slots={"obj": Slot(key="likes", guard="likeable", listed=True, opposite="dislikes")},
        aspect=Aspect.TASTE,
    ),
    Frame(
        verbs=("hate", "dislike", "detest", "loathe", "despise"),
        slots={"obj": Slot(key="dislikes", guard="likeable", listed=True, opposite="-")},
        aspect=Aspect.TASTE,
    ),
    Frame(
        verbs=("prefer",),
        slots={"obj": Slot(key="prefers", guard="likeable", whole=True)},
    ),
    Frame(
        verbs=("speak",),
        slots={"obj": Slot(key="languages", guard="language", listed=True)},
    ),
    Frame(
        verbs=("use",),
        slots={"obj": Slot(key="tool", guard="tool", listed=True)},
    ),
    Frame(
        verbs=("code", "program", "write", "develop", "build"),
        slots={
            "in": Slot(key="programming_language", guard="programming", listed=True),
            "obj": Slot(key="programming_language", guard="programming", listed=True),
        },
    ),
    Frame(
        verbs=("know",),
        slots={"obj": Slot(key="programming_language", guard="programming", listed=True)},
    ),
    Frame(
        verbs=("specialize", "specialise", "focus", "major"),
        slots={
            "in": Slot(key="expertise", listed=True),
            "on": Slot(key="expertise", listed=True, guard="topic"),
        },
    ),
    Frame(
        verbs=("play",),
        slots={"obj": Slot(key="hobby", gerund=True, guard="game"), "in": _HOBBY},
    ),
    Frame(
        verbs=("practice", "practise"),
        slots={"obj": Slot(key="hobby", gerund=True, guard="pastime", confidence=0.8)},
    ),
    Frame(verbs=("collect",), slots={"obj": Slot(key="collects", guard="likeable", listed=True)}),
    Frame(
        verbs=("listen",),
        slots={"to": Slot(key="hobby", gerund=True, guard="pastime", confidence=0.8)},
    ),
    Frame(verbs=("watch",), slots={"obj": _HOBBY}),
    Frame(
        verbs=("own", "co-own"),
        slots={"obj": Slot(key="possession", guard="owned", listed=True)},
    ),
    Frame(verbs=("wear",), slots={"obj": Slot(key="appearance", guard="worn_mark")}),
    Frame(verbs=("drive", "ride"), slots={"obj": Slot(key="possession", guard="vehicle")}),
    Frame(
        verbs=("manage", "oversee", "supervise"),
        slots={"obj": Slot(key="responsibility", guard="responsibility", gerund=True, whole=True)},
    ),
    Frame(
        verbs=("lead", "head"),
        slots={
            "obj": Slot(key="responsibility", guard="responsibility", gerund=True),
            "at": _EMPLOYER,
        },
        progressive=False,
    ),
    Frame(
        verbs=("run",),
        slots={"obj": Slot(key="responsibility", guard="venture", gerund=True)},
        progressive=False,
    ),
    Frame(
        verbs=("diagnose",),
        slots={"with": Slot(key="health", guard="likeable")},
        aspect=Aspect.EVENT,
        present=False,
    ),
    Frame(
        verbs=("report",),
        slots={"to": Slot(key="manager", guard="name")},
    ),
    Frame(verbs=("suffer",), slots={"from": Slot(key="health", guard="likeable")}),
    Frame(
        verbs=("struggle", "deal"),
        slots={"with": Slot(key="problem", guard="trouble", whole=True)},
    ),
    Frame(
        verbs=("support", "follow"),
        slots={"obj": Slot(key="likes", guard="capital")},
    ),
    Frame(
        verbs=("marry", "divorce"),
        slots={"obj": Slot(key="spouse", guard="name")},
        aspect=Aspect.EVENT,
    ),
    Frame(verbs=("date",), slots={"obj": Slot(key="partner", guard="name")}),
    Frame(
        verbs=("weigh",),
        slots={"obj": Slot(key="weight", guard="number")},
    ),
    Frame(
        verbs=("accept", "admit"),
        slots={
            "to": Slot(key="school", guard="admitted"),
            "into": Slot(key="school", guard="admitted"),
        },
        aspect=Aspect.EVENT,
        present=False,
    ),
    Frame(
        verbs=("enroll",),
        slots={"at": _SCHOOL, "in": Slot(key="school", guard="school")},
        aspect=Aspect.EVENT,
    ),
)

ABSTENTIONS: Final = ("eat", "drink", "smoke", "consume", "watch", "touch", "vape")
"""Verbs whose negation tells a lasting choice: "I don't eat pork"."""

HABITS: Final = (
    "eat", "drink", "smoke", "go", "wake", "get", "read", "run", "walk", "work", "meditate", "jog",
    "swim", "watch", "take", "bike", "cycle", "commute", "exercise", "visit", "cook", "call",
    "train", "volunteer", "play", "listen", "see", "meet",
)  # fmt: skip
"""Verbs that tell a habit if a frequency stands beside them."""


def frames_by_verb() -> dict[str, tuple[Frame, ...]]:
    """Returns the frames of each verb."""
    table: dict[str, tuple[Frame, ...]] = {}
    for frame in FRAMES:
        for verb in frame.verbs:
            table[verb] = (*table.get(verb, ()), frame)
    return table
