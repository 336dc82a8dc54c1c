"""Closed and half-closed word classes that the rules refer to. Data only.

Open classes (names, products, places) are not listed: a rule tells them by their frame.
"""

from typing import Final

from spectron_extraction.builtin.wordlists import phrase_set, word_set

FIRST_PERSON: Final = word_set("i we")
SUBJECT_PRONOUNS: Final = word_set("i we you he she it they this that these those there")
POSSESSIVES: Final = word_set("my our your his her its their")
DETERMINERS: Final = POSSESSIVES | word_set(
    "a an the this that these those some any no every each another"
)
ARTICLES: Final = word_set("a an the")
WH_WORDS: Final = word_set("what where who whom whose which when why how")
AUXILIARIES: Final = word_set(
    "am is are was were be been being have has had do does did will would can could may might "
    "must should shall"
)
PREPOSITIONS: Final = word_set(
    "in at on from to for with as of near by outside around into onto about over since until till "
    "between through across inside within without after before during under against than like"
)
ADVERBS: Final = word_set(
    "also actually really just now currently still always usually often sometimes never only "
    "recently finally already originally basically mostly mainly generally normally truly totally "
    "absolutely definitely certainly probably possibly maybe perhaps simply literally honestly "
    "personally presently formerly previously once soon too very quite pretty so then therefore "
    "kinda sorta rather especially particularly typically regularly frequently occasionally "
    "rarely seldom hardly barely long ever even almost nearly primarily officially happily "
    "proudly lately nowadays today yesterday tomorrow tonight both all myself temporarily "
    "permanently naturally obviously clearly sadly unfortunately fortunately luckily thankfully "
    "supposedly apparently eventually secretly deeply strongly greatly much"
)
HEDGES: Final = word_set("maybe perhaps possibly probably presumably")
HEDGING_MODALS: Final = word_set("may might could")
RECENT: Final = word_set("just recently finally yesterday today")
FREQUENT: Final = word_set("always usually often regularly frequently typically normally generally")

# What a sentence may open with before it says something.
OPENERS: Final = phrase_set(
    "well, oh, yeah, yes, yep, yup, no, nope, hi, hello, hey, hi there, hello there, so, and, "
    "but, also, btw, by the way, fyi, for the record, just so you know, as you know, to be "
    "honest, tbh, honestly, ok, okay, right, sure, great, cool, nice, awesome, thanks, thank "
    "you, haha, lol, um, uh, hmm, ah, wow, anyway, actually, in fact, you see, you know, like, "
    "plus, besides, however, then, first, firstly, second, secondly, finally, the thing is, "
    "guess what, good news, update, quick update, correction, sorry, please note, please "
    "remember, remember, note, remember that, note that, please remember that, please note "
    "that, keep in mind that, please keep in mind that, keep in mind, for context, context, "
    "background, some background, a bit about me, about me, don't forget that, do not forget "
    "that, in case it matters, i told you, i told you that, i said, i said that, i mentioned, i "
    "mentioned that, as i said, like i said, as i mentioned, i should mention, i should mention "
    "that, i must say, i have to say, i have to admit, i must admit, let me tell you, it turns "
    "out, turns out, to clarify, good morning, good evening, good afternoon, too, as for me, "
    "for me, me, same, same here, me too, i mean, i am afraid, i admit, i confess, you should "
    "know, you should know that, of course, indeed, for now, obviously, alright, yay, hooray, "
    "ugh, unfortunately, sadly, luckily, fortunately, thankfully, now that, given that, seeing "
    "that, on the other hand, in addition, these days, nowadays, at the moment, right now, as "
    "of now, at present, in general, in my free time, in my spare time, on weekends, at work, "
    "at home, for a living, by day, for work, for fun, as a hobby, since you asked, as it "
    "happens, as a matter of fact, gross, weird, neat, sweet, lovely, funny, damn, omg, yikes, "
    "eww, ew, aww, aw, yum, dude, man, bro, true, exactly, absolutely, definitely, oh no, oh "
    "man, oh wow, oh yeah, oh yes, oh really, oh ok, oh cool, oh nice, no way, my bad, "
    "interesting, amazing, perfect, excellent, fantastic, wonderful, ha, ha ha, hehe, yea, yeh, "
    "ya, nah, naw, well yes, well no, infact, you bet, congrats, likewise, agreed, why not, go "
    "figure, no problem, no worries, my friend, in my opinion, imo, imho, in my case, in my "
    "experience, in my view, to me, because, cause, cos, since, thank god, thank goodness, "
    "someday, one day, some day, ideally, in the long run, speaking of which, come to think of "
    "it, as of late, of late, when i can, if i can"
)
THINKS: Final = phrase_set(
    "i think, i think that, i guess, i guess that, i believe, i believe that, i suppose, "
    "i suppose that, i feel like, i imagine, i assume"
)
DOUBTS: Final = phrase_set(
    "i am not sure but, i am not sure, i am not certain but, i am not certain, i am unsure, "
    "not sure but, not sure, i doubt, i doubt that, it is possible that, there is a chance, "
    "there is a chance that, chances are, i am not sure if, i am not sure that, maybe, perhaps, "
    "possibly, probably, presumably, i am not sure whether, i am unsure whether, "
    "if i remember correctly, i am thinking maybe, i might be wrong but"
)

