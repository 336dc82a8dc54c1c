"""What the built-in extractor finds in plain statements, one voice after another.

Each case is a turn and the whole of what it gives, in the short form of `support.short`.
"""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import extract, short

IDENTITY: list[tuple[str, set[str]]] = [
    ("My name is Jonas.", {"name=Jonas"}),
    ("Hi, I'm Priya and I live in Pune.", {"name=Priya", "location=Pune"}),
    ("hey, my name is tariq", {"name=Tariq"}),
    (
        "I'm Bob, a nurse from Leeds.",
        {"name=Bob", "role=nurse", "hometown=Leeds"},
    ),
    ("I am 34 years old and single.", {"age=34", "marital_status=single"}),
    ("im 28", {"age=28"}),
    ("I turned 30 yesterday!", {"age=30"}),
    ("My birthday is on May 5th.", {"birthday=May 5th"}),
    ("I was born on 3 March 1988 in Cork.", {"birthday=3 March 1988", "hometown=Cork"}),
    ("I was born and raised in Chicago.", {"hometown=Chicago"}),
    ("I grew up in a small town near Dublin.", {"hometown=a small town near Dublin"}),
    ("im from oslo", {"hometown=Oslo"}),
    ("I come from Ghana originally.", {"hometown=Ghana"}),
    ("I'm from Leeds, England.", {"hometown=Leeds, England"}),
    ("We live in the Netherlands.", {"location=the Netherlands"}),
    ("Currently I'm based in Tallinn.", {"location=Tallinn"}),
    ("I've lived in Oslo since 2015.", {"location=Oslo"}),
    ("I'm Irish.", {"nationality=Irish"}),
    ("My pronouns are they/them.", {"pronouns=they/them"}),
    ("I work at Acme Corp as a backend engineer.", {"employer=Acme Corp", "role=backend engineer"}),
    ("i work for a law firm in boston", {"employer=a law firm"}),
    ("I'm a software engineer at Globex.", {"role=software engineer", "employer=Globex"}),
    ("As for me, I work as a midwife.", {"role=midwife"}),
    ("I teach chemistry at Lincoln High.", {"role=chemistry teacher", "employer=Lincoln High"}),
    ("I work in healthcare.", {"industry=healthcare"}),
    ("My job is landscaping.", {"role=landscaping"}),
    ("I'm retired.", {"employment_status=retired"}),
    ("I'm on the infrastructure team.", {"team=infrastructure"}),
    ("My team is the data team.", {"team=data"}),
    ("I'm responsible for the billing service.", {"responsibility=the billing service"}),
    (
        "I'm studying biology at Trinity College.",
        {"field_of_study=biology", "school=Trinity College"},
    ),
    ("I graduated from MIT in 2015.", {"alma_mater=MIT"}),
    ("I have a PhD in linguistics.", {"degree=a PhD in linguistics"}),
    ("I speak Portuguese and Dutch.", {"languages=Portuguese", "languages=Dutch"}),
    ("I'm fluent in Japanese.", {"languages=Japanese"}),
    ("I'm a native Tamil speaker.", {"languages=Tamil"}),
    ("I'm happily married to Anna.", {"marital_status=married", "spouse=Anna"}),
    ("I got engaged last week!", {"marital_status=engaged"}),
    ("We have two daughters.", {"children=two daughters"}),
    ("I'm a mother of three.", {"children=three children"}),
    ("I have an older brother.", {"siblings=an older brother"}),
    ("I'm an only child.", {"siblings=no siblings"}),
    ("i've got 2 cats", {"pet=2 cats"}),
    ("I don't have any siblings.", {"siblings=no siblings"}),
    ("I don't have kids.", {"children=no kids"}),
    (
        "I live in a small flat in Brooklyn with two friends.",
        {"location=Brooklyn", "housing=a small flat", "household=with two friends"},
    ),
    (
        "I lead the payments team at Adyen.",
        {"responsibility=leading the payments team", "employer=Adyen"},
    ),
    ("I run a small bakery in Bristol.", {"responsibility=running a small bakery in Bristol"}),
    (
        "I'm originally from Brazil but I live in Canada now.",
        {"hometown=Brazil", "location=Canada"},
    ),
    (
        "I just started a new job as a product manager at Figma.",
        {"role=product manager", "employer=Figma"},
    ),
    ("I recently switched jobs and now work at Stripe.", {"employer=Stripe"}),
    ("I go by Sasha.", {"nickname=Sasha"}),
    ("I have green eyes.", {"appearance=green eyes"}),
    ("I'm 6 feet tall.", {"height=6 feet"}),
    ("I'm Buddhist.", {"religion=Buddhist"}),
    ("My manager is Farah.", {"manager=Farah"}),
]

