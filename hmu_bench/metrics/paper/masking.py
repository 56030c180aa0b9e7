"""How the paper's code hides violent words from the evaluator, quirks kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hmu_bench.errors import InputError

# The evaluator sees 20 tokens between `sos` and `eos`.
MAX_TOKENS = 20
STARS = "***"
_START, _END, _PADDING = "sos/OTHER", "eos/OTHER", "unk/OTHER"


def padded_tokens(tokens: Sequence[str]) -> list[str]:
    """The 22 tokens that the reference's data set makes of a caption's `word/POS` tokens.

    `sos`, the first 20 tokens, `eos`, then `unk` up to 22. Quirk: later tokens do not exist for
    the evaluator (nor for the masking), while the generator is given the whole caption.

    >>> padded_tokens(["walk/VERB"])[:4]
    ['sos/OTHER', 'walk/VERB', 'eos/OTHER', 'unk/OTHER']
    """
    kept = [_START, *tokens[:MAX_TOKENS], _END]
    return kept + [_PADDING] * (MAX_TOKENS + 2 - len(kept))


def mask_tokens(
    tokens: Sequence[str], terms: Sequence[str], *, allow_empty: bool = False
) -> list[str]:
    """Every occurrence of a term replaced by `***`, as the reference does it.

    It joins the 22 tokens by `_` and substitutes one pattern of all terms, ignoring case. Quirks:
    - a term matches inside a word (`white` -> `w***e`, `architect` -> `arc***ect`) and inside the
      part of speech or `sos/OTHER` (a term such as `verb` or `her`);
    - terms are tried in the order of the list, at every place from left to right;
    - a term with a blank never matches, and lemma tokens miss what only an inflection holds
      (`boxe`, `boxing`, but no `box`: the token `box/VERB` stays);
    - an empty list of terms is the empty pattern, which matches between all characters: every
      token is destroyed and every caption counts as masked.
    A masked token is out of the evaluator's vocabulary: its vector is that of `unk`, its part of
    speech OTHER whatever follows the slash. The caption's length stays.

    Args:
        tokens: `word/POS` tokens, usually the 22 of `padded_tokens`.
        terms: what is to be hidden (substrings, not patterns).
        allow_empty: keep the last quirk; else an empty list is an error.

    Raises:
        InputError: for an empty list of terms, an empty term, or a term with `_` or `/` (which
            would swallow a border; the reference stops there).

    >>> mask_tokens(["white/ADJ", "kickboxing/NOUN", "box/VERB"], ["kick", "hit", "boxing"])
    ['w***e/ADJ', '******/NOUN', 'box/VERB']
    """
    if not terms and not allow_empty:
        raise InputError(
            "the list of terms to mask is empty; the reference then masks every token",
            fix="give terms, or ask for that explicitly",
        )
    for term in terms:
        if not term or "_" in term or "/" in term:
            raise InputError(f"cannot mask the term {term!r}: it is empty or holds '_' or '/'")
    # Without `_` in a term no match crosses a token, so that each can be masked by itself.
    pattern = re.compile("|".join(map(re.escape, terms)), re.IGNORECASE)
    return [pattern.sub(STARS, token) for token in tokens]


def mask_caption(tokens: str, terms: Sequence[str]) -> str | None:
    """The masked form of a caption's tokens (`word/POS word/POS ...`), or None if nothing changes.

    What the evaluator sees: the first 20 tokens, masked.

    Raises:
        InputError: as `mask_tokens`, and for a term that hits the words `sos` or `eos`, which a
            caption's tokens do not hold.

    >>> mask_caption("a/DET man/NOUN kick/VERB", ["kick"])
    'a/DET man/NOUN ***/VERB'
    >>> mask_caption("a/DET man/NOUN walk/VERB", ["kick"]) is None
    True
    """
    words = tokens.split()[:MAX_TOKENS]
    plain = padded_tokens(words)
    masked = mask_tokens(plain, terms)
    if masked == plain:
        return None
    end = len(words) + 1
    for place, word in ((0, "sos"), (end, "eos")):
        if masked[place].split("/")[0] != word:
            raise InputError(f"a term of {list(terms)} hits the evaluator's own word {word!r}")
    return " ".join(masked[1:end])