QUESTION_TAGS: Final = phrase_set(
    "right, correct, yeah, you know, ok, okay, eh, no, is not it, do not you think, huh, "
    "remember, you see, see, get it, do you remember, am i right"
)
REQUEST_VERBS: Final = word_set(
    "help tell show give write explain recommend suggest find make create generate summarise "
    "summarize translate list describe compare check fix proofread review analyse analyze rewrite "
    "edit correct convert calculate compute draft plan book order send remind set add remove "
    "delete open close play search look read print run solve define draw design build teach let "
    "pretend imagine act assume suppose forget ignore disregard stop keep use be do try consider "
    "remember note please continue go come get take put see say talk speak respond answer reply "
    "format refer call address never always avoid include provide share pick choose walk guess "
    "wait thanks thank repeat rephrase paraphrase improve polish shorten expand simplify "
    "brainstorm outline prepare schedule estimate evaluate test debug refactor implement code"
)
MATERIAL_REQUESTS: Final = word_set(
    "translate summarise summarize proofread rewrite edit correct review analyse analyze "
    "paraphrase improve polish shorten expand simplify rephrase fix check grade repeat continue "
    "convert format classify"
)

LANGUAGES: Final = word_set(
    "english french german spanish italian portuguese dutch swedish norwegian danish finnish "
    "icelandic russian ukrainian polish czech slovak hungarian romanian bulgarian greek turkish "
    "arabic hebrew persian farsi hindi urdu bengali punjabi tamil telugu marathi gujarati "
    "malayalam kannada mandarin cantonese chinese japanese korean vietnamese thai indonesian malay "
    "tagalog filipino swahili amharic yoruba igbo zulu afrikaans irish gaelic welsh catalan basque "
    "galician croatian serbian bosnian slovenian albanian macedonian lithuanian latvian estonian "
    "georgian armenian kazakh uzbek mongolian nepali sinhala burmese khmer lao latin esperanto "
    "maltese luxembourgish yiddish pashto somali hausa quechua asl"
)
NATIONALITIES: Final = word_set(
    "american british english scottish welsh irish french german spanish italian portuguese dutch "
    "belgian swiss austrian swedish norwegian danish finnish icelandic russian ukrainian polish "
    "czech slovak hungarian romanian bulgarian greek turkish israeli palestinian lebanese syrian "
    "iraqi iranian persian saudi emirati egyptian moroccan algerian tunisian libyan sudanese "
    "ethiopian kenyan ugandan tanzanian nigerian ghanaian senegalese cameroonian congolese "
    "angolan zimbabwean indian pakistani bangladeshi nepali nepalese chinese taiwanese japanese "
    "korean vietnamese thai indonesian malaysian singaporean filipino cambodian burmese mongolian "
    "kazakh uzbek georgian armenian azerbaijani australian canadian mexican guatemalan honduran "
    "salvadoran nicaraguan cuban dominican jamaican haitian colombian venezuelan ecuadorian "
    "peruvian bolivian chilean argentinian argentine uruguayan paraguayan brazilian croatian "
    "serbian bosnian slovenian albanian macedonian lithuanian latvian estonian maltese cypriot "
    "kiwi aussie latino latina hispanic asian african european"
)
RELIGIONS: Final = word_set(
    "christian catholic protestant muslim jewish hindu buddhist sikh atheist agnostic mormon "
    "lutheran baptist methodist presbyterian orthodox pagan quaker"
)
DIETS: Final = word_set(
    "vegan vegetarian pescatarian flexitarian keto paleo halal kosher gluten-free dairy-free "
    "omnivore carnivore plant-based teetotal"
)
MARITAL: Final = word_set("married single engaged divorced widowed separated widower widow")
GENDERS: Final = word_set(
    "male female man woman guy girl boy nonbinary non-binary trans transgender"
)
PREDICATIVE: Final = DIETS | MARITAL | word_set("allergic intolerant diabetic asthmatic")
"""What is said of people after "is"."""

