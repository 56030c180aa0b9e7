"""The engine under the lexicon: words, patterns, files, and any text whatever."""

from __future__ import annotations

import math
import re
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.concepts import CATEGORIES
from hmu_bench.errors import InputError
from hmu_bench.text.lexicon import LexiconClassifier, load_lexicon, read_caption, read_lexicon
from hmu_bench.text.lexicon.engine import NOTHING
from hmu_bench.text.lexicon.features import feature_names, features
from hmu_bench.text.lexicon.loading import DATA
from hmu_bench.text.lexicon.vocabulary import noun_forms, slips, verb_forms
from hmu_bench.yaml_files import read_yaml

WORDS = {
    "irregular": {"hit": "hitting"},
    "joins": {"kungfu": "kung fu", "beat_up": "beat~ up"},
    "spelling": {"kick": "kik"},
    "watched": "punch~ {beast}",
    "real": "punchig",
    "parts": {"blade": "schwert -tritt"},
    "breaks": "then",
    "topics": "beast",
    "phrases": {"target": "the? {beast} / him"},
    "classes": {"beast": "bear^ tiger^"},
}
SENSES = {
    "lists": {"no": [{"why": "denied", "p": 0.1, "before": "not|never ..2"}]},
    "senses": {
        "kick": {
            "category": "kick",
            "words": "kick~ kungfu",
            "rules": [
                {"use": "no"},
                {"why": "beast", "p": 0.9, "after": "..2 <target>"},
                {"why": "then", "p": 0.8, "after": ".. hit~ / ... , hit~"},
                {"why": "last", "p": 0.7, "after": "END", "not_before": "START *"},
                {"why": "past", "p": 0.6, "word": "kicked"},
                {"why": "subset", "p": 0.5, "subset": ["zoo"]},
                {"why": "ball", "p": 0.2, "anywhere": "ball", "unless": "bat"},
            ],
        },
        "blade": {
            "category": "weapon",
            "words": "{blade} beat_up punch~",
            "rules": [{"why": "named", "p": 0.95}],
        },
    },
}


def folder(tmp_path: Path, words: object = WORDS, senses: object = SENSES) -> Path:
    (tmp_path / "senses").mkdir()
    (tmp_path / "words.yaml").write_text(yaml.safe_dump(words), encoding="utf-8")
    (tmp_path / "senses" / "all.yaml").write_text(yaml.safe_dump(senses), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("caption", "subset", "found"),
    [
        ("he kicks the bear", None, ["beast: kicks the bear"]),
        ("he kicks, him", None, []),  # a gap ends at the comma
        ("he kicks a big wild tiger", None, []),  # three words are more than ..2
        ("kung fu tigers", None, ["beast: kung fu tigers"]),
        ("he never kicks him", None, ["denied: never kicks"]),
        ("he kicks and hits", None, ["then: kicks and hits"]),
        ("he kicks then hits", None, []),
        ("he kicks once. then, hits", None, ["then: kicks once . then , hits"]),
        ("so he kicks", None, ["last: kicks"]),
        ("he kicks", None, []),
        ("kicked it", None, ["past: kicked"]),
        ("kick it", "zoo", ["subset: kick"]),
        ("kick it", "park", []),
        ("a ball to kick it", None, ["ball: kick"]),
        ("a bat, a ball to kick it", None, []),
        ("ein Brustschwert", None, ["named: brustschwert"]),
        ("Fusstritt, Trittbrett", None, ["named: fusstritt"]),
        ("beats up", None, ["named: beats up"]),
        ("PUNCHING", None, ["named: punching"]),
        ("punhcing", None, ["named: punhcing"]),
        ("punchtigers", None, ["named: punch"]),
        ("punchig", None, []),  # said to be a word of its own
        ("kik him", None, ["beast: kik him"]),
    ],
)
def test_patterns(tmp_path: Path, caption: str, subset: str | None, found: list[str]) -> None:
    lexicon = read_lexicon(folder(tmp_path))
    findings = read_caption(lexicon, caption, subset).findings
    assert [f"{finding.why}: {finding.words}" for finding in findings] == found


def changed(part: str, key: str, value: object) -> dict[str, dict[str, object]]:
    """The words or senses with one entry changed."""
    words, senses = dict(WORDS), {name: dict(content) for name, content in SENSES.items()}
    if part == "words":
        words[key] = value
    else:
        senses["senses"] = {**senses["senses"], key: value}  # type: ignore[dict-item]
    return {"words": words, "senses": senses}


