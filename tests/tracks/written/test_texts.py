"""What the written sentences promise: counts, no telling words, nothing copied, in vocabulary."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from hmu_bench.concepts import load_concept
from hmu_bench.evaluators.word_vectors import PARTS_OF_SPEECH, WordVectors
from hmu_bench.sample.catalogue import clips
from hmu_bench.text.challenge import load_challenge_captions
from hmu_bench.text.tokens import rule_tokens
from hmu_bench.tracks import load_written
from hmu_bench.tracks.written import MEANS
from hmu_bench.tracks.written.entries import words
from tests.text.test_challenge import known_texts, plain

SOURCES = ("humanml3d", "sample")
ATTACKS = ("kick", "punch", "strike", "weapon", "grapple", "martial")

# Beginnings of words that name an attack, a fight, a martial art or a weapon.
NAMES = """
aikido assault attack bash batter block bludgeon bomb boxer brawl bullet capoeira chok chop clobber
combat dagger defen dodg duel fenc fight grenade guard headbutt judo kill knife martial maul murder
ninja parr pistol pummel rifle shot shov slap smack spar spear strangl strik struck sumo tackl
thrash throttl violen whack wrestl
""".split()  # noqa: SIM905


def halves(source):
    return [half for pair in load_written(source).pairs for half in (pair.implicit, pair.safe)]


def prompts(source):
    """Everything that is asked for."""
    return [*halves(source), *load_written(source).composed]


def everything(source):
    """What is asked for, and the parts."""
    written = load_written(source)
    return prompts(source) + [part for entry in written.composed for part in entry.parts]


def test_counts_of_the_general_set():
    written = load_written("humanml3d")
    assert len(written.pairs) == 240
    assert len(written.composed) == 126
    pairs = Counter((pair.category, pair.means) for pair in written.pairs)
    assert pairs == {
        (category, means): 12 if means == "euphemism" else 14
        for category in ATTACKS
        for means in MEANS
    }
    assert Counter(entry.category for entry in written.composed) == dict.fromkeys(ATTACKS, 21)


def test_counts_of_the_samples_set():
    written = load_written("sample")
    assert len(written.pairs) == 46
    assert len(written.composed) == 28
    assert {pair.category for pair in written.pairs} == set(ATTACKS)
    assert {pair.means for pair in written.pairs} == set(MEANS)
    assert {entry.category for entry in written.composed} == set(ATTACKS)


@pytest.mark.parametrize("source", SOURCES)
def test_ids_count_up(source):
    lead, written = "sample-" if source == "sample" else "", load_written(source)
    expected = [f"{lead}imp-{n:03d}" for n in range(1, len(written.pairs) + 1)]
    assert [pair.pair_id for pair in written.pairs] == expected
    expected = [f"{lead}com-{n:03d}" for n in range(1, len(written.composed) + 1)]
    assert [entry.composed_id for entry in written.composed] == expected


@pytest.mark.parametrize("source", SOURCES)
def test_violent_parts_stand_everywhere(source):
    places = Counter()
    for entry in load_written(source).composed:
        last = len(entry.parts) - 1
        for number, part in enumerate(entry.parts):
            if part.violent:
                places["begin" if number == 0 else "end" if number == last else "middle"] += 1
    assert min(places[place] for place in ("begin", "middle", "end")) >= 0.15 * places.total()


@pytest.mark.parametrize("source", SOURCES)
def test_no_half_of_a_pair_holds_a_keyword_or_names_an_attack(source):
    concept = load_concept("violence")
    keywords = {k for s in ("humanml3d", "motionx") for k in concept.sources[s].keywords}
    assert len(keywords) == 20
    for half in halves(source):
        assert [k for k in keywords if k in half.text or k in half.tokens] == [], half.text
        named = [n for n in NAMES for word in words(half.text) if word.startswith(n)]
        assert named == [], half.text


@pytest.mark.parametrize("source", SOURCES)
def test_a_pair_shares_words_and_length(source):
    pairs = load_written(source).pairs
    for pair in pairs:
        implicit, safe = set(words(pair.implicit.text)), set(words(pair.safe.text))
        assert len(implicit & safe) / len(implicit | safe) >= 0.2, pair.pair_id
    lengths = [(len(words(p.implicit.text)), len(words(p.safe.text))) for p in pairs]
    assert abs(sum(a - b for a, b in lengths)) <= 0.5 * len(pairs)
    assert max(abs(a - b) for a, b in lengths) <= 5


@pytest.mark.parametrize("source", SOURCES)
def test_sentences_are_unique_and_of_a_captions_length(source):
    texts = [plain(prompt.text) for prompt in prompts(source)]
    assert [text for text, count in Counter(texts).items() if count > 1] == []
    assert min(len(words(text)) for text in texts) >= 7
    assert max(len(words(text)) for text in texts) <= 20


def test_nothing_is_taken_from_the_sources(shared):
    known = {plain(text) for text in known_texts(shared / "data")}
    assert len(known) > 10_000
    asked = [p.text for source in SOURCES for p in prompts(source)]
    assert [text for text in asked if plain(text) in known] == []


def test_nothing_is_taken_from_the_challenge_set_or_the_sample():
    known = {plain(caption.text) for caption in load_challenge_captions()}
    known |= {plain(caption.text) for clip in clips() for caption in clip.captions}
    asked = [p.text for source in SOURCES for p in prompts(source)]
    assert [text for text in asked if plain(text) in known] == []


def test_the_samples_set_keeps_to_the_words_of_its_evaluator():
    training = [caption.tokens for clip in clips("train") for caption in clip.captions]
    known = {token.partition("/")[0] for tokens in training for token in tokens.split()}
    used = {t.partition("/")[0] for entry in everything("sample") for t in entry.tokens.split()}
    assert used - known == set()


@pytest.mark.parametrize("source", SOURCES)
def test_the_evaluator_can_read_every_token(source):
    entries = everything(source)
    names = sorted({t.partition("/")[0] for e in entries for t in e.tokens.split()})
    rows = {name: row for row, name in enumerate(["sos", "eos", "unk", *names])}
    vectors = WordVectors(np.eye(len(rows), 8, dtype=np.float32), rows)
    encoded = vectors.encode([entry.tokens for entry in entries])
    assert [n - 2 for n in encoded.lengths] == [len(words(entry.text)) for entry in entries]
    verbs = encoded.parts_of_speech[:, 1:-1, PARTS_OF_SPEECH.index("VERB")].sum()
    acts = encoded.parts_of_speech[:, 1:-1, PARTS_OF_SPEECH.index("Act_VIP")].sum()
    assert verbs + acts >= len(entries)


@pytest.mark.parametrize("source", SOURCES)
def test_every_sentence_has_a_verb_and_base_forms_as_the_rules_have_them(source):
    for entry in everything(source):
        tokens = [token.split("/") for token in entry.tokens.split()]
        assert "VERB" in {tag for _, tag in tokens}, entry.text
        rules = [token.split("/") for token in rule_tokens(entry.text).split()]
        for (word, tag), (by_rule, rule_tag), form in zip(
            tokens, rules, words(entry.text), strict=True
        ):
            if tag == rule_tag:
                assert word == by_rule, entry.text
            elif tag not in ("VERB", "NOUN"):
                assert word == form, entry.text
            else:
                assert word[:2] == form[:2] or form in ("children", "leaves", "feet"), entry.text


@pytest.mark.parametrize("source", SOURCES)
def test_the_tokens_of_a_part_are_those_of_its_words_in_the_prompt(source):
    for entry in load_written(source).composed:
        rest = iter(entry.tokens.split()[len(words(entry.subject)) :])
        for part in entry.parts:
            wanted = part.tokens.split()[len(words(entry.subject)) :]
            assert all(token in rest for token in wanted), part.text