EMPLOYMENT: Final = word_set(
    "retired unemployed self-employed jobless freelance freelancing homeschooled"
)
MOODS: Final = word_set(
    "happy sad tired exhausted excited nervous anxious stressed bored angry upset sick ill busy "
    "worried sleepy hungry lonely frustrated overwhelmed proud glad depressed confused annoyed "
    "thrilled grateful jealous scared disappointed heartbroken burnt-out"
)
HEALTH: Final = word_set(
    "asthma diabetes adhd autism epilepsy arthritis migraines migraine anxiety depression insomnia "
    "dyslexia eczema psoriasis ibs lupus hypertension tinnitus scoliosis anemia cancer celiac "
    "coeliac ptsd ocd endometriosis vertigo hypothyroidism glaucoma narcolepsy"
)
APPEARANCE: Final = word_set("hair eyes beard freckles tattoo tattoos piercing piercings glasses")

KIN: Final[dict[str, str]] = {
    "mother": "mother", "mom": "mother", "mum": "mother", "mommy": "mother", "mama": "mother",
    "father": "father", "dad": "father", "daddy": "father", "papa": "father",
    "wife": "wife", "husband": "husband", "spouse": "spouse", "hubby": "husband",
    "girlfriend": "girlfriend", "boyfriend": "boyfriend", "partner": "partner",
    "fiance": "fiance", "fiancee": "fiancee", "fiancé": "fiance", "fiancée": "fiancee",
    "son": "son", "daughter": "daughter", "child": "child", "kid": "child", "baby": "baby",
    "stepson": "stepson", "stepdaughter": "stepdaughter", "toddler": "child", "newborn": "child",
    "sister": "sister", "brother": "brother", "sibling": "sibling", "twin": "twin",
    "stepsister": "stepsister", "stepbrother": "stepbrother", "bro": "brother", "sis": "sister",
    "grandmother": "grandmother", "grandma": "grandmother", "granny": "grandmother",
    "nana": "grandmother", "grandfather": "grandfather", "grandpa": "grandfather",
    "cousin": "cousin", "aunt": "aunt", "uncle": "uncle", "niece": "niece", "nephew": "nephew",
    "grandson": "grandson", "granddaughter": "granddaughter", "mother-in-law": "mother-in-law",
    "father-in-law": "father-in-law", "sister-in-law": "sister-in-law",
    "brother-in-law": "brother-in-law", "stepmom": "stepmother", "stepdad": "stepfather",
    "bf": "boyfriend", "gf": "girlfriend",
    "stepmother": "stepmother", "stepfather": "stepfather",
    "friend": "friend", "bestie": "friend", "buddy": "friend", "roommate": "roommate",
    "flatmate": "flatmate", "housemate": "housemate", "neighbor": "neighbor",
    "neighbour": "neighbor", "colleague": "colleague", "coworker": "colleague",
    "co-worker": "colleague", "teammate": "colleague", "boss": "manager", "manager": "manager",
    "supervisor": "manager", "parents": "parents", "folks": "parents", "kids": "children",
    "children": "children",
    "siblings": "siblings", "sisters": "sisters", "brothers": "brothers", "sons": "sons",
    "daughters": "daughters", "grandparents": "grandparents", "friends": "friends",
    "grandkids": "grandchildren", "grandchildren": "grandchildren", "grandchild": "grandchild",
    "grandkid": "grandchild", "nieces": "nieces", "nephews": "nephews", "cousins": "cousins",
    "aunts": "aunts", "uncles": "uncles",
    "roommates": "friends", "flatmates": "friends", "housemates": "friends",
    "childrens": "children", "childs": "children", "teens": "children", "teenagers": "children",
    "toddlers": "children",
    "ex": "ex", "ex-wife": "ex-wife", "ex-husband": "ex-husband",
}  # fmt: skip
"""Words for people by their relation to the user, and the form in which the relation is kept."""

