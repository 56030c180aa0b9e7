"""The words of the sample's captions: form -> (lemma, part of speech).

Verbs are listed by their lemma and stand here in their -s and -ing forms, nouns by their singular
and stand here in both numbers. A form that is both is a verb unless the template marks it.
"""

from __future__ import annotations

_VERBS = """
aim applaud back balance beat bend block bounce bow box bring carry catch celebrate cheer choke
chop clap clean come crawl cross crouch cut dance dash dip do drift drink drive drop drum duck
extend face finish gain get give go grab greet grip hang have hit hold hook hop jab jog jump keep
kick kneel land lean leap let lift lower lunge make march mime move open pace paint pass perform
pick place play point poke prepare press pretend pull punch push put raise ram reach release
repeat rest return rip rise rock roll rotate row run salute say shadow shake shoot shove show
shuffle sidestep sit slam slap slash slice smash snap sneak spin spread spring sprint squat
squeeze stab stand start stay stem step stoop stop straighten strangle stretch strike stroll sway
swing swipe switch take tap throttle throw thrust toss touch trot tuck turn twist use walk warm
wave weave whip wind wipe work
"""
_NOUNS = """
air angle applause arc arm attack attacker audience axe backhand ball bat beat belly blade blow
body bottle bow box brow button cap chair chest chin circle club couple cross crotch cup curve cut
degree drink drum drummer drumstick elbow end enemy exercise face fight figure finger fist floor
foe foot forehand forehead front game glass goal goodbye ground guard guitar hammer hand head heel
height hello hip hook hour inch jab jack jump kick knee knife leg level line lunge man mat
military mouth music nail neck net object opponent order pace palm part partner person place
position prayer punch quarter racket reach respect reverse rhythm rib rope round roundhouse row
safety salute seat seconds shin shirt shot shoulder shove show side sip sky slap slash soccer
soldier something spear spot squat stab stance step stick stomach straight stretch strike string
stroke style swing sword target tempo tennis thief throat throw thrust time top turn uppercut
victim waist wall warrior water way weapon window woman wrist
"""
_WORDS = {
    "DET": "a an all another both each every no some the this",
    "ADP": "above across after against along around at before behind below beneath beside between "
    "by down for from in into like near of off on onto out over through to towards under up with "
    "without",
    "ADJ": "bent big broad deep downward fighting first flat full great hard high hunched leading "
    "imaginary imagined invisible large last left little long loose low military narrow open old "
    "opposite other own proud quick right short shallow single slight slow small steady straight "
    "strong sudden tall tired two-handed unseen upright white wide whole young few several same",
    "ADV": "again ahead alternately aside away back backward backwards calmly carefully clockwise "
    "counterclockwise deeply diagonally down downwards energetically evenly fast forward forwards "
    "halfway happily hard horizontally lightly once overhead politely proudly quickly rapidly "
    "rhythmically shortly sideways slightly slowly softly stealthily still straightaway suddenly "
    "then together twice upward upwards vertically wearily apart just",
    "NUM": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen ninety",
    "PRON": "he her him his it its itself she someone somebody something their them they who",
    "CCONJ": "and or but",
    "SCONJ": "as if while until that",
    "AUX": "is are be",
    "INTJ": "hello",
}
_IRREGULAR = {
    "does": ("do", "VERB"), "goes": ("go", "VERB"), "has": ("have", "VERB"),
    "men": ("man", "NOUN"), "women": ("woman", "NOUN"), "feet": ("foot", "NOUN"),
    "knives": ("knife", "NOUN"), "raised": ("raise", "VERB"), "clasped": ("clasp", "VERB"),
    "stretched": ("stretch", "VERB"), "lifted": ("lift", "VERB"), "clenched": ("clench", "VERB"),
}  # fmt: skip
_DOUBLED = """
bat chop clap cut dip drop drum get grab grip hit hop jab jog let put ram rip run sit slam slap snap
spin squat stab step stem stop swim tap trot wrap
""".split()  # noqa: SIM905


def _third(verb: str) -> str:
    if verb.endswith(("s", "x", "ch", "sh", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


def _progressive(verb: str) -> str:
    if verb in _DOUBLED and not verb.endswith("e"):
        return verb + verb[-1] + "ing"
    return verb[:-1] + "ing" if verb.endswith("e") else verb + "ing"


def _lexicon() -> dict[str, tuple[str, str]]:
    words: dict[str, tuple[str, str]] = {}
    for noun in _NOUNS.split():
        words[noun] = (noun, "NOUN")
        words[_third(noun)] = (noun, "NOUN")
    for verb in _VERBS.split():
        words.setdefault(verb, (verb, "VERB"))
        words[_third(verb)] = (verb, "VERB")
        words[_progressive(verb)] = (verb, "VERB")
    for tag, forms in _WORDS.items():
        words |= {form: (form, tag) for form in forms.split()}
    return words | _IRREGULAR


LEXICON = _lexicon()