def sense(**rule: object) -> dict[str, object]:
    return {"category": "kick", "words": "walk~", "rules": [{"why": "w", "p": 0.5, **rule}]}


@pytest.mark.parametrize(
    ("part", "key", "value", "told"),
    [
        ("senses", "walk", sense(after="{birds}"), r"\[walk\]: there is no word class 'birds'"),
        ("senses", "walk", sense(after="<birds>"), r"\[walk\]: there is no phrase 'birds'"),
        ("senses", "walk", sense(after="a||b"), "empty slot"),
        ("senses", "walk", sense(after="a /  / b"), "empty alternative"),
        ("senses", "walk", sense(after="..5"), "always matches"),
        ("senses", "walk", sense(after="a / b? .. c?"), "always matches"),
        ("senses", "walk", sense(after="a ..21 b"), "longer than 20"),
        ("senses", "walk", sense(after="a .. b .. c .. d .. e"), "more than 3 gaps"),
        ("senses", "walk", sense(after="b[a]"), "no word"),
        ("senses", "walk", sense(p=1.5), "p"),
        ("senses", "walk", sense(behind="a"), "behind"),
        ("senses", "walk", {**sense(), "rules": [{"use": "x"}]}, r"there is no list 'x'"),
        ("senses", "walk", {**sense(), "category": "dance"}, "category"),
        ("words", "classes", {"beast": "{birds}"}, "there is no word class 'birds'"),
        ("words", "topics", "birds", "there is no word class 'birds'"),
        ("words", "phrases", {"target": "<target>"}, "contains itself"),
    ],
)
def test_bad_files_are_told(tmp_path: Path, part: str, key: str, value: object, told: str) -> None:
    content = changed(part, key, value)
    with pytest.raises(InputError, match=told):
        read_lexicon(folder(tmp_path, content["words"], content["senses"]))


def test_names_are_used_once(tmp_path: Path) -> None:
    path = folder(tmp_path)
    (path / "senses" / "more.yaml").write_text(yaml.safe_dump({"senses": SENSES["senses"]}))
    with pytest.raises(InputError, match=r"more.yaml \[blade\]: there is another sense"):
        read_lexicon(path)
    (path / "senses" / "more.yaml").write_text(yaml.safe_dump({"lists": SENSES["lists"]}))
    with pytest.raises(InputError, match=r"more.yaml \[no\]: there is another list"):
        read_lexicon(path)


def test_the_packages_files_are_strict_ones() -> None:
    """They are read without these checks when the lexicon is loaded."""
    strict = read_lexicon(DATA)
    assert strict.sha256 == load_lexicon().sha256
    assert [sense.name for sense in strict.senses] == [s.name for s in load_lexicon().senses]
    for path in [DATA / "words.yaml", *(DATA / "senses").glob("*.yaml")]:
        quick = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        assert quick == read_yaml(path)


def test_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there are no sense files"):
        read_lexicon(tmp_path)
    path = folder(tmp_path)
    (path / "words.yaml").unlink()
    with pytest.raises(InputError, match=r"words.yaml"):
        read_lexicon(path)


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("kick", "kick kicks kicked kicking kickin"),
        ("strike", "strike strikes striked striking strikin"),
        ("jab", "jab jabs jabbed jabbing jabbin"),
        ("parry", "parry parries parried parrying parryin"),
        ("punch", "punch punches punched punching punchin"),
        ("whip", "whip whips whipped whipping whippin"),
        ("hook", "hook hooks hooked hooking hookin"),
        ("box", "box boxes boxed boxing boxin"),
    ],
)
def test_verb_forms(verb: str, forms: str) -> None:
    assert verb_forms(verb, {}) == tuple(forms.split())


def test_other_forms() -> None:
    assert verb_forms("hit", {"hit": ("hitting",)}) == ("hit", "hits", "hitting")
    assert [noun_forms(noun)[1] for noun in ("box", "enemy", "boy", "punch", "fist")] == [
        "boxes",
        "enemies",
        "boys",
        "punches",
        "fists",
    ]
    assert set(slips("jab")) == set()
    assert set(slips("judo")) == {"jduo", "juudo", "juod", "juddo"}
    assert {"puncing", "pucnhing", "punnching"} <= set(slips("punching"))
    assert all(slip[0] == "p" and slip != "punching" for slip in slips("punching"))


TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            [
                *(w for w in sorted(load_lexicon().vocabulary) if len(w) > 1),
                "'s",
                ",",
                ".",
                "1",
                "_",
            ]
        ),
        max_size=40,
    ).map(" ".join),
)


@given(TEXTS, st.sampled_from([None, "kungfu", "game_motion", "idea400", "fitness", "x"]))
def test_any_text_can_be_read(caption: str, subset: str | None) -> None:
    context = {} if subset is None else {"subset": subset}
    classifier = LexiconClassifier()
    [judged] = classifier.judge([caption], [context])
    assert 0 < judged.probability < 1
    assert judged.violent == (judged.probability >= 0.5)
    assert judged.category in CATEGORIES
    [reading] = classifier.readings([caption], [context])
    plain = caption.lower()
    for finding in reading.findings:
        assert all(word in plain for word in finding.words.split()), (finding, caption)


@given(st.lists(st.sampled_from(sorted(load_lexicon().vocabulary)), min_size=1, max_size=12))
def test_case_and_spaces_do_not_matter(words: list[str]) -> None:
    words = [word for word in words if re.fullmatch("[a-z]+", word)]
    caption = " ".join(words)
    classifier = LexiconClassifier()
    expected = classifier.judge([caption])
    for other in (caption.upper(), caption.title(), f"  {'   '.join(words)} ", "_".join(words)):
        assert classifier.judge([other]) == expected


@pytest.mark.parametrize(
    "piece",
    [
        "kick ",
        "kick the man ",
        "he swings a stick at his ",
        "jab and ",
        "a'",
        "aaBbb",
        ",",
        "kic",
        "x9",
    ],
)
def test_time_is_linear_in_the_text(piece: str) -> None:
    lexicon = load_lexicon()

    def seconds(count: int) -> float:
        best = math.inf
        for _ in range(3):
            start = time.process_time()
            read_caption(lexicon, piece * count)
            best = min(best, time.process_time() - start)
        return best

    seconds(10)  # patterns are compiled when they are first used
    short, long = seconds(500), seconds(4000)
    assert long < 8 * 3 * short + 0.02, (short, long)


def test_many_captions_a_second() -> None:
    captions = [f"a person walks {n} steps to the left, raises the right arm" for n in range(1000)]
    captions += [f"someone kicks {n} times and throws a punch" for n in range(200)]
    classifier = LexiconClassifier()
    classifier.judge(captions[:5] + captions[-5:])
    start = time.process_time()
    classifier.judge(captions)
    assert len(captions) / (time.process_time() - start) > 4000  # 20,000 and more when it is quiet


def test_a_context_each() -> None:
    with pytest.raises(ValueError, match="shorter"):
        LexiconClassifier().judge(["a", "b"], [{}])


def test_features_in_a_stable_order() -> None:
    classifier = LexiconClassifier()
    captions = ["a man kicks a man", "a man kicks a ball", "he walks", "form seven"]
    contexts = [{}, {}, {}, {"subset": "kungfu"}]
    values, names = features(classifier, captions, contexts)
    assert names == feature_names(read_lexicon(DATA))
    assert values.shape == (4, len(names))
    assert values.dtype == np.float32
    assert len(set(names)) == len(names)
    assert np.isfinite(values).all()

    def column(name: str) -> list[float]:
        return [float(value) for value in values[:, names.index(name)]]

    judged = classifier.judge(captions, contexts)
    expected = [math.log(j.probability / (1 - j.probability)) for j in judged]
    np.testing.assert_allclose(column("logit"), expected, rtol=1e-5)
    assert column("sense:kick") == pytest.approx([0.97, 0.02, 0, 0])
    assert column("category:kick") == pytest.approx([0.97, 0.02, 0, 0])
    assert column("category:martial") == pytest.approx([0, 0, 0, 0.92])
    assert column("topic:ball") == [0, 1, 0, 0]
    assert column("subset:kungfu") == [0, 0, 0, 1]
    assert column("violent_findings") == [1, 0, 0, 1]
    assert column("safe_findings") == [0, 1, 0, 0]
    np.testing.assert_allclose(column("log_words"), np.log1p([5, 5, 2, 2]), rtol=1e-6)
    assert column("logit")[2] == pytest.approx(math.log(NOTHING / (1 - NOTHING)), rel=1e-5)
    again, _ = features(classifier, captions, contexts)
    assert np.array_equal(values, again)
