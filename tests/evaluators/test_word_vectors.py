from __future__ import annotations

import json
import pickle
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.evaluators.word_vectors import (
    IMPORTANT_WORDS,
    PARTS_OF_SPEECH,
    WordVectors,
    read_word_vectors,
)

WORDS = ["sos", "eos", "unk", "a", "person", "kick", "left"]


def write_folder(folder, *, words=WORDS, rows=None, vectors=None, form="pkl"):
    folder.mkdir(exist_ok=True)
    rows = {word: row for row, word in enumerate(words)} if rows is None else rows
    if vectors is None:
        vectors = np.arange(4 * len(words), dtype=np.float16).reshape(-1, 4)
    np.save(folder / "our_vab_data.npy", vectors)
    if form == "pkl":
        (folder / "our_vab_words.pkl").write_bytes(pickle.dumps(words, 4))
        (folder / "our_vab_idx.pkl").write_bytes(pickle.dumps(rows, 4))
    elif form == "json":
        (folder / "our_vab.json").write_text(json.dumps({"words": words, "idx": rows}))
    else:
        (folder / "our_vab_words.json").write_text(json.dumps(words))
    return folder


@pytest.mark.parametrize("form", ["pkl", "json", "list"])
def test_every_form_reads_the_same(tmp_path, form):
    found = read_word_vectors(write_folder(tmp_path / "glove", form=form))
    assert found.rows == {word: row for row, word in enumerate(WORDS)}
    assert found.vectors.dtype == np.float32
    assert found.vectors[5].tolist() == [20, 21, 22, 23]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol_reads(tmp_path, protocol):
    folder = write_folder(tmp_path / "glove")
    (folder / "our_vab_words.pkl").write_bytes(pickle.dumps(WORDS, protocol))
    rows = {word: row * 1000 for row, word in enumerate(WORDS)}
    (folder / "our_vab_idx.pkl").write_bytes(pickle.dumps(rows, protocol))
    np.save(folder / "our_vab_data.npy", np.ones((6001, 2), np.float32))
    assert read_word_vectors(folder).rows == rows


def test_official_files(shared):
    folder = shared / "parity" / "glove_random"
    found = read_word_vectors(folder)
    assert found.vectors.shape == (4199, 300)
    both = json.loads((folder / "our_vab.json").read_text())
    assert found.rows == both["idx"]
    assert list(found.rows) == both["words"]


def test_pickles_and_json_agree_on_official_files(shared, tmp_path):
    source = shared / "parity" / "glove_random"
    for name in ("our_vab_data.npy", "our_vab_words.pkl", "our_vab_idx.pkl"):
        shutil.copyfile(source / name, tmp_path / name)
    from_pickles, from_json = read_word_vectors(tmp_path), read_word_vectors(source)
    assert from_pickles.rows == from_json.rows
    assert (from_pickles.vectors == from_json.vectors).all()


def test_look_up_of_hand_written_tokens(shared):
    vectors = read_word_vectors(shared / "parity" / "glove_random")
    cases = json.loads((shared / "parity/metrics/e2e/token_lookup.json").read_text())
    assert len(cases) > 40
    for case in cases:
        row, number = vectors.look_up(case["token"])
        assert number == case["pos_index"], case
        assert PARTS_OF_SPEECH[number] == case["pos"]
        assert (row != vectors.rows["unk"]) == case["in_vocab"], case


@pytest.mark.parametrize("kind", ["real", "synth"])
def test_encoding_equals_the_reference_inputs(shared, kind):
    """Words, classes and lengths of every oracle caption, padding included."""
    folder = shared / "parity" / "evaluator_small"
    vectors = read_word_vectors(shared / "parity" / "glove_random")
    captions = json.loads((folder / "inputs.json").read_text())[kind]
    inputs = np.load(folder / f"inputs_{kind}.npz")
    texts = []
    for caption in captions:
        tokens = caption["tokens"]
        texts.append(" ".join(tokens[1 : tokens.index("eos/OTHER")]))
    encoded = vectors.encode(texts)
    assert (encoded.words == inputs["word_emb"]).all()
    assert (encoded.parts_of_speech == inputs["pos_onehot"]).all()
    assert (encoded.lengths == inputs["cap_len"]).all()


def plain() -> WordVectors:
    vectors = np.arange(2 * len(WORDS), dtype=np.float32).reshape(-1, 2)
    return WordVectors(vectors, {word: row for row, word in enumerate(WORDS)})


@pytest.mark.parametrize(
    ("token", "word", "name"),
    [
        ("kick/VERB", "kick", "Act_VIP"),
        ("kick/NUM", "kick", "Act_VIP"),
        ("left/ADJ", "left", "Loc_VIP"),
        ("person/NOUN", "person", "NOUN"),
        ("person/CCONJ", "person", "OTHER"),
        ("person/", "person", "OTHER"),
        ("person/Act_VIP", "person", "Act_VIP"),
        ("Kick/VERB", "unk", "OTHER"),
        ("k***/VERB", "unk", "OTHER"),
        ("arm/NOUN", "unk", "OTHER"),
    ],
)
def test_look_up_rule(token, word, name):
    vectors = plain()
    assert vectors.look_up(token) == (vectors.rows[word], PARTS_OF_SPEECH.index(name))


def test_word_lists_do_not_overlap():
    words = [word for group in IMPORTANT_WORDS.values() for word in group.split()]
    assert len(words) == len(set(words)) == 81
    assert len(PARTS_OF_SPEECH) == 15
    assert set(IMPORTANT_WORDS) < set(PARTS_OF_SPEECH)


