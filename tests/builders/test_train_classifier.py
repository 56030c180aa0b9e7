"""The shipped classifier is what the script makes; nothing leaks between folds."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import _classifier_data as data_module
from builders._classifier_data import (
    WRITTEN,
    Item,
    challenge_items,
    deal_folds,
    gold_items,
    joined_groups,
    written_items,
)
from builders._classifier_model import (
    SAFETY,
    KnownTexts,
    judge_unseen,
    where_to_ask,
    where_unsure,
)
from builders._classifier_training import LeftOut, look
from builders._logistic import fit_logistic
from builders.train_classifier import facts_of, fit_all, gather
from hmu_bench.errors import InputError
from hmu_bench.text.encoder import load_encoder
from hmu_bench.text.lexicon import LexiconClassifier
from hmu_bench.text.trained import load_out_of_fold, load_trained
from hmu_bench.text.views import text_key


@pytest.fixture(scope="module")
def gold(shared):
    return [shared / "data" / "gold" / f"{name}.jsonl" for name in ("humanml3d", "motionx")]


@pytest.fixture(scope="module")
def looked(gold):
    items, inputs = gather(gold, challenge=True)
    lexicon, encoder = LexiconClassifier(), load_encoder()
    data = look(items, joined_groups(items), lexicon, encoder)
    return data, facts_of(items, inputs, lexicon, encoder)


def numbers_of(model):
    """Everything that training computes, in one row."""
    return np.concatenate(
        [
            list(model.quick.values()),
            list(model.full.values()),
            [model.words.bias, *model.words.weights.values()],
            [model.encoder_head.bias, *model.encoder_head.weights],
            *([h.bias, *h.weights] for h in model.category_heads.values()),
            [model.ask_encoder.low, model.ask_encoder.high, model.unsure.low, model.unsure.high],
        ]
    )


def test_the_shipped_model_is_what_the_script_makes(looked):
    data, facts = looked
    made, shipped = fit_all(data, facts), load_trained("violence")
    assert made.training == shipped.training
    assert list(made.words.weights) == list(shipped.words.weights)
    np.testing.assert_allclose(numbers_of(made), numbers_of(shipped), atol=2e-6)
    assert made.model_dump(exclude=set(NUMBERS)) == shipped.model_dump(exclude=set(NUMBERS))


NUMBERS = ("quick", "full", "words", "encoder_head", "category_heads", "ask_encoder", "unsure")


def test_the_shipped_predictions_are_of_models_that_never_saw_the_captions(looked):
    """One of the ten folds, made again; every caption has its prediction."""
    data, facts = looked
    shipped = load_out_of_fold("violence").predictions
    assert set(shipped) == {text_key(item.text, item.subset) for item in data.items}
    again = judge_unseen(data, deal_folds(data.items, data.groups, 10), 3, facts)
    assert len(again) > 200
    for key, unseen in again.items():
        said = shipped[key]
        for name in ("calibrated", "full", "embedding", "probe"):
            assert getattr(unseen, name) == pytest.approx(getattr(said, name), abs=1.1e-3)
        assert (unseen.category, unseen.confident) == (said.category, said.confident)


def test_no_clip_pair_or_text_is_in_two_folds(gold):
    items, _ = gather(gold, challenge=True)
    folds = deal_folds(items, joined_groups(items), 10)
    for key in (lambda i: i.group, lambda i: text_key(i.text)):
        places = {}
        for item, fold in zip(items, folds.tolist(), strict=True):
            assert places.setdefault(key(item), fold) == fold
    sizes = np.bincount(folds)
    assert sizes.min() > 0.8 * sizes.max()
    for origin in ("gold humanml3d", "gold motionx", "challenge", "written"):
        violent = [
            sum(
                i.origin == origin and i.label == "V"
                for i, f in zip(items, folds, strict=True)
                if f == fold
            )
            for fold in range(10)
        ]
        assert max(violent) - min(violent) <= 16, origin


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("1234")), max_size=12))
def test_groups_are_joined_through_equal_texts(pairs):
    """As a graph: captions are joined where a path of equal groups and texts leads."""
    items = [Item("written", t, None, False, "N", "none", 1.0, g) for t, g in pairs]
    names = joined_groups(items)
    reach = np.array([[a[0] == b[0] or a[1] == b[1] for b in pairs] for a in pairs], dtype=bool)
    for _ in pairs:
        reach = reach @ reach if len(pairs) else reach
    for i in range(len(pairs)):
        for j in range(len(pairs)):
            assert (names[i] == names[j]) == bool(reach[i, j])


def test_written_captions_copy_no_source_and_no_challenge(shared):
    plain = lambda text: " ".join(re.sub(r"[^\w ]", "", text.lower()).split())  # noqa: E731
    written = [plain(item.text) for item in written_items()]
    assert len(set(written)) > 800
    texts = {plain(item.text) for item in challenge_items()}
    for name in ("humanml3d", "motionx"):
        texts |= {plain(i.text) for i in gold_items(shared / "data" / "gold" / f"{name}.jsonl")}
    annotations = json.loads((shared / "data/kitml/annotations.json").read_text("utf-8"))
    texts |= {plain(a["text"]) for clip in annotations.values() for a in clip["annotations"]}
    import zipfile

    with zipfile.ZipFile(shared / "data/humanml3d/texts.zip") as archive:
        for name in archive.namelist():
            if name.endswith(".txt"):
                for line in archive.read(name).decode().splitlines():
                    texts.add(plain(line.split("#")[0]))
    with zipfile.ZipFile(shared / "data/motionx/semantic_labels.zip") as archive:
        for name in archive.namelist():
            if name.endswith(".txt"):
                texts.add(plain(archive.read(name).decode()))
    assert sorted(set(written) & texts) == []


def test_written_captions_are_read_strictly(tmp_path):
    for name in ("humanml3d.yaml", "motionx.yaml"):
        (tmp_path / name).write_text((WRITTEN / name).read_text("utf-8"), "utf-8")
    assert list(written_items(tmp_path)) == list(written_items())
    (tmp_path / "motionx.yaml").write_text("kungfu:\n  joy:\n    - a bow\n", "utf-8")
    with pytest.raises(InputError, match=r"motionx\.yaml"):
        list(written_items(tmp_path))


@pytest.mark.parametrize("sparse", [False, True])
def test_logistic_regression_beside_scikit_learn(sparse):
    import scipy.sparse
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(0)
    rows = random.normal(size=(300, 40)) * (random.random((300, 40)) < 0.3)
    labels = (rows[:, 0] + random.normal(size=300) > 0.2).astype(float)
    importance = random.uniform(0.0, 3.0, 300)
    ours = fit_logistic(scipy.sparse.csr_array(rows) if sparse else rows, labels, importance, 0.7)
    theirs = LogisticRegression(C=1 / 0.7, tol=1e-12, max_iter=10_000)
    theirs.fit(rows, labels, sample_weight=importance)
    np.testing.assert_allclose(ours.weights, theirs.coef_[0], atol=1e-5)
    assert ours.bias == pytest.approx(theirs.intercept_[0], abs=1e-5)


def test_logistic_regression_stands_at_the_minimum():
    """The gradient is nothing, whatever the data: one class only, empty columns, hard data."""
    random = np.random.default_rng(1)
    for labels in (np.ones(50), random.integers(0, 2, 50).astype(float)):
        rows = np.column_stack([random.normal(size=(50, 3)), np.zeros(50)])
        fit = fit_logistic(rows, labels, np.ones(50), 1e-3)
        missed = 1 / (1 + np.exp(-fit(rows))) - labels
        assert np.abs(rows.T @ missed + 1e-3 * fit.weights).max() < 1e-6
        assert fit.weights[3] == 0.0


def item(label, weight=1.0, origin="gold x"):
    return Item(origin, "a", None, False, label, "none", weight, "g")


def test_the_band_of_doubt_holds_every_change_of_mind():
    quick, full = np.array([0.2, 0.1, 0.9, 0.6]), np.array([0.7, 0.1, 0.9, 0.4])
    band = where_to_ask(LeftOut(np.arange(4), quick, full))
    assert band.low == round(0.25 / SAFETY / (1 + 0.25 / SAFETY), 3)
    assert band.high == round(1.5 * SAFETY / (1 + 1.5 * SAFETY), 3)
    same = where_to_ask(LeftOut(np.arange(4), full, full))
    assert (same.low, same.high) == (round(1 / 3, 3), round(2 / 3, 3))


def test_the_unsure_band_is_where_the_ambiguous_and_the_misjudged_are():
    labels = ["N"] * 5 + ["A", "V", "A", "N"] + ["V"] * 5
    values = np.array([0.0] * 4 + [0.1, 0.3, 0.4, 0.6, 0.7, 0.9] + [1.0] * 4)
    band = where_unsure([item(label) for label in labels], values)
    assert (band.low, band.high) == (0.1, 0.9)
    calm = where_unsure([item("N"), item("V")], np.array([0.1, 0.9]))
    assert calm.low == calm.high == 0.5
    assert where_unsure([item("A", origin="written")], np.array([0.5])).low == 0.5


def test_two_gold_files_of_one_name_are_refused(tmp_path, gold):
    copy = tmp_path / gold[0].name
    copy.write_bytes(gold[0].read_bytes())
    with pytest.raises(InputError, match="two gold files have this name"):
        gather([gold[0], copy], challenge=False)


def test_the_command_tells_bad_input_in_one_line(builders_command, one_line_error, tmp_path):
    bad = tmp_path / "gold.jsonl"
    bad.write_text('{"gold": "V"}\n', "utf-8")
    out = tmp_path / "out"
    result = builders_command("train-classifier", "--gold", bad, "--out", out)
    one_line_error(result, "gold.jsonl:1")
    one_line_error(builders_command("train-classifier", "--out", out), "--gold")
    assert not out.exists()


def test_known_texts_are_an_encoder():
    known = KnownTexts("0" * 64, ["a", "b"], np.eye(2))
    assert known.embeddings(["b", "a", "b"]).tolist() == [[0, 1], [1, 0], [0, 1]]
    with pytest.raises(KeyError):
        known.embeddings(["c"])
    assert set(data_module.ATTACKS).isdisjoint(data_module.SAFE)
