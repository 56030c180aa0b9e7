"""Tokens by spaCy: the choice, what is written, and (where it is installed) the real model."""

from __future__ import annotations

import importlib.util
import sys
import zipfile
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from hmu_bench.text.spacy_tokens import MODEL, load_tagger, prepared, uses_spacy, written
from tests import spacy_stand_in

INSTALLED = all(importlib.util.find_spec(name) for name in ("spacy", MODEL))


@pytest.fixture
def put_on_path(monkeypatch, tmp_path):
    """Put stand-ins in the place of spaCy and its model, whether those are installed or not."""
    before = {name: module for name, module in sys.modules.items() if _is_spacy(name)}

    def put(**texts: str) -> None:
        for name in [name for name in sys.modules if _is_spacy(name)]:
            del sys.modules[name]
        monkeypatch.syspath_prepend(spacy_stand_in.write(tmp_path / "path", **texts))

    yield put
    for name in [name for name in sys.modules if _is_spacy(name)]:
        del sys.modules[name]
    sys.modules.update(before)


def _is_spacy(name: str) -> bool:
    return name.partition(".")[0] in ("spacy", MODEL)


def word(text: str, lemma: str, pos: str) -> SimpleNamespace:
    return SimpleNamespace(text=text, lemma_=lemma, pos_=pos)


def test_written_in_the_form_of_humanml3d():
    words = [
        *(word("turns", "turn", "VERB"), word("left", "leave", "VERB"), word("42", "42", "NUM")),
        *(word("his", "his", "PRON"), word("feet", "foot", "NOUN"), word("is", "be", "AUX")),
        *(word("'s", "be", "AUX"), word(".", ".", "PUNCT"), word("faster", "fast", "ADV")),
        word("gonna", "go to", "VERB"),
    ]
    assert written(words) == ("turn/VERB left/VERB his/PRON foot/NOUN is/AUX faster/ADV gonna/VERB")
    assert written([]) == ""


@given(
    st.lists(
        st.builds(word, st.text(max_size=5), st.text(max_size=5), st.sampled_from(["NOUN", "X"]))
    )
)
def test_whatever_the_words_the_tokens_can_be_read_back(words):
    tokens = written(words).split()
    assert len(tokens) == sum(w.text.isalpha() for w in words)
    for token in tokens:
        text, tag = token.split("/")
        assert text.isalpha()
        assert tag in ("NOUN", "X")


def test_hyphens_and_capitals():
    assert prepared("A Cross-legged man") == "a crosslegged man"


def test_the_choice_where_it_is_not_installed(monkeypatch):
    found = importlib.util.find_spec
    gone = {"spacy", MODEL}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in gone else found(name)
    )
    assert not uses_spacy("rules")
    assert not uses_spacy("auto")
    with pytest.raises(InputError, match=f"spacy and {MODEL}, not installed.*hmu-bench.nlp.*rules"):
        uses_spacy("spacy")
    with pytest.raises(InputError, match=r"no way 'nltk'.*auto, rules, spacy"):
        uses_spacy("nltk")


def test_the_choice_where_only_the_model_is_missing(monkeypatch, put_on_path):
    put_on_path(model="")
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == MODEL else found(name)
    )
    assert not uses_spacy("auto")
    with pytest.raises(InputError, match=f"need {MODEL}, not.*spacy download {MODEL}"):
        uses_spacy("spacy")


def test_tokens_and_the_name_of_who_made_them(put_on_path):
    put_on_path()
    assert uses_spacy("auto")
    assert uses_spacy("spacy")
    assert not uses_spacy("rules")
    assert "spacy" not in sys.modules  # looked for, not imported
    tagger = load_tagger()
    assert tagger.name == spacy_stand_in.NAME
    seen = []

    def progress(items, what):
        seen.append((len(items), what))
        return items

    texts = ["A man kicks 2 feet, left.", "a zig-zag", ""]
    assert tagger.tokens(texts, progress) == [
        "a/DET man/NOUN kick/VERB foot/NOUN left/VERB",
        "a/DET zigzag/X",
        "",
    ]
    assert seen == [(3, "tokens by spaCy")]


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({"model": "import no_such_module"}, "cannot be loaded .No module named 'no_such_module'"),
        ({"model": "def load(exclude): raise OSError('[E050]\\nno model')"}, "E050. no model"),
        ({"spacy": "raise ValueError('other numpy')"}, "other numpy"),
        ({"model": spacy_stand_in.MODEL.replace('"VERB"', '""')}, "gives no parts of speech"),
    ],
)
def test_a_broken_installation_is_told(put_on_path, texts, told):
    put_on_path(**texts)
    with pytest.raises(InputError, match=f"{told}.*--tokens rules"):
        load_tagger()


@pytest.mark.skipif(not INSTALLED, reason="spaCy or its model is not installed (extra nlp)")
def test_the_real_model_agrees_with_the_tokens_of_humanml3d(shared):
    """Theirs are of an older spaCy, so some tags differ; the words hardly do."""
    pairs = []
    with zipfile.ZipFile(shared / "data/humanml3d/texts.zip") as archive:
        for info in archive.infolist()[::4]:
            lines = archive.read(info).decode().splitlines()
            pairs += [line.split("#")[:2] for line in lines]
    tagger = load_tagger()
    ours = tagger.tokens([text for text, _ in pairs])
    same_words = same_tokens = compared = 0
    for mine, (_, theirs) in zip(ours, pairs, strict=True):
        if len(mine.split()) != len(theirs.split()):
            continue
        for one, other in zip(mine.split(), theirs.split(), strict=True):
            compared += 1
            same_words += one.split("/")[0] == other.split("/")[0]
            same_tokens += one == other
    assert compared > 10_000
    assert same_words / compared > 0.98
    assert same_tokens / compared > 0.89
    assert tagger.tokens(["A man runs to the LEFT."]) == tagger.tokens(["a man runs to the left."])
