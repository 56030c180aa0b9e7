"""Tokens by spaCy for captions of a source that came without any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hmu_bench.datasets.model import BY_RULES, Caption, Clip
from hmu_bench.datasets.readers import SourceClips
from hmu_bench.progress import Progress, silent
from hmu_bench.text.spacy_tokens import load_tagger


def tagged(source: SourceClips, progress: Progress = silent) -> SourceClips:
    """The source with tokens by spaCy in the place of rule tokens; its own tokens stay.

    Equal captions are tagged once, so they get equal tokens. Without a caption that needs it, spaCy
    is not imported.

    Args:
        source: what a reader gave.
        progress: shows how far it is.

    Raises:
        InputError: if spaCy or its model cannot be loaded.
    """
    texts = {c.text: None for clip in source.clips for c in clip.captions if _by_rules(c)}
    if not texts:
        return source
    tagger = load_tagger()
    tokens = dict(zip(texts, tagger.tokens(list(texts), progress), strict=True))
    return replace(source, clips=[_tagged(clip, tokens, tagger.name) for clip in source.clips])


def _by_rules(caption: Caption) -> bool:
    return caption.tokens_by == BY_RULES


def _tagged(clip: Clip, tokens: Mapping[str, str], tagger: str) -> Clip:
    if not any(_by_rules(caption) for caption in clip.captions):
        return clip
    captions = tuple(
        replace(caption, tokens=tokens[caption.text], tokens_by=tagger)
        if _by_rules(caption)
        else caption
        for caption in clip.captions
    )
    return replace(clip, captions=captions)
