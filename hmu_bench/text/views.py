"""What the trained classifier looks at in a caption; the same for training and for judging.

Three views: the lexicon's reading, the words (each with a weight of its own), and the encoder's
embedding. Each becomes one number; a few coefficients put the numbers together.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from hmu_bench.text.lexicon import Reading

Floats = npt.NDArray[np.float64]

# The numbers that the coefficients belong to, in this order, after the constant 1.
QUICK = ("constant", "label", "lexicon", "nothing_found", "words", "words_where_nothing_found")
FULL = (*QUICK, "encoder", "encoder_where_nothing_found")

MAX_LOGIT = 5.0
MAX_CHARACTERS = 2000  # of a text are looked at

# Sources and subsets whose captions are names or labels; all others are taken for sentences.
LABEL_SOURCES = frozenset({"motionx"})
SENTENCE_SUBSETS = frozenset({"humanml", "EgoBody"})

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SPACES = re.compile(r"[\W_]+")


def is_label(source: str, subset: str | None) -> bool:
    """Whether a caption is a short label, not a sentence.

    >>> is_label("motionx", "game_motion"), is_label("motionx", "humanml"), is_label("kitml", None)
    (True, False, False)
    """
    return subset not in SENTENCE_SUBSETS if subset else source in LABEL_SOURCES


@cache
def _plain_subset(subset: str) -> str:
    return _CAMEL.sub(" ", subset.replace("_", " "))


def encoder_text(text: str, subset: str | None = None) -> str:
    """What the encoder reads: the subset in front, file-name style opened up.

    >>> encoder_text("Straight_Punch", "game_motion")
    'game motion: Straight Punch'
    """
    # Half a character (a lone surrogate) is nothing that the encoder could read.
    text = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    text = " ".join(text.replace("_", " ").split())
    if not text.islower():
        text = _CAMEL.sub(" ", text)
    return f"{_plain_subset(subset)}: {text}" if subset else text


def words_of(text: str, subset: str | None = None) -> list[str]:
    """The different words, lower case and sorted; the subset counts as one.

    >>> words_of("He kicks, kicks & can't stop", "kungfu")
    ['[kungfu]', "can't", 'he', 'kicks', 'stop']
    """
    text = text[:MAX_CHARACTERS].replace("’", "'")
    if not text.islower():
        text = _CAMEL.sub(" ", text).lower()
    found = set(_WORD.findall(text))
    if subset:
        found.add(f"[{subset}]")
    return sorted(found)


def text_key(text: str, subset: str | None = None) -> str:
    """A short hash of what is said: case, punctuation and spacing do not matter.

    Training keeps captions of one key in one fold, and out-of-fold predictions are found by it.

    >>> text_key("A man kicks.") == text_key("a  man kicks"), text_key("x") == text_key("x", "GRAB")
    (True, False)
    """
    plain = unicodedata.normalize("NFC", text).casefold()
    plain = _SPACES.sub(" ", plain).strip() or text.strip()
    whole = f"{subset or ''}\0{plain}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:20]


def logit(probability: float) -> float:
    """Log odds, cut off at +-MAX_LOGIT.

    >>> logit(0.5), logit(0.0), logit(1.0)
    (0.0, -5.0, 5.0)
    """
    if probability <= 0.0 or probability >= 1.0:
        return MAX_LOGIT if probability >= 1.0 else -MAX_LOGIT
    return min(max(math.log(probability / (1.0 - probability)), -MAX_LOGIT), MAX_LOGIT)


def sigmoid(values: Floats) -> Floats:
    """1 / (1 + exp(-x)), without overflow.

    >>> sigmoid(np.array([0.0, -1000.0, 1000.0])).tolist()
    [0.5, 0.0, 1.0]
    """
    small = np.exp(-np.abs(values))
    return np.where(values >= 0, 1.0, small) / (1.0 + small)


def word_logits(
    words: Sequence[Sequence[str]], bias: float, weights: Mapping[str, float]
) -> Floats:
    """Bias plus the weights of the known words of each caption, cut off at +-MAX_LOGIT."""
    get = weights.get
    sums = [bias + sum(get(word, 0.0) for word in caption) for caption in words]
    return np.clip(np.array(sums, dtype=np.float64), -MAX_LOGIT, MAX_LOGIT)


def quick_numbers(readings: Sequence[Reading], words: Floats, labels: Sequence[bool]) -> Floats:
    """(N, len(QUICK)): what is known without the encoder."""
    numbers = np.empty((len(readings), len(QUICK)))
    nothing = np.array([not reading.findings for reading in readings], dtype=np.float64)
    numbers[:, 0] = 1.0
    numbers[:, 1] = labels
    numbers[:, 2] = [logit(reading.probability) for reading in readings]
    numbers[:, 3] = nothing
    numbers[:, 4] = words
    numbers[:, 5] = words * nothing
    return numbers


def full_numbers(quick: Floats, encoder: Floats) -> Floats:
    """(N, len(FULL)): the encoder's logits beside the rest."""
    encoder = np.clip(encoder, -MAX_LOGIT, MAX_LOGIT)
    return np.column_stack([quick, encoder, encoder * quick[:, 3]])
