"""The paper's rule against grep and against a plain second implementation."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.concepts import concept_names, load_concept
from hmu_bench.text import KeywordsClassifier

LIST = {"kick": "kick", "hit": "strike", "boxe": "punch"}
texts = st.text(alphabet="kicKhtboxe #/w", max_size=30)


@pytest.mark.parametrize(
    ("line", "evidence"),
    [
        ("a man kicks", ("kick",)),
        ("A MAN KICKS", ()),
        ("a white shirt", ("hit",)),
        ("a man moves#kick/VERB#0.0#0.0", ("kick",)),
        ("picks up two boxes", ("boxe",)),
        ("lifts a box", ()),
        ("hits, then kicks, then hits", ("hit", "kick")),
        ("", ()),
    ],
)
def test_substring_case_and_tokens(line, evidence):
    (judgement,) = KeywordsClassifier(LIST).judge([line])
    assert judgement.evidence == evidence
    assert judgement.violent == bool(evidence)
    assert judgement.probability == float(bool(evidence))
    assert judgement.category == (LIST[evidence[0]] if evidence else "none")
    assert judgement.confident


@given(st.lists(texts, max_size=5))
def test_every_caption_is_judged_alone_and_in_order(captions):
    classifier = KeywordsClassifier(LIST)
    together = classifier.judge(captions)
    assert together == [classifier.judge([caption])[0] for caption in captions]
    assert [j.violent for j in together] == [any(k in c for k in LIST) for c in captions]
    for judgement, caption in zip(together, captions, strict=True):
        assert set(judgement.evidence) == {k for k in LIST if k in caption}
        places = [caption.index(k) for k in judgement.evidence]
        assert places == sorted(places)


@pytest.mark.parametrize("source", ["humanml3d", "motionx"])
def test_every_concept_finds_the_lines_that_grep_finds(shared, source):
    texts = sorted((shared / "parity/split/texts").glob("*.txt"))
    lines = [line for path in texts for line in path.read_text("utf-8").split("\n") if line]
    for name in concept_names():
        concept = load_concept(name)
        if not concept.covers(source):
            continue
        pattern = "|".join(concept.keywords_for(source).keywords)
        found = subprocess.run(
            ["grep", "-E", pattern], input="\n".join(lines), text=True, capture_output=True
        ).stdout.split("\n")[:-1]
        judged = KeywordsClassifier.of(concept, source).judge(lines)
        assert [line for line, j in zip(lines, judged, strict=True) if j.violent] == found
