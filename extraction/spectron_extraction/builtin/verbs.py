"""Forms of English verbs: finding the base form of a word, and making gerunds and participles."""

from typing import Final, NamedTuple

from spectron_extraction.builtin.wordlists import word_set

_VOWELS: Final = frozenset("aeiou")

# base: past, participle.
_IRREGULAR: Final[dict[str, tuple[str, str]]] = {
    "be": ("was", "been"), "become": ("became", "become"), "begin": ("began", "begun"),
    "bring": ("brought", "brought"), "break": ("broke", "broken"), "build": ("built", "built"),
    "buy": ("bought", "bought"), "come": ("came", "come"), "do": ("did", "done"),
    "draw": ("drew", "drawn"), "drink": ("drank", "drunk"), "drive": ("drove", "driven"),
    "eat": ("ate", "eaten"), "fall": ("fell", "fallen"), "feel": ("felt", "felt"),
    "find": ("found", "found"), "fly": ("flew", "flown"), "get": ("got", "gotten"),
    "give": ("gave", "given"), "go": ("went", "gone"), "grow": ("grew", "grown"),
    "have": ("had", "had"), "hear": ("heard", "heard"), "hold": ("held", "held"),
    "keep": ("kept", "kept"), "know": ("knew", "known"), "lead": ("led", "led"),
    "leave": ("left", "left"), "lose": ("lost", "lost"), "make": ("made", "made"),
    "meet": ("met", "met"), "mean": ("meant", "meant"), "pay": ("paid", "paid"),
    "quit": ("quit", "quit"), "read": ("read", "read"), "ride": ("rode", "ridden"),
    "run": ("ran", "run"), "say": ("said", "said"), "see": ("saw", "seen"),
    "sell": ("sold", "sold"), "send": ("sent", "sent"), "sing": ("sang", "sung"),
    "sleep": ("slept", "slept"), "speak": ("spoke", "spoken"), "spend": ("spent", "spent"),
    "stand": ("stood", "stood"), "bear": ("bore", "borne"),
    "swim": ("swam", "swum"), "take": ("took", "taken"), "teach": ("taught", "taught"),
    "tell": ("told", "told"), "think": ("thought", "thought"), "wake": ("woke", "woken"),
    "wear": ("wore", "worn"), "win": ("won", "won"), "write": ("wrote", "written"),
    "cut": ("cut", "cut"), "split": ("split", "split"), "hurt": ("hurt", "hurt"),
    "put": ("put", "put"),
    "sit": ("sat", "sat"), "lie": ("lay", "lain"), "catch": ("caught", "caught"),
    "fight": ("fought", "fought"),
    "choose": ("chose", "chosen"), "throw": ("threw", "thrown"), "feed": ("fed", "fed"),
    "lend": ("lent", "lent"), "forget": ("forgot", "forgotten"), "steal": ("stole", "stolen"),
    "breed": ("bred", "bred"), "shoot": ("shot", "shot"), "hang": ("hung", "hung"),
    "hide": ("hid", "hidden"),
    "bike": ("biked", "biked"), "understand": ("understood", "understood"),
}  # fmt: skip

_REGULAR: Final = word_set(
    "abide ache achieve admire adopt adore advise aim analyse analyze appear apply appreciate "
    "arrange arrest arrive ask aspire assist attend avoid babysit bake base battle believe "
    "belong bike binge blog bowl box break brew browse bungee call camp care carve celebrate "
    "change cheer cherish chug clean climb co-found coach code collect commute compete complete "
    "compose conduct consider construct consume cook cover craft crave create crochet cuddle "
    "cure cycle dabble dance deal debug decide deliver deploy design despise detest develop "
    "diagnose die dig dislike divorce donate doubt dream drop dump dye earn edit embroider "
    "emigrate employ end engage enjoy enroll entertain examine exercise expect expire explore "
    "fancy farm file finish fish fix flip focus follow foster found freelance gamble garden "
    "gather gossip graduate grill guess hail handle harvest hate head hike hire hitchhike "
    "homeschool hope hunt identify idolize immigrate implement inspect install intend intern "
    "invent invest investigate jog join journal juggle kayak knit laugh launch learn lift like "
    "listen live loathe look love maintain major manage marry meditate mentor migrate milk miss "
    "model move mow need obsess open operate organise organize oversee own paint participate "
    "pass patrol perform photograph plan play polish practice practise pray preach prefer "
    "prepare produce program promote protect provide publish qualify quilt raise receive recover "
    "recycle refactor rehearse relax relish relocate remember renew renovate rent repair report "
    "represent requalify rescue research reside resist restore retire retrain rewatch rewrite "
    "row sail scrapbook scuba sculpt seem serve settle sew shop sign skate skateboard sketch ski "
    "skydive smell smoke snorkel snowboard solve sound specialise specialize start stay stop "
    "stream struggle study suffer sunbathe supervise supply support suppose surf survive sweat "
    "switch taste tend tinker tour train transfer translate travel treasure treat trust try turn "
    "tutor type unwind upgrade use visit volunteer wait walk want watch weave weep weld wish "
    "wonder work workout worry wrestle yell "
)