SINGLE_KIN: Final = {
    "children": "child", "sons": "son", "daughters": "daughter", "sisters": "sister",
    "brothers": "brother", "siblings": "sibling", "friends": "friend",
}  # fmt: skip
"""What each of several is."""

PLURAL_KIN: Final = word_set(
    "parents children siblings sisters brothers sons daughters grandparents friends grandchildren "
    "nieces nephews cousins aunts uncles"
)
OCCUPATIONS: Final = word_set(
    "accountant actor actress architect artist assistant attorney author baker banker barista "
    "bartender biologist builder butcher carpenter cashier chef chemist cleaner clerk coach "
    "comedian composer consultant contractor cook dancer dentist designer detective developer "
    "dietitian director doctor driver economist editor electrician engineer entrepreneur farmer "
    "dev firefighter fisherman florist founder freelancer gardener geologist guard hairdresser "
    "historian housewife housekeeper homemaker illustrator instructor intern interpreter "
    "investor janitor journalist judge lawyer lecturer librarian lifeguard linguist machinist "
    "manager marketer mathematician mechanic midwife miner model musician nanny nurse "
    "nutritionist officer optometrist painter paralegal paramedic pastor pediatrician "
    "pharmacist photographer physician physicist physiotherapist pilot plumber poet policeman "
    "politician postdoc priest principal producer professor programmer psychiatrist "
    "psychologist radiologist realtor receptionist recruiter reporter researcher sailor "
    "salesman salesperson scientist secretary singer soldier statistician student stylist "
    "surgeon surveyor tailor teacher technician therapist trader trainer translator tutor vet "
    "veterinarian waiter waitress welder writer youtuber streamer blogger ceo cto cfo coo vp "
    "head lead president chairman analyst administrator admin sysadmin devops pm strategist "
    "specialist coordinator supervisor superintendent associate partner cop nun monk imam rabbi "
    "undergraduate undergrad postgraduate sophomore junior freshman senior apprentice trainee "
    "representative copywriter auditor broker curator diplomat ecologist geneticist neurologist "
    "oncologist cardiologist dermatologist inspector magician mayor senator sheriff sergeant "
    "lieutenant captain colonel marine veteran stay-at-home beautician barber chauffeur courier "
    "dispatcher handyman landscaper locksmith mason meteorologist potter rancher creator "
    "influencer teller typist hostess rapper drummer guitarist pianist violinist cellist "
    "bassist vocalist performer bouncer maid caregiver carer counselor counsellor lumberjack "
    "cowboy racer athlete vendor seller trucker logger planner tester buyer roofer sculptor "
    "seamstress sommelier stockbroker stuntman swimmer umpire referee valet "
)
ROLE_ENDINGS: Final = ("ologist", "ician", "eer", "grapher", "maker", "worker", "keeper", "smith")
NOT_ROLES: Final = word_set(
    "lover fan person people beginner member user newbie believer reader sucker bit lot kid child "
    "man woman guy girl boy human customer owner sister brother mother father mom dad parent "
    "friend drinker eater smoker morning night owl bird fool idiot genius mess wreck nerd geek "
    "foodie loner sinner wonder starter volunteer peer pioneer career speaker subscriber walker"
)

