"""How protocol `hmu-1` hides the concept from a caption: whole words are deleted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from hmu_bench.errors import InputError

# The evaluator reads 20 tokens of a caption.
MAX_TOKENS = 20
_WORD = re.compile(r"([^\W\d_]+)(/[A-Z]+)?")
_VOWELS = "aeiou"


def word_forms(terms: Iterable[str]) -> frozenset[str]:
    """The terms and their regular English forms: -s, -es, -ies, -ed, -ing.

    Tokens are lemmas where the tagger knew nouns and verbs, and stand inflected where it did not
    (`standing/ADJ`); irregular forms must be in the list of terms themselves. A term with a part
    of speech (`box/VERB`) gives forms with it: who lifts a box does not fight.

    Raises:
        InputError: for no terms, or a term that is not one word of letters (with /POS or without).

    >>> sorted(word_forms(["hit"]))
    ['hit', 'hits', 'hitted', 'hitting']
    >>> sorted(word_forms(["slice", "Box", "carry"]))  # doctest: +NORMALIZE_WHITESPACE
    ['box', 'boxed', 'boxes', 'boxing', 'carried', 'carries', 'carry', 'carrying', 'slice',
     'sliced', 'slices', 'slicing']
    >>> sorted(word_forms(["box/VERB"]))
    ['box/verb', 'boxed/verb', 'boxes/verb', 'boxing/verb']
    """
    forms: set[str] = set()
    for term in terms:
        found = _WORD.fullmatch(term)
        if not found:
            raise InputError(
                f"cannot mask the term {term!r}: it is not one word of letters",
                fix="list each word by itself",
            )
        word, tag = found.group(1).lower(), (found.group(2) or "").lower()
        forms |= {form + tag for form in (word, *_inflected(word))}
    if not forms:
        raise InputError("the list of terms to mask is empty", fix="give the concept's terms")
    return frozenset(forms)


def delete_tokens(tokens: str, forms: Collection[str]) -> str | None:
    """The caption's tokens without those of the concept, or None if there are none of them.

    A token goes if its word (before the last slash, case ignored), or the word with its part of
    speech, is one of `forms`: whole words, so that `white` stays where `hit` goes, and nothing
    stands in its place, so that the masked caption is shorter. Looked at are the first 20 tokens,
    which is what the evaluator reads: the masked caption never shows it a word that the caption
    did not.

    Args:
        tokens: "word/POS word/POS ...".
        forms: the concept's words in all their forms (`word_forms`), lower case.

    Returns:
        The tokens that are left, at most 20 ("" if all are the concept's); None where nothing is
        masked.

    Raises:
        InputError: for a token that is not word/POS.

    >>> forms = word_forms(["kick", "hit"])
    >>> delete_tokens("a/DET man/NOUN kick/VERB a/DET white/ADJ ball/NOUN", forms)
    'a/DET man/NOUN a/DET white/ADJ ball/NOUN'
    >>> delete_tokens("a/DET man/NOUN walk/VERB", forms) is None
    True
    >>> delete_tokens("box/VERB the/DET box/NOUN", word_forms(["box/VERB"]))
    'the/DET box/NOUN'
    """
    seen, hidden = tokens.split()[:MAX_TOKENS], frozenset(forms)
    kept = [token for token in seen if hidden.isdisjoint((_word(token), token.lower()))]
    return None if len(kept) == len(seen) else " ".join(kept)


def _word(token: str) -> str:
    word, slash, tag = token.rpartition("/")
    if not (word and slash and tag):
        raise InputError(
            f"{token[:60]!r} is not a word/POS token", fix="give tokens such as 'kick/VERB'"
        )
    return word.lower()


def _inflected(word: str) -> list[str]:
    """Regular plural, third person, past and present participle of a noun or verb."""
    if word.endswith(("s", "x", "z", "ch", "sh")):
        plural = word + "es"
    elif word.endswith("y") and word[-2:-1] not in ("", *_VOWELS):
        plural = word[:-1] + "ies"
    else:
        plural = word + "s"
    if plural.endswith("ies"):
        return [plural, word[:-1] + "ied", word + "ing"]
    if word.endswith("ee"):
        return [plural, word + "d", word + "ing"]
    if word.endswith("e"):
        return [plural, word + "d", word[:-1] + "ing"]
    stem = word + word[-1] if _doubles(word) else word
    return [plural, stem + "ed", stem + "ing"]


def _doubles(word: str) -> bool:
    """Whether the last consonant is doubled: hit, hitting; not box, kick, beat."""
    return (
        len(word) >= 3
        and word[-1] not in _VOWELS + "wxy"
        and word[-2] in _VOWELS
        and word[-3] not in _VOWELS
    )
