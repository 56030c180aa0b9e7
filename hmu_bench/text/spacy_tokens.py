"""Tokens for captions that come without any, by spaCy's English model where both are installed.

HumanML3D's own tokens were made so: hyphens taken out of the caption; words of letters only; nouns
and verbs in their base form, except "left", which the model takes for a form of "leave". Its
captions are in lower case, as is what is tagged here.

spaCy and its model are looked for without being imported; only `load_tagger` imports them.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable, Sequence
from typing import Any, Literal, Protocol, get_args

from hmu_bench.errors import InputError
from hmu_bench.progress import Progress, silent

TokensChoice = Literal["auto", "rules", "spacy"]
CHOICES: tuple[TokensChoice, ...] = get_args(TokensChoice)

MODEL = "en_core_web_sm"
EXCLUDED = ("ner",)
"""Names of people and places decide nothing here. The parser does: it tells "is" from "is"."""
BATCH = 256
"""Captions tagged at once; fixed, as another number could turn a last bit."""

_INSTALL = f"pip install 'hmu-bench[nlp]' and python -m spacy download {MODEL}"
_WITHOUT = "do without it (--tokens rules)"
_BASE_FORMS = frozenset({"NOUN", "VERB"})
_KEPT = "left"


class TaggedWord(Protocol):
    """What is read of a token of spaCy."""

    text: str
    lemma_: str
    pos_: str


def uses_spacy(choice: str) -> bool:
    """Whether captions without tokens go to spaCy: asked for, or `auto` and it is installed.

    Raises:
        InputError: for any other choice than `CHOICES`, and where `spacy` is asked for and it or
            its model is not installed.

    >>> uses_spacy("rules")
    False
    """
    if choice not in CHOICES:
        raise InputError(
            f"there is no way {choice!r} to make tokens (there are: {', '.join(CHOICES)})"
        )
    if choice == "rules":
        return False
    missing = [name for name in ("spacy", MODEL) if importlib.util.find_spec(name) is None]
    if missing and choice == "spacy":
        raise InputError(
            f"tokens by spaCy need {' and '.join(missing)}, not installed here",
            fix=f"{_INSTALL}, or {_WITHOUT}",
        )
    return not missing


class Tagger:
    """spaCy's English model, loaded.

    Attributes:
        name: what made the tokens: "spacy <version> en_core_web_sm <version>".
    """

    def __init__(self, pipeline: Any, spacy_version: str) -> None:
        self.name = f"spacy {spacy_version} {MODEL} {pipeline.meta['version']}"
        self._pipeline = pipeline

    def tokens(self, texts: Sequence[str], progress: Progress = silent) -> list[str]:
        """Each caption as "word/POS word/POS ...".

        Args:
            texts: the captions.
            progress: shows how far it is.
        """
        plain = (prepared(text) for text in progress(texts, "tokens by spaCy"))
        return [written(words) for words in self._pipeline.pipe(plain, batch_size=BATCH)]


def load_tagger() -> Tagger:
    """Import spaCy and load its model (some seconds).

    Raises:
        InputError: if one of them is not installed or broken, or the model tags nothing.
    """
    try:
        spacy = importlib.import_module("spacy")
        pipeline = importlib.import_module(MODEL).load(exclude=list(EXCLUDED))
    except (ImportError, OSError, ValueError) as error:
        raise InputError(
            f"spaCy and its model {MODEL} cannot be loaded ({error})",
            fix=f"install them anew ({_INSTALL}), or {_WITHOUT}",
        ) from error
    if not all(word.pos_ and word.lemma_ for word in pipeline("a man kicks")):
        raise InputError(
            f"the model {MODEL} gives no parts of speech or no base forms",
            fix=f"install it anew ({_INSTALL}), or {_WITHOUT}",
        )
    return Tagger(pipeline, spacy.__version__)


def prepared(text: str) -> str:
    """The caption as it is tagged: lower case, no hyphens, blanks for underscores (of labels).

    >>> prepared("A man sits cross-legged."), prepared("Golf_Swing")
    ('a man sits crosslegged.', 'golf swing')
    """
    return text.lower().replace("-", "").replace("_", " ")


def written(words: Iterable[TaggedWord]) -> str:
    """Tagged words in HumanML3D's form.

    What is not of letters only falls away, and with it "'s", "n't" and numbers in digits.
    """
    tokens = []
    for word in words:
        text = word.text
        if not text.isalpha():
            continue
        if word.pos_ in _BASE_FORMS and text != _KEPT and word.lemma_.isalpha():
            text = word.lemma_
        tokens.append(f"{text}/{word.pos_}")
    return " ".join(tokens)