TITLES: Final = {
    "player": word_set("professional pro semi-pro"),
    "fighter": word_set("professional pro fire"),
    "leader": word_set("youth team group project union church community scout worship squad band"),
    "owner": word_set("business shop store restaurant bar cafe salon gym company franchise"),
    "dealer": word_set("car art antique antiques arms blackjack casino card"),
    "ranger": word_set("park forest army"),
    "agent": word_set("estate travel insurance secret fbi cia customs talent sports ticket"),
}
"""Nouns that name a position only beside certain words: "a youth leader", not "a born leader"."""

PROGRAMMING: Final = word_set(
    "python java javascript typescript rust go golang c c++ c# ruby php swift kotlin scala haskell "
    "perl r julia elixir erlang clojure lisp lua dart fortran cobol matlab ocaml zig sql bash "
    "assembly f# groovy objective-c js ts prolog scheme racket elm html css"
)
INSTRUMENTS: Final = word_set(
    "guitar piano violin drums bass cello flute saxophone sax trumpet clarinet ukulele harp banjo "
    "mandolin keyboard organ viola trombone harmonica accordion oboe fiddle bagpipes tuba "
    "keyboards percussion synth synthesizer"
)
INDUSTRIES: Final = word_set(
    "sales marketing finance healthcare retail tech technology construction education advertising "
    "banking insurance it hr engineering research hospitality logistics manufacturing consulting "
    "media publishing law politics government agriculture accounting software fintech biotech "
    "pharma security cybersecurity nursing entertainment fashion film theater theatre music "
    "academia robotics aerospace automotive telecommunications telecom energy oil mining tourism "
    "customer-service administration management"
)
VEHICLES: Final = word_set(
    "car truck motorcycle bike bicycle van boat suv scooter tesla ford toyota honda bmw audi jeep "
    "chevy volvo mercedes subaru volkswagen house apartment condo cabin farm ranch cottage garden "
    "laptop macbook iphone ipad android pc desktop telescope camera drone motorbike tractor yacht "
    "sailboat kayak canoe rv camper guitar piano violin drums playstation xbox nintendo kindle "
    "business bakery restaurant shop store cafe company startup blog podcast channel website "
    "farmhouse greenhouse pool sauna thinkpad printer"
)
VENTURES: Final = word_set(
    "bakery company business shop restaurant startup farm cafe blog podcast team store agency "
    "studio school charity channel newsletter gym salon hotel clinic practice club band lab "
    "department magazine nonprofit consultancy workshop brewery bar pub gallery theater theatre "
    "guesthouse hostel inn kindergarten daycare garage dairy vineyard nursery kiosk stall "
    "barbershop ranch orchard foundation "
)
DWELLINGS: Final = word_set(
    "house apartment flat condo home dorm trailer room studio basement place cabin mansion "
    "building houseboat cottage bungalow villa loft penthouse townhouse caravan yurt farmhouse "
)
WEEKDAYS: Final = word_set("monday tuesday wednesday thursday friday saturday sunday")
APPOINTMENTS: Final = word_set(
    "interview appointment meeting exam flight presentation surgery operation wedding test call "
    "deadline conference party date recital concert marathon race trip vacation holiday birthday "
    "reunion "
    "final midterm "
    "checkup audition game tournament hearing defense viva demo review class anniversary "
)
TROUBLES: Final = word_set("trouble problem problems issue issues difficulty difficulties headache")

SKILL_VERBS: Final = word_set(
    "speak swim play drive cook sing dance juggle ski code read ride surf sew knit draw paint type "
    "fly skate sail program snowboard bake write skateboard whistle weld"
)
HOBBY_VERBS: Final = word_set(
    "paint draw garden hike knit bake crochet cycle ski surf meditate jog run swim dance sing "
    "camp fish hunt climb kayak skate skateboard snowboard journal sew travel cook bike bowl "
    "blog sculpt photograph box sail row birdwatch quilt embroider stream "
    "volunteer exercise weld craft"
)
WORK_VERBS: Final = word_set(
    "lead build write develop design implement refactor migrate renovate restore rewrite organize "
    "organise produce create launch draft edit prepare research code translate program deploy "
    "make remodel redesign draw paint train rehearse compose record film direct finish plan "
    "investigate debug port upgrade maintain head manage run set rebuild"
)
"""Verbs that name a project when someone is doing them: "I'm building a chess engine"."""