KNOWLEDGE: list[tuple[str, set[str]]] = [
    ("I prefer TypeScript over JavaScript.", {"prefers=TypeScript over JavaScript"}),
    ("I prefer tea to coffee", {"prefers=tea to coffee"}),
    ("I love sushi, ramen and tempura.", {"likes=sushi", "likes=ramen", "likes=tempura"}),
    ("I like to hike and cook.", {"hobby=hiking", "hobby=cooking"}),
    ("I really enjoy playing chess.", {"hobby=playing chess"}),
    ("Honestly I can't stand olives and I hate mondays.", {"dislikes=olives", "dislikes=mondays"}),
    ("I don't like mushrooms.", {"dislikes=mushrooms"}),
    ("I'm not a fan of horror movies.", {"dislikes=horror movies"}),
    ("I'm into jazz.", {"likes=jazz"}),
    ("My favorite color is green.", {"favorite_color=green"}),
    ("my favourite food is pad thai", {"favorite_food=pad thai"}),
    ("I'm vegan.", {"diet=vegan"}),
    ("I don't eat pork.", {"abstains_from=eating pork"}),
    ("I never drink alcohol.", {"abstains_from=drinking alcohol"}),
    ("I'm allergic to peanuts.", {"allergy=peanuts"}),
    ("i have a shellfish allergy", {"allergy=shellfish"}),
    ("I'm lactose intolerant.", {"allergy=lactose"}),
    ("I have asthma.", {"health=asthma"}),
    ("I'm terrified of spiders.", {"fear=spiders"}),
    ("I use Neovim and tmux.", {"tool=Neovim", "tool=tmux"}),
    ("I code in Rust and Python.", {"programming_language=Rust", "programming_language=Python"}),
    ("I'm an expert in distributed databases.", {"expertise=distributed databases"}),
    ("I can play the violin.", {"skill=play the violin"}),
    ("I can't swim.", {"skill_gap=swim"}),
    ("I knit sweaters.", {"hobby=knitting sweaters"}),
    ("I collect vinyl records.", {"collects=vinyl records"}),
    ("I drive a Volvo.", {"possession=a Volvo"}),
    ("I bought a telescope last month.", {"possession=a telescope"}),
    ("I usually wake up at six.", {"habit=waking up at six"}),
    ("I run every morning.", {"habit=running every morning"}),
    ("I think tabs are better than spaces.", {"opinion=tabs are better"}),
    ("I'm a dog person.", {"likes=dogs"}),
    (
        "I'm allergic to penicillin, shellfish and pollen.",
        {"allergy=penicillin", "allergy=shellfish", "allergy=pollen"},
    ),
    ("My favorite author is Ursula K. Le Guin.", {"favorite_author=Ursula K. Le Guin"}),
    ("I was diagnosed with diabetes last year.", {"health=diabetes"}),
    ("We use Postgres and Redis at work.", {"tool=Postgres", "tool=Redis"}),
    ("I work with Python.", {"programming_language=Python"}),
    ("I'm scared of flying.", {"fear=flying"}),
    ("I'm reading Middlemarch.", {"reading=Middlemarch"}),
]

