"""Motion-X semantic labels: `<subset>/.../<name>.txt`, a label a line (nearly always one)."""

from __future__ import annotations

from hmu_bench.datasets.model import Caption
from hmu_bench.text.tokens import rule_tokens

ROOTS = ("semantic_labels", "texts")


def parse_label(caption_id: str, line: str) -> Caption:
    """One label as a caption of the whole clip, with rule tokens."""
    text = line.strip()
    return Caption(caption_id, text, rule_tokens(text), line=line, tokens_by="rules")


def subset(clip_id: str) -> dict[str, str]:
    """The subset that the path of a clip begins with.

    >>> subset("kungfu/subset_0001/Kick")
    {'subset': 'kungfu'}
    """
    first, slash, _ = clip_id.partition("/")
    return {"subset": first} if slash else {}
