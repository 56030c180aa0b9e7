"""The caption grammar: templates with choices become English captions and their tokens.

A template holds words, `(one|other)` choices, `[optional]` parts and `{slots}`; a word may carry
its part of speech (`punches~NOUN`) where the lexicon's is the wrong one. Tokens have the style of
HumanML3D: `word/POS`, nouns and verbs as lemmas, letters only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hmu_bench.sample.lexicon import LEXICON
from hmu_bench.sample.stage import Draw

# Who moves. Nothing here tells what they do; "white" holds a keyword of the paper by accident.
SUBJECTS = (
    *["a person"] * 32, *["someone"] * 14, *["the person"] * 10, *["a man"] * 14, *["the man"] * 5,
    *["a woman"] * 10, *["the woman"] * 4, *["the figure"] * 3, *["a figure"] * 3,
    "a tall person", "a young man", "an old woman", "a man in a white shirt",
)  # fmt: skip

_MIRRORED = {
    "left": "right", "right": "left",
    "clockwise": "counterclockwise", "counterclockwise": "clockwise",
}  # fmt: skip
_PIECES = re.compile(r"[()\[\]|]|[^()\[\]|]+")
_WORD = re.compile(r"[a-z]+(?:~[A-Z]+)?")


def expand(template: str, slots: Mapping[str, str], draw: Draw) -> str:
    """One sentence of the template, its words still with their `~POS` marks.

    >>> expand("{who} [slowly] (kicks|kicks)", {"who": "someone"}, Draw(1))
    'someone slowly kicks'
    """
    while "{" in template:
        template = (
            template.replace("{who}", draw.pick(*SUBJECTS))
            if "who" not in slots
            else (template.replace("{who}", slots["who"]))
        )
        template = re.sub(r"\{(\w+)\}", lambda match: slots[match.group(1)], template)
    pieces = _PIECES.findall(template)
    text, rest = _sequence(pieces, 0, draw)
    if rest != len(pieces):
        raise ValueError(f"unbalanced template: {template!r}")
    return " ".join(text.split())


def _sequence(pieces: Sequence[str], index: int, draw: Draw) -> tuple[str, int]:
    """Text up to the closing bracket or bar at the same depth, and where that is."""
    out = ""
    while index < len(pieces) and pieces[index] not in (")", "]", "|"):
        piece = pieces[index]
        if piece == "(":
            options = []
            index += 1
            while True:
                option, index = _sequence(pieces, index, draw)
                options.append(option)
                index += 1
                if pieces[index - 1] == ")":
                    break
            out += draw.pick(*options)
        elif piece == "[":
            option, index = _sequence(pieces, index + 1, draw)
            index += 1
            out += option if draw.chance(0.7) else ""
        else:
            out += piece
            index += 1
    return out, index


def plain(sentence: str) -> str:
    """The caption itself: the sentence without part-of-speech marks.

    >>> plain("someone throws two punches~NOUN")
    'someone throws two punches'
    """
    return re.sub(r"~[A-Z]+", "", sentence)


def tokens(sentence: str) -> str:
    """The tokens of a sentence, `word/POS` separated by blanks.

    Raises:
        KeyError: for a word that the lexicon does not know.

    >>> tokens("someone throws two punches~NOUN")
    'someone/PRON throw/VERB two/NUM punch/NOUN'
    """
    out = []
    for word in _WORD.findall(sentence):
        form, _, marked = word.partition("~")
        lemma, tag = LEXICON[form]
        tag = marked or tag
        out.append(f"{lemma if tag in ('NOUN', 'VERB') else form}/{tag}")
    return " ".join(out)


def mirror_text(text: str) -> str:
    """The caption or tokens of the mirrored clip: left and right change places.

    >>> mirror_text("turns clockwise on the left/ADJ leg/NOUN")
    'turns counterclockwise on the right/ADJ leg/NOUN'
    """
    return re.sub(r"[a-z]+", lambda match: _MIRRORED.get(match.group(), match.group()), text)