CONTEXT: list[tuple[str, set[str]]] = [
    (
        "I'm currently leading a migration from CommonJS to ESM.",
        {"project=leading a migration from CommonJS to ESM"},
    ),
    ("I'm working on a compiler for fun.", {"project=working on a compiler for fun"}),
    (
        "I'm currently working on a migration from CommonJS to ESM.",
        {"project=working on a migration from CommonJS to ESM"},
    ),
    ("I work from Porto these days.", {"location=Porto"}),
    (
        "We are building a chess engine in Rust",
        {"project=building a chess engine in Rust", "programming_language=Rust"},
    ),
    ("I'm learning Thai.", {"learning=Thai"}),
    ("I started learning the cello.", {"learning=the cello"}),
    ("I'm looking for a new flat.", {"looking_for=a new flat"}),
    ("I want to run a marathon.", {"goal=run a marathon"}),
    ("I'd love to visit Patagonia someday.", {"goal=visit Patagonia someday"}),
    ("I'm planning to visit Japan in May.", {"plan=visit Japan in May"}),
    ("I'm moving to Lisbon in May.", {"plan=move to Lisbon in May"}),
    ("I have to finish the report by Friday.", {"task=finish the report by Friday"}),
    ("I have an interview tomorrow.", {"appointment=an interview on 2024-11-16"}),
    ("My flight is on Monday.", {"appointment=flight on 2024-11-18"}),
    ("I just passed my driving test!", {"event=passed their driving test"}),
    ("Last week I ran the Dublin marathon.", {"event=ran the Dublin marathon"}),
    (
        "I have a meeting with Sam on Thursday at 3pm.",
        {"appointment=a meeting with Sam on 2024-11-21"},
    ),
    ("My thesis is due on December 1st.", {"deadline=thesis on 2024-12-01"}),
    ("I'm getting married in September!", {"plan=get married in September"}),
    ("I broke my leg skiing last month.", {"event=broke their leg skiing"}),
    ("I'm struggling with insomnia.", {"problem=insomnia"}),
    ("I'm so tired.", {"mood=tired"}),
]

INSTRUCTIONS: list[tuple[str, set[str]]] = [
    ("I prefer concise answers.", {"response_style=concise"}),
    ("I prefer bullet-point responses", {"response_format=bullet points"}),
    (
        "I prefer bullet-point responses and dislike filler phrases.",
        {"response_format=bullet points", "avoid=filler phrases"},
    ),
    ("I like short, direct answers.", {"response_style=short", "response_style=direct"}),
    ("Please always answer in French.", {"language_of_reply=French"}),
    ("From now on, keep it short.", {"response_style=short"}),
    ("From now on please reply in German", {"language_of_reply=German"}),
    ("Can you answer in Spanish from now on?", {"language_of_reply=Spanish"}),
    ("Don't use emojis.", {"avoid=emojis"}),
    ("no emojis please", {"avoid=emojis"}),
    ("Never apologize.", {"avoid=apologizing"}),
    ("Stop calling me sir.", {"avoid=calling them sir"}),
    ("Call me Al.", {"address_as=Al"}),
    ("You can call me Kit", {"address_as=Kit"}),
    ("Could you call me Dr. Osei?", {"address_as=Dr. Osei"}),
    ("Be concise.", {"response_style=concise"}),
    ("Please keep your answers brief.", {"response_style=brief"}),
    ("I'd like you to always cite sources.", {"instruction=always cite sources"}),
    ("Always show the units.", {"instruction=always show the units"}),
    (
        "When you write code, use type hints.",
        {"instruction=use type hints when you write code"},
    ),
    ("Keep your responses under 100 words.", {"instruction=keep your responses under 100 words"}),
    ("Use British spelling please.", {"instruction=use British spelling"}),
    ("Treat me as an expert.", {"instruction=treat them as an expert"}),
    ("I don't want you to use bullet points.", {"avoid=bullet points"}),
    ("Please don't mention my ex.", {"avoid=mentioning their ex"}),
    ("I prefer metric units.", {"units=metric units"}),
    ("I want replies in plain text.", {"response_format=plain text"}),
    ("I prefer a friendly tone.", {"tone=friendly"}),
    ("I hate long explanations.", {"avoid=long explanations"}),
]

