"""Words for what people own, look like and are like. Data only."""

from typing import Final

from spectron_extraction.builtin.wordlists import word_set

OWNED: Final = word_set(
    # Vehicles
    "car cars truck trucks motorcycle motorcycles motorbike bike bikes bicycle van minivan boat "
    "boats suv scooter jeep sedan convertible hatchback pickup trailer rv camper yacht sailboat "
    "kayak canoe jetski moped tractor plane helicopter skateboard snowboard surfboard "
    "rollerblades skates tesla ford toyota honda bmw audi chevy chevrolet volvo mercedes subaru "
    "volkswagen nissan mazda hyundai kia lexus porsche ferrari lamborghini mustang prius civic "
    "corolla camry corvette cadillac buick dodge harley ducati vespa "
    # Places of one's own
    "house houses home apartment condo flat cabin cottage farm ranch garden backyard yard pool "
    "greenhouse studio workshop garage treehouse mansion villa land farmhouse barn orchard "
    "vineyard basement balcony porch "
    # Ventures
    "business shop store restaurant bakery cafe salon gym startup blog podcast channel "
    "website boutique brewery bar gallery clinic "
    # Devices, instruments, furniture
    "laptop macbook iphone ipad phone android pc computer desktop tablet kindle camera telescope "
    "drone tv television xbox playstation nintendo console printer guitar guitars piano violin "
    "drums cello flute saxophone trumpet ukulele keyboard bass banjo harp clarinet couch sofa bed "
    "desk bookshelf library grill oven blender fridge stove instruments headphones "
    # Clothes and small things
    "jacket boots shoes sneakers dress dresses hat hats ring necklace watch earrings jewelry "
    "bracelet purse handbag wallet backpack umbrella skirt jeans sweater hoodie uniform costume "
    "wardrobe glasses sunglasses wheelchair prosthetic tools toolbox gun guns sword swords knife "
    "knives books comics records vinyls dvds collection trophies medals medal trophy antiques "
    "plants flowers roses tent sewing-machine motorhome hives tank aquarium"
)
"""Things whose mention as "my" tells that one has them."""

RENTED: Final = word_set("apartment flat condo dorm")
"""Homes that most people rent: what "my apartment" tells is where one lives."""

FAVORITE_KINDS: Final = word_set(
    "food color colour sport team band song album singer artist musician movie film show series "
    "episode channel book novel author writer comic game animal pet season holiday place spot city "
    "country thing one part day time week month year subject class course teacher drink beverage "
    "dish meal recipe cuisine snack dessert flavor flavour ingredient fruit vegetable candy genre "
    "music type kind style sort hobby activity pastime exercise chore job restaurant cafe bar pub "
    "store shop brand character actor actress player athlete person people friend uncle aunt "
    "cousin word number letter flower plant tree toy car outfit dress shirt park beach "
    "habit superhero shade hobbies activities museum language quote website podcast tool app "
    "hero celebrity director poet memory way item "
    "topping position piece stuff side line scene moment student customer client child"
)
"""Nouns after "my favorite" that say of what kind it is, not what."""

SYSTEMS: Final = word_set(
    "linux arch ubuntu debian fedora gentoo nixos mint manjaro centos freebsd openbsd windows "
    "macos chromeos android postgres postgresql mysql kubernetes docker nginx proxmox "
)
"""What one runs on a machine."""

HUES: Final = word_set(
    "red blue green yellow orange purple pink black white brown grey gray silver golden big small "
    "old new ginger tabby"
)
"""What things and animals look like: what stands before "and" in "a red and blue helmet"."""

