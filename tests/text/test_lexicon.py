"""The lexicon on sentences of ours, and on the gold labels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

import hmu_bench as hb
from hmu_bench.concepts import load_concept
from hmu_bench.errors import InputError
from hmu_bench.text.challenge import load_challenge_captions
from hmu_bench.text.judgement import Judgement
from hmu_bench.text.lexicon import LexiconClassifier, load_lexicon, read_caption, subset_of

FIXTURES = Path(__file__).parent.parent / "fixtures" / "text"
SENTENCES = yaml.safe_load((FIXTURES / "lexicon_sentences.yaml").read_text(encoding="utf-8"))
RULES = yaml.safe_load((FIXTURES / "lexicon_rules.yaml").read_text(encoding="utf-8"))


def judge(caption: str, subset: str | None = None) -> Judgement:
    context: Mapping[str, str] = {} if subset is None else {"subset": subset}
    return LexiconClassifier().judge([caption], [context])[0]


@pytest.mark.parametrize("sentence", SENTENCES["violent"])
def test_attacks_are_found(sentence: str) -> None:
    judged = judge(sentence)
    assert judged.violent, judged
    assert judged.category not in ("none", "victim")


@pytest.mark.parametrize("sentence", SENTENCES["safe"])
def test_lookalikes_are_safe(sentence: str) -> None:
    judged = judge(sentence)
    assert not judged.violent, judged
    assert judged.category in ("none", "victim")


def test_every_rule_is_reached_by_a_sentence() -> None:
    lexicon = load_lexicon()
    unused = []
    shared_rules = {}  # a rule of a shared list need be reached in one sense only
    for sense in lexicon.senses:
        for rule in sense.rules:
            reached = rule.why in RULES.get(sense.name, {})
            if rule.shared_list is None:
                unused += [] if reached else [(sense.name, rule.why)]
            else:
                key = rule.shared_list, rule.why
                shared_rules[key] = shared_rules.get(key, False) or reached
    assert unused == []
    assert [key for key, reached in shared_rules.items() if not reached] == []


@pytest.mark.parametrize(
    ("sense", "why", "sentence"),
    [(sense, why, sentence) for sense, rules in RULES.items() for why, sentence in rules.items()],
)
def test_rule(sense: str, why: str, sentence: str) -> None:
    subset = None
    if sentence.startswith("["):
        subset, sentence = sentence[1:].split("] ", 1)
    findings = read_caption(load_lexicon(), sentence, subset).findings
    assert (sense, why) in {(finding.sense, finding.why) for finding in findings}


@pytest.mark.parametrize(
    ("caption", "category"),
    [
        ("a person kicks forward", "kick"),
        ("he throws an uppercut", "punch"),
        ("she slaps the waiter", "strike"),
        ("the man slashes with a sword", "weapon"),
        ("someone shoves another person", "grapple"),
        ("he does karate", "martial"),
        ("the person is pushed from behind", "victim"),
        ("the person walks", "none"),
    ],
)
def test_category(caption: str, category: str) -> None:
    assert judge(caption).category == category


@pytest.mark.parametrize(
    ("caption", "subset", "violent"),
    [
        ("form seven", "kungfu", True),
        ("form seven", "dance", False),
        ("students bow to the master", "kungfu", False),
        ("katana thunder", "game_motion", True),
        ("katana idle", "game_motion", False),
        ("katana sitzen", "game_motion", False),
        ("idol waves", "game_motion", False),
        ("short weapon seitenhieb", "game_motion", True),
        ("front kick", "fitness", True),
        ("plank kick hold", "fitness", False),
    ],
)
def test_the_subset_is_read(caption: str, subset: str, violent: bool) -> None:
    assert judge(caption, subset).violent is violent


def test_the_subset_may_come_with_the_path() -> None:
    by_path = LexiconClassifier().judge(["form seven"], [{"path": "kungfu/subset_0001/Form_Seven"}])
    assert by_path == [judge("form seven", "kungfu")]
    assert subset_of({"path": "semantic_labels/kungfu/subset_0001/x"}) == "kungfu"
    assert subset_of({"path": "Form_Seven"}) is subset_of({}) is subset_of(None) is None


@pytest.mark.parametrize(
    "label", ["KungFu_Kick_clip3", "kung-fu kick", "KUNG FU KICK", "kung fu  kick", "Kungfu kick"]
)
def test_spellings_of_a_label(label: str) -> None:
    assert judge(label, "kungfu").violent
    assert judge(label).violent


@pytest.mark.parametrize(
    "caption",
    ["a man is figthing", "he puches someone", "she is kciking", "doing somekarate", "he atacks"],
)
def test_misspelt_attacks(caption: str) -> None:
    assert judge(caption).violent


@pytest.mark.parametrize("caption", ["he is sitting", "a strange walk", "in the spring", "shoes"])
def test_words_that_are_no_misspellings(caption: str) -> None:
    assert judge(caption).probability < 0.01


def test_unsure_is_said() -> None:
    assert not judge("he dodges something").confident
    assert judge("he walks").confident
    assert judge("he punches").confident


def test_evidence_names_rule_and_words_strongest_first() -> None:
    evidence = judge("he holds a sword and punches someone").evidence
    assert evidence[0] == "punch (at a person): punches someone"
    assert evidence[1].startswith("weapon (is held): sword")


def test_the_rule_is_registered() -> None:
    judged = hb.classify(["a man kicks", "a man kicks a ball"], rule="lexicon")
    assert [j.violent for j in judged] == [True, False]
    with pytest.raises(InputError, match=r"kick: there is no lexicon"):
        LexiconClassifier.of(load_concept("kick"), "humanml3d")


def test_challenge_pairs() -> None:
    """Half of the pairs were never read: 0.86 at the first look, 0.88 after a steered round."""
    captions = load_challenge_captions()
    judged = LexiconClassifier().judge(
        [caption.text for caption in captions], [caption.context for caption in captions]
    )
    right: dict[bool, list[bool]] = {True: [], False: []}
    for caption, judgement in zip(captions, judged, strict=True):
        right[caption.violent].append(judgement.violent == caption.violent)
    assert sum(sum(half) / len(half) for half in right.values()) / 2 >= 0.92


@pytest.mark.parametrize(
    ("source", "text", "precision", "recall"),
    [("humanml3d", "caption", 0.97, 0.98), ("motionx", "label", 0.98, 0.99)],
)
def test_gold_labels(shared: Path, source: str, text: str, precision: float, recall: float) -> None:
    lines = (shared / "data" / "gold" / f"{source}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["gold"] != "A"]
    context = [{"subset": row["subset"]} if "subset" in row else {} for row in rows]
    judged = LexiconClassifier().judge([row[text] for row in rows], context)
    found = right = violent = 0.0
    for row, judgement in zip(rows, judged, strict=True):
        weight, is_violent = row["weight"], row["gold"] == "V"
        violent += weight * is_violent
        found += weight * judgement.violent
        right += weight * (is_violent and judgement.violent)
    assert right / found >= precision
    assert right / violent >= recall