OTHERS: list[tuple[str, set[str]]] = [
    ("My sister Aoife is a vet.", {"sister=Aoife", "Person/Aoife role=vet"}),
    (
        "My sister lives in Galway.",
        {"Person/alice's sister location=Galway", "siblings=a sister"},
    ),
    ("my mom works at apple", {"Person/alice's mother employer=apple"}),
    (
        "My dog Rex is 5.",
        {"pet=a dog named Rex", "Pet/Rex species=dog", "Pet/Rex age=5"},
    ),
    ("My cat's name is Miso.", {"pet=a cat named Miso"}),
    (
        "I have a sister named Aoife who is a vet.",
        {"sister=Aoife", "Person/Aoife role=vet"},
    ),
    (
        "My brother is a pilot. He lives in Doha.",
        {
            "Person/alice's brother role=pilot",
            "Person/alice's brother location=Doha",
            "siblings=a brother",
        },
    ),
    (
        "My husband Tom works at Intel and he loves sailing.",
        {
            "spouse=Tom",
            "marital_status=married",
            "Person/Tom employer=Intel",
            "Person/Tom hobby=sailing",
        },
    ),
    ("My wife and I live in Paris.", {"location=Paris", "marital_status=married"}),
    ("My best friend is called Noor.", {"friend=Noor"}),
    ("We adopted a puppy named Max.", {"pet=a puppy named Max", "Pet/Max species=puppy"}),
    (
        "i hav a dog named bella and shes 3",
        {"pet=a dog named Bella", "Pet/Bella species=dog", "Pet/Bella age=3"},
    ),
    (
        "My wife Elena and I live in Turin.",
        {"spouse=Elena", "marital_status=married", "location=Turin"},
    ),
    (
        "my bf works at tesla",
        {
            "Person/alice's boyfriend employer=tesla",
            "marital_status=in a relationship with a boyfriend",
        },
    ),
    ("Our company Globex is hiring.", {"employer=Globex"}),
    (
        "I'm building an app called Sparrow. It's written in Kotlin.",
        {
            "project=building an app called Sparrow",
            "Project/Sparrow description=an app",
            "Project/Sparrow programming_language=Kotlin",
        },
    ),
    (
        "I run a small bakery called Crumb.",
        {
            "responsibility=running a small bakery called Crumb",
            "Organization/Crumb description=a small bakery",
        },
    ),
    ("My parents live in Cork.", {"Person/alice's parents location=Cork"}),
]

MIXED: list[tuple[str, set[str]]] = [
    ("I live in Oslo, what's the weather?", {"location=Oslo"}),
    ("I live in Oslo, right?", {"location=Oslo"}),
    ("I'm a vegetarian, can you suggest a recipe?", {"diet=vegetarian"}),
    ("Since you asked, I live in Quito.", {"location=Quito"}),
    ("Remember that I'm allergic to nuts.", {"allergy=nuts"}),
    ("Just so you know, I work at Globex.", {"employer=Globex"}),
    ("Thanks! I live in Lima by the way.", {"location=Lima"}),
    ("I love pizza I live in Naples", {"likes=pizza", "location=Naples"}),
    (
        "So, quick intro: I'm a paramedic. I've two kids, and I can't swim.",
        {"role=paramedic", "children=two kids", "skill_gap=swim"},
    ),
    (
        "I moved here for work. Well, I live in Graz now because my job is there.",
        {"location=Graz"},
    ),
    ("How do I cook rice? I'm gluten-free.", {"diet=gluten-free"}),
]


@pytest.mark.parametrize(
    ("line", "expected"),
    [*IDENTITY, *KNOWLEDGE, *CONTEXT, *INSTRUCTIONS, *OTHERS, *MIXED],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_statement(builtin: BuiltinExtractor, line: str, expected: set[str]) -> None:
    assert short(await extract(builtin, line)) == expected