ABSTRACT: Final = word_set(
    "question questions idea ideas problem problems issue issues feeling feelings time times fun "
    "plan plans doubt doubts point chance look day days night nights way ways life reason reasons "
    "trouble hope hopes thing things one ones lot lots bit clue choice option options opinion "
    "opinions thought thoughts request suggestion suggestions concern concerns error errors bug "
    "bugs meeting meetings appointment call interview exam test deadline date party flight trip "
    "vacation weekend break dream dreams feel hunch go try say need needs right rights fear "
    "difficulty difficulties difference interest respect love hate sense access luck energy money "
    "cash change pleasure experience memory memories story stories secret secrets news message "
    "email file files list table code data script function class string array result results "
    "example text draft document report essay paper answer answers information info advice help "
    "support effect impact role part job work position shift hour hours minute minutes week weeks "
    "month months year years while moment faith trust power powers influence headache cold cough "
    "flu fever cramp pain hangover breakfast lunch dinner snack meal drink beer coffee tea water "
    "food room space friends friend people someone somebody class classes homework assignment "
    "project projects task tasks chores errands number card password name conversation chat talk "
    "discussion argument fight relationship hard crush mind heart head knowledge command "
    "understanding grasp attention focus preference preferences habit tendency goal goals use "
    "reservation ticket tickets visit visitors guests company trouble patience motivation fit "
    "blast ball laugh kick nap rest sleep bath shower heard seen mood order orders background "
    "degree major consensus extras favorites favourites"
)
"""What "I have" tells nothing lasting of, or what other rules keep under a better key."""

BODY_PARTS: Final = word_set(
    "hair eyes eye skin beard mustache moustache nose legs feet hands fingers face freckles "
    "dimples scar scars tattoo tattoos piercing piercings glasses braces teeth lips ears arms "
    "eyebrows birthmark afro dreadlocks dreads curls bangs complexion toes foot leg arm muscles "
    "abs nails height stature"
)
BODY_MARKS: Final = word_set(
    "tattoo tattoos braces glasses freckles dimples piercing piercings beard mustache moustache "
    "aids scar scars birthmark afro dreadlocks dreads"
)
"""What of a body not everybody has, so that its mention alone tells."""

LOOKS: Final = word_set(
    "short tall thin skinny fat chubby overweight underweight obese slim slender petite curvy "
    "muscular stocky bald balding blonde blond brunette redhead redheaded ginger pale tan "
    "tanned freckled tattooed pierced pregnant handicapped disabled paralyzed colorblind color- "
    "blind blind deaf mute nearsighted farsighted left-handed right-handed lefty ambidextrous "
    "strong fit athletic buff ripped hairy bearded short-sighted dark-haired fair-skinned dark- "
    "skinned big small tiny huge heavy taller shorter shortest tallest ugly beautiful pretty "
    "handsome attractive gorgeous cute wrinkled wheelchair-bound amputee double-jointed colour- "
    "blind colourblind long-sighted "
)
"""Adjectives, and nouns used alike, that say how someone looks or is made."""

CHARACTER: Final = word_set(
    "shy introverted extroverted outgoing ambitious creative curious impatient patient "
    "competitive organised organized disorganized disorganised messy lazy perfectionist introvert "
    "extrovert dyslexic autistic nerdy geeky clumsy optimistic pessimistic optimist pessimist "
    "spontaneous superstitious religious spiritual bilingual trilingual multilingual gay lesbian "
    "bisexual bi straight queer asexual pansexual nocturnal frugal adventurous independent "
    "stubborn sentimental romantic funny quiet talkative generous kind friendly honest loyal "
    "sociable social antisocial anti-social reserved calm laid-back easygoing easy-going sensitive "
    "emotional moody sarcastic witty intelligent smart wise clever ambivert thoughtful reliable "
    "responsible irresponsible punctual forgetful absent-minded hardworking workaholic "
    "artistic musical open-minded conservative liberal republican democrat socialist libertarian "
    "feminist environmentalist patriotic wealthy rich poor broke famous popular unlucky lucky "
    "brave fearless cautious nervy picky fussy vain selfish selfless humble arrogant confident "
    "insecure paranoid neurotic analytical logical practical realistic idealistic passionate "
    "energetic hyper hyperactive sporty outdoorsy homebody tech-savvy old-fashioned traditional "
    "eccentric weird odd quirky rebellious free-spirited affectionate protective caring empathetic "
    "compassionate cheerful grumpy cynical skeptical minimalist materialistic dramatic flirty "
    "goofy silly childish mature adopted illiterate self-taught bookish homeschooled"
)
"""Adjectives, and nouns used alike, that say what someone is like for good."""

DEVOTEES: Final = word_set(
    "lover fan supporter addict junkie enthusiast buff nut freak geek nerd fanatic aficionado snob "
    "fiend connoisseur hater lovers fans maniac devotee fanboy fangirl guy girl gal person man "
    "woman"
)
"""Nouns that say what is liked before them: "a coffee lover", "a dog person"."""