_DOUBLING: Final = word_set(
    "jog debug split plan program run swim stop dig knit quit get shop begin cut put prefer "
    "ship refer strum "
)


class VerbForm(NamedTuple):
    """What a form can be: several of the flags may hold ("read" is base, past and participle)."""

    lemma: str
    base: bool = False
    third: bool = False
    past: bool = False
    participle: bool = False
    gerund: bool = False


def gerund(lemma: str) -> str:
    """Returns the -ing form of a base form: `lead` gives `leading`, `run` gives `running`."""
    if lemma == "be":
        return "being"
    if lemma.endswith("ie"):
        return lemma[:-2] + "ying"
    if lemma.endswith("e") and not lemma.endswith(("ee", "oe", "ye")):
        return lemma[:-1] + "ing"
    return _doubled(lemma) + "ing"


def past(lemma: str) -> str:
    """Returns the past tense of a base form."""
    if lemma in _IRREGULAR:
        return _IRREGULAR[lemma][0]
    if lemma.endswith("e"):
        return lemma + "d"
    if lemma.endswith("y") and lemma[-2:-1] not in _VOWELS:
        return lemma[:-1] + "ied"
    return _doubled(lemma) + "ed"


def third_person(lemma: str) -> str:
    """Returns the -s form of a base form."""
    special = {"be": "is", "have": "has", "do": "does", "go": "goes"}
    if lemma in special:
        return special[lemma]
    if lemma.endswith(("s", "sh", "ch", "x", "z")):
        return lemma + "es"
    if lemma.endswith("y") and lemma[-2:-1] not in _VOWELS:
        return lemma[:-1] + "ies"
    return lemma + "s"


def _doubled(lemma: str) -> str:
    """Doubles the last consonant of a short stem: vowel between consonants, one syllable."""
    if lemma in _DOUBLING:
        return lemma + lemma[-1]
    short = (
        3 <= len(lemma) <= 4
        and lemma[-1] not in _VOWELS | frozenset("wxyr")
        and lemma[-2] in _VOWELS
        and sum(letter in _VOWELS for letter in lemma) == 1
    )
    return lemma + lemma[-1] if short else lemma


def _forms() -> dict[str, VerbForm]:
    forms: dict[str, VerbForm] = {}

    def add(form: VerbForm, word: str) -> None:
        known = forms.get(word, form)
        # The first verb to claim a form keeps it: "found" is of `find` only if listed before.
        if known.lemma == form.lemma:
            flags = [one or other for one, other in zip(known[1:], form[1:], strict=True)]
            forms[word] = VerbForm(form.lemma, *map(bool, flags))

    for lemma in sorted({*_REGULAR, *_IRREGULAR}):
        add(VerbForm(lemma, base=True), lemma)
        add(VerbForm(lemma, third=True), third_person(lemma))
        add(VerbForm(lemma, gerund=True), gerund(lemma))
        add(VerbForm(lemma, past=True), past(lemma))
        participle = _IRREGULAR[lemma][1] if lemma in _IRREGULAR else past(lemma)
        add(VerbForm(lemma, participle=True), participle)
    forms["got"] = VerbForm("get", past=True, participle=True)
    forms["were"] = VerbForm("be", past=True)
    forms["am"] = forms["are"] = VerbForm("be", base=True)
    forms["travelling"] = VerbForm("travel", gerund=True)
    return forms


FORMS: Final[dict[str, VerbForm]] = _forms()
"""Known forms of known verbs."""


def verb_form(word: str) -> VerbForm | None:
    """Returns what a word can be as a verb; an unknown verb is told by its ending."""
    known = FORMS.get(word)
    if known:
        return known
    if len(word) > 4 and word.endswith("ing") and word not in _NOT_GERUNDS:
        return VerbForm(_stem(word[:-3]), gerund=True)
    if len(word) > 4 and word.endswith("ed"):
        return VerbForm(_stem(word[:-2]), past=True, participle=True)
    return None


_NOT_GERUNDS: Final = word_set(
    "something nothing anything everything morning evening during spring string interesting "
    "amazing boring beijing king sibling wedding ceiling building clothing"
)


def _stem(stem: str) -> str:
    if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in "lsz":
        return stem[:-1]
    return f"{stem}e" if stem.endswith(_LACKING_E) else stem


_LACKING_E: Final = ("at", "v", "z", "c", "u", "dg", "bl", "dl", "gl", "pl", "tl", "rs", "ns", "is")
"""How the stems of verbs in -e end without it: "dating", "saving", "dancing", "juggling"."""