VAGUE: Final = word_set(
    "it that this these those them him her you me us something anything everything nothing one "
    "ones stuff things thing someone anyone everyone what how when where why who which to so "
    "there here if whether etc any your yours yourself myself itself lot lots bit none all more "
    "most"
)
UNREMARKABLE_VERBS: Final = word_set(
    "ask say tell see look try send notice want think read get have be do find hear know realize "
    "realise remember check use go come make wonder give feel need mean call show talk click "
    "type copy paste paint open close save update install add change let run put take said "
    "forget guess keep wake eat"
)
"""Verbs whose doing is no event worth keeping, even "just" now."""

MOMENTARY: Final = word_set(
    "know ask understand see make say tell check find hear talk be have get go thank clarify "
    "share point admit leave add confirm sleep think remember mention discuss ensure let note "
    "apologize apologise agree use try do give update change create generate convert "
    "calculate figure compare look eat pee rest wait laugh cry"
)
"""Verbs after "want to" or "need to" that ask for something now rather than tell a goal."""


WORKPLACES: Final = word_set(
    "bank hospital school office factory restaurant store shop library hotel clinic firm company "
    "lab laboratory warehouse mill farm museum theater theatre university garage salon bar cafe "
    "bakery agency studio zoo kitchen station airport mall market daycare kindergarten church "
    "pharmacy supermarket casino prison shelter center centre plant mine nursery deli diner "
    "boutique gym spa dealership publisher newspaper bookstore pub motel resort stable stables "
    "college academy morgue cinema court courthouse embassy charity bureau brewery home"
)
"""Nouns for where people work, without a name."""

_PLACES: Final = phrase_set(
    "new york, new jersey, new mexico, new orleans, new zealand, new hampshire, new england, "
    "los angeles, san francisco, san diego, san antonio, san jose, las vegas, salt lake city, "
    "north carolina, south carolina, north dakota, south dakota, west virginia, rhode island, "
    "united states, united kingdom, south korea, north korea, south africa, saudi arabia, "
    "sri lanka, costa rica, puerto rico, hong kong, st louis, el salvador, czech republic, "
    "kansas city, cape town, buenos aires, rio de janeiro, sao paulo, mexico city"
)
PLACE_NAMES: Final = _PLACES | word_set(
    "usa us uk america canada mexico england scotland wales ireland france germany spain italy "
    "portugal netherlands belgium switzerland austria sweden norway denmark finland iceland "
    "russia ukraine poland czechia hungary romania bulgaria greece turkey israel egypt morocco "
    "nigeria ghana kenya ethiopia india pakistan bangladesh nepal china taiwan japan korea "
    "vietnam thailand indonesia malaysia singapore philippines australia brazil argentina chile "
    "peru colombia venezuela cuba jamaica london paris berlin madrid rome lisbon dublin amsterdam "
    "brussels vienna zurich geneva stockholm oslo copenhagen helsinki moscow kyiv warsaw prague "
    "budapest athens istanbul cairo lagos nairobi mumbai delhi bangalore beijing shanghai tokyo "
    "osaka seoul bangkok jakarta manila sydney melbourne auckland toronto vancouver montreal "
    "chicago boston seattle austin houston dallas denver atlanta miami detroit philadelphia "
    "portland phoenix nyc la sf california texas florida ohio michigan illinois georgia virginia "
    "oregon colorado arizona nevada utah alaska hawaii tennessee kentucky alabama louisiana "
    "minnesota wisconsin iowa kansas missouri nebraska oklahoma maine vermont connecticut "
    "massachusetts maryland pennsylvania indiana idaho montana wyoming delaware mississippi "
    "arkansas europe asia africa"
)
"""Well-known places, for words in lower case where only the name can tell a place."""
