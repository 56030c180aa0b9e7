"""The words of the sample's captions: form -> (lemma, part of speech).

Verbs are listed by their lemma and stand here in their -s and -ing forms, nouns by their singular
and stand here in both numbers. A form that is both is a verb unless the template marks it.
"""

from __future__ import annotations

_VERBS = """
applaud attack back beat bend bow box bring choke clap come cross crouch cut dance dash do drift
drink drive drop drum duck exercise extend face get give go grab greet hang hit hold hook hop jab
jog jump kick land lean leap lift lower lunge make march move open pace pass perform pick pitch
place play point poke pull punch push put raise ram reach remain rest return rip rock rotate run
salute say seize send shake shoot shove show shuffle sidestep sink sit slam slap slash smash snap
sneak spin sprint squat squeeze stab stand stay step stoop stop straighten strangle stretch strike
stroll sway swing take tap throw thrust toss trot turn twist use walk warm wave whip wrestle
"""
_NOUNS = """
air applause arc arm attack attacker audience axe backhand ball beat belly blade body bottle bow
box brow chair chest chin circle couple cross cup curve cut degree drink drum drummer elbow enemy
exercise face figure finger fist floor foot forehand forehead front glass goal goodbye ground
guard half hand head heel height hello hip hook jab jack judo jump kick knee knife leg line lunge
man military mouth music neck object opponent pace palm person place punch quarter racket reach
respect reverse rhythm round roundhouse salute seat shin shirt shoulder shove show side sip sky
slap slash soccer soldier something spot squat stab stance step stomach straight stretch strike
swing sword tennis thief throat throw thrust time turn uppercut victim waist way woman
"""
_WORDS = {
    "DET": "a all an another both the",
    "ADP": "above across after around at below by down for from in into like of off on onto out "
    "over to under up with without",
    "ADJ": "bent deep downward few fighting flat full great hard high hunched leading left "
    "little low military old open other overhand proud right seated several shallow "
    "slight slow straight tall tired underhand upright white wide young",
    "ADV": "again ahead apart away back backward backwards calmly clockwise counterclockwise "
    "deeply diagonally down fast forward halfway hard horizontally once overhead politely "
    "proudly quickly rapidly sideways slightly slowly stealthily still then there "
    "together twice upward wearily",
    "NUM": "eight eleven five four fourteen nine ninety one seven six ten thirteen three twelve "
    "two",
    "PRON": "it someone something their them",
    "CCONJ": "and",
    "SCONJ": "as if while",
    "AUX": "is",
    "INTJ": "hello",
}
_IRREGULAR = {
    "does": ("do", "VERB"),
    "goes": ("go", "VERB"),
    "feet": ("foot", "NOUN"),
    "raised": ("raise", "VERB"),
    "stretched": ("stretch", "VERB"),
}
_DOUBLED = """
clap cut drop drum get grab hit hop jab jog put ram rip run sit slam slap snap spin squat stab
step stop tap trot
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
