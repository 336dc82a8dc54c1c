"""What draws somebody, told without a verb of liking."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import extract, short

DRAWN: list[tuple[str, str]] = [
    ("There's something soothing about the hum of a ferry.", "likes=the hum of a ferry"),
    ("There's just something about vinyl records that speaks to me.", "likes=vinyl records"),
    ("Thunderstorms at night never get old.", "likes=Thunderstorms at night"),
    ("Reykjavik is at the top of my bucket list.", "wants=Reykjavik"),
    ("The Dolomites have been on my radar for years.", "wants=The Dolomites"),
    ("'Severance' is next on my watch list.", "wants=to watch Severance"),
    (
        "I saw photos of Luang Prabang, a town I've always wanted to see.",
        "wants=to see Luang Prabang",
    ),
    ("I miss the smell of the sea.", "likes=the smell of the sea"),
    ("Sometimes I miss living in Porto.", "likes=Porto"),
    ("I know a bakery that makes incredible cardamom buns.", "likes=cardamom buns"),
    ("We found a stall which serves the best dumplings.", "likes=dumplings"),
    ("Ended the day with a hot bowl of miso soup.", "likes=miso soup"),
    ("I curled up with a nice cup of rooibos and a book.", "likes=rooibos"),
    ("I've been revisiting old favorites by Nina Simone.", "likes=Nina Simone"),
    ("I love anything with cinnamon.", "likes=cinnamon"),
    ("Spring always puts me in a good mood.", "likes=Spring"),
    ("I come alive in summer.", "likes=summer"),
    ("Nothing like a crisp October morning.", "likes=a crisp October morning"),
    ("You can't beat a good thunderstorm.", "likes=a good thunderstorm"),
    ("I look forward to the first snow every year.", "likes=the first snow"),
    ("I never say no to a mango lassi.", "likes=a mango lassi"),
    ("I'm always up for a good horror movie.", "likes=a good horror movie"),
    ("Grabbed my usual oat latte on the way.", "likes=oat latte"),
    ("I start every day with a matcha.", "likes=a matcha"),
    ("I'd go back to Kyoto in a heartbeat.", "likes=Kyoto"),
    ("I'm always up for playing on something old.", "hobby=playing on something old"),
    ("There's something comforting about a warm, spicy stew.", "likes=a warm, spicy stew"),
    ("I left my heart in Lisbon.", "likes=Lisbon"),
    ("I can't wait to go back to Naples.", "likes=Naples"),
    ("Grandma's attic holds a special place in my heart.", "likes=Grandma's attic"),
    ("Anything teal catches my eye.", "likes=teal"),
    ("The Lake District always calms me down.", "likes=The Lake District"),
    ("Terry Pratchett is a genius.", "likes=Terry Pratchett"),
    ("I squeezed in a round of golf on Sunday.", "hobby=golf"),
    ("Caught the rugby final last night.", "likes=rugby"),
    ("I watched the cricket match with my dad.", "likes=cricket"),
    ("You can't go wrong with navy.", "likes=navy"),
    ("There's a warmth to terracotta that I love.", "likes=terracotta"),
    ("Purple has always been my color.", "likes=Purple"),
    ("Fall is hands down the best season.", "likes=Fall"),
    ("I thrive in winter.", "likes=winter"),
    ("The rainy season has its charm.", "likes=The rainy season"),
    ("I'm itching to try kitesurfing.", "goal=try kitesurfing"),
    ("One day I'd like to try scuba diving.", "goal=try scuba diving"),
    ("I'm determined to master sourdough.", "goal=master sourdough"),
    ("I grew up on Studio Ghibli films.", "likes=Studio Ghibli films"),
    ("I always go back to Neruda's poems.", "likes=Neruda's poems"),
    ("I never miss an episode of Bake Off.", "likes=Bake Off"),
    ("I follow Formula 1 religiously.", "likes=Formula 1"),
    ("I'm rooting for Arsenal this year.", "likes=Arsenal"),
    ("I gravitate towards loose linen.", "likes=loose linen"),
    ("I keep going back to Stardew Valley.", "likes=Stardew Valley"),
    ("I often find myself drawn to harbour towns.", "likes=harbour towns"),
    ("I tend to go for darker shades.", "likes=darker shades"),
    ("I lean towards minimalist design.", "likes=minimalist design"),
    ("I'm a sucker for anything related to space.", "likes=space"),
]

NOT_DRAWN = [
    "What is the best season to visit?",
    "Your plan has its charm.",
    "There's a catch to this offer.",
    "I grew up on of.",
    "I grew up on a farm.",
    "I grew up on Long Island.",
    "I always go back to the office.",
    "You can't beat the system.",
    "Nothing like last year.",
    "I fell in love with a colleague.",
    "I ended the day with a headache.",
    "Tom is a genius.",
    "I grabbed my usual seat.",
    "I look forward to hearing from you.",
    "I look forward to the meeting.",
    "I would go back to bed.",
    "I can't wait to go back to work.",
    "I watched my son's soccer game.",
    "She never says no to cake.",
    "I keep going back to the office.",
    "I'm leaning towards the blue one.",
    "I keep coming back to this error.",
    "I gravitate to nothing.",
    "I miss my ex.",
    "I miss the bus every day.",
    "I miss being told what to do.",
    "I don't miss the noise.",
    "I'd miss the garden if we moved.",
    "She misses the mountains.",
    "Milk is on my shopping list.",
    "The dentist is next on my to-do list.",
    "The report is high on my list for today.",
    "Lisbon is on your list.",
    "There's something wrong about this answer.",
    "There is something about the contract that worries me.",
    "There's a colleague who does great work.",
    "Your jokes never get old.",
    "He poured me a nice glass of water.",
    "I spilled a hot cup of coffee over my desk.",
    "If there's something calming about fog, tell me.",
]

NOT_WISHED = [
    "I'm dying to know what you think.",
    "I'd like to try that.",
    "I'm eager to get your feedback.",
]


@pytest.mark.parametrize(("line", "expected"), DRAWN)
async def test_drawn(builtin: BuiltinExtractor, line: str, expected: str) -> None:
    found = short(await extract(builtin, line))
    assert expected in found
    assert not any(each.startswith("location=") for each in found)


@pytest.mark.parametrize("line", NOT_DRAWN)
async def test_not_drawn(builtin: BuiltinExtractor, line: str) -> None:
    found = short(await extract(builtin, line))
    assert not {each for each in found if each.startswith(("likes=", "wants="))}


@pytest.mark.parametrize("line", NOT_WISHED)
async def test_not_wished(builtin: BuiltinExtractor, line: str) -> None:
    assert not short(await extract(builtin, line))