@given(st.integers(0, 40))
def test_length_and_padding(count):
    vectors = plain()
    encoded = vectors.encode([" ".join(["person/NOUN"] * count)])
    kept = min(count, 20)
    assert encoded.lengths.tolist() == [kept + 2]
    names = ["sos"] + ["person"] * kept + ["eos"] + ["unk"] * (20 - kept)
    expected = vectors.vectors[[vectors.rows[name] for name in names]]
    assert (encoded.words[0] == expected).all()
    assert (encoded.parts_of_speech.sum(axis=2) == 1).all()
    assert encoded.parts_of_speech[0, 1 : kept + 1, PARTS_OF_SPEECH.index("NOUN")].all()


@pytest.mark.parametrize("token", ["person", "per/son/NOUN", "#"])
def test_tokens_of_a_wrong_form(token):
    with pytest.raises(InputError, match="not a word/POS token") as caught:
        plain().encode(["a/DET person/NOUN", f"a/DET {token}"])
    assert "text 1" in str(caught.value)


# --- hostile files ------------------------------------------------------------------------------


class Evil:
    def __reduce__(self):
        return (open, ("evil-was-here", "w"))


@pytest.mark.parametrize("name", ["our_vab_words.pkl", "our_vab_idx.pkl"])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_asks_for_code_is_refused(tmp_path, monkeypatch, name, protocol):
    monkeypatch.chdir(tmp_path)
    folder = write_folder(tmp_path / "glove")
    (folder / name).write_bytes(pickle.dumps([Evil()], protocol))
    with pytest.raises(InputError, match="more than strings and numbers") as caught:
        read_word_vectors(folder)
    assert name in str(caught.value)
    assert not (tmp_path / "evil-was-here").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"\x80\x04",
        pickle.dumps(WORDS, 4)[:-3],
        b"\x80\x04]r\xff\xff\xff\xff.",  # a memo place of four billion
        b"\x80\x04h\x07.",  # a memo place that was never filled
        b"\x80\x04X\xff\xff\xff\xffa.",  # a string longer than the file
        b"\x80\x04a.",  # append to nothing
        b"I99" + b"9" * 5000 + b"\n.",
        b"(lp0\nL5L\na.",
    ],
)
def test_damaged_pickles(tmp_path, data):
    folder = write_folder(tmp_path / "glove")
    (folder / "our_vab_words.pkl").write_bytes(data)
    with pytest.raises(InputError, match=r"our_vab_words\.pkl"):
        read_word_vectors(folder)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_vocabulary_or_an_input_error(tmp_path_factory, data):
    folder = write_folder(tmp_path_factory.mktemp("any") / "glove")
    (folder / "our_vab_words.pkl").write_bytes(b"\x80\x04" + data + b".")
    try:
        read_word_vectors(folder)
    except InputError:
        return


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"words": {"a": 1}}, "list of strings"),
        ({"words": ["sos", 3]}, "list of strings"),
        ({"words": [*WORDS, "kick"]}, "twice"),
        ({"rows": ["sos"]}, "dictionary"),
        ({"rows": {"sos": 0}}, "no row number"),
        ({"rows": dict.fromkeys(WORDS, True)}, "strings and numbers"),
        ({"rows": dict.fromkeys(WORDS, 1.5)}, "strings and numbers"),
        ({"rows": dict.fromkeys(WORDS, 7)}, "not one of the 7"),
        ({"rows": dict.fromkeys(WORDS, -1)}, "not one of the 7"),
        ({"words": ["sos", "eos"]}, "no 'unk'"),
        ({"vectors": np.zeros(7)}, "shape"),
        ({"vectors": np.zeros((7, 0))}, "shape"),
        ({"vectors": np.full((7, 2), np.inf)}, "infinity"),
        ({"vectors": np.zeros((7, 2), np.int64)}, "float16"),
    ],
)
def test_files_that_do_not_fit(tmp_path, changes, words):
    changes = {"rows": {w: i for i, w in enumerate(WORDS)}, "vectors": np.zeros((7, 2)), **changes}
    folder = write_folder(tmp_path / "glove", **changes)
    with pytest.raises(InputError, match=words):
        read_word_vectors(folder)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("our_vab.json", '{"words": []}', "keys"),
        ("our_vab.json", '{"words": ["a"], "idx": {"a": true}}', "no row number"),
        ("our_vab.json", '{"words": ["a"], "idx": {"a": 0.0}}', "no row number"),
        ("our_vab.json", "[1", "not valid JSON"),
        ("our_vab_words.json", "[" * 100_000, "nested too deeply"),
        ("our_vab_words.json", '["sos", "\\ud800"]', "no valid Unicode"),
        ("our_vab.json", '{"words": [], "idx": {}, "idx": {}}', "'idx' is given twice"),
        ("our_vab_words.json", '{"a": 1}', "list of strings"),
    ],
)
def test_json_of_a_wrong_form(tmp_path, name, text, words):
    folder = write_folder(tmp_path / "glove")
    (folder / name).write_text(text)
    with pytest.raises(InputError, match=words):
        read_word_vectors(folder)


def test_missing_files_are_named(tmp_path):
    folder = write_folder(tmp_path / "glove")
    (folder / "our_vab_idx.pkl").unlink()
    with pytest.raises(InputError, match=r"our_vab_idx\.pkl.*does not exist"):
        read_word_vectors(folder)
    (folder / "our_vab_data.npy").unlink()
    with pytest.raises(InputError, match=r"our_vab_data\.npy.*does not exist"):
        read_word_vectors(folder)
