"""Captions without tokens: by the rules or by spaCy, and told which."""

from __future__ import annotations

import os
import subprocess
import sys

from hmu_bench.datasets import load_rows, read_report
from tests import spacy_stand_in

TEXTS = {
    "000001": "A man kicks.##0.0#0.0\n",
    "000002": "a man walks.#a/DET man/X walks/X#0.0#0.0\na man kicks 3 feet left##0#0\n",
    "000003": "A man kicks.##0.0#0.0\n",
}
RULES = {"a/DET man/NOUN kick/VERB", "a/DET man/X walks/X"}


def with_stand_in(folder, **texts):
    return {"env": os.environ | {"PYTHONPATH": str(spacy_stand_in.write(folder, **texts))}}


def options(texts, out, *more):
    common = ("--format", "humanml3d", "--name", "mine", "--rule", "keywords", "--out", out)
    return ("split", texts, *common, *more)


def tokens_of(out):
    rows = [row for role in ("forget", "retain") for row in load_rows(out / f"hmu/mine-{role}")]
    return {caption.tokens for row in rows for caption in row.captions}


def test_spacy_where_it_is_installed_rules_where_asked_for(
    hmu_bench_command, builders_command, write_texts, tmp_path
):
    texts = write_texts(tmp_path / "in", TEXTS)
    stand_in = with_stand_in(tmp_path / "path")
    for name, more in (("auto", ()), ("spacy", ("--tokens", "spacy"))):
        result = hmu_bench_command(*options(texts, tmp_path / name, *more), **stand_in)
        assert result.returncode == 0, result.stderr
        assert f"3 captions without tokens got them by {spacy_stand_in.NAME}" in result.stderr
        assert result.stdout.count("tagged:") == 2  # equal captions once
        assert tokens_of(tmp_path / name) == {
            "a/DET man/NOUN kick/VERB",
            "a/DET man/X walks/X",  # the source's own stay
            "a/DET man/NOUN kick/VERB foot/NOUN left/VERB",
        }
        whole = read_report(tmp_path / name / "hmu/mine-forget").integrity
        assert (whole.tokens_by_rules, whole.tokens_by_spacy) == (0, {spacy_stand_in.NAME: 3})
        card = (tmp_path / name / "hmu/mine-forget/README.md").read_text("utf-8")
        assert "3 from spacy 3.8.99 en\\_core\\_web\\_sm 3.8.1." in card
    result = hmu_bench_command(*options(texts, tmp_path / "rules", "--tokens", "rules"), **stand_in)
    assert result.returncode == 0, result.stderr
    assert "3 captions without tokens got them by the rules" in result.stderr
    assert "tagged:" not in result.stdout
    assert tokens_of(tmp_path / "rules") > RULES
    reports = [read_report(tmp_path / n / "hmu/mine-forget") for n in ("spacy", "rules")]
    labels = [report.configs[0].labels_sha256 for report in reports]
    assert labels[0] == labels[1]
    told = builders_command("diff", tmp_path / "rules", tmp_path / "spacy")
    assert f"tokens of captions without: rules -> {spacy_stand_in.NAME}" in told.stdout


def test_without_texts_spacy_is_not_asked(hmu_bench_command, write_texts, tmp_path):
    texts = write_texts(tmp_path / "in", TEXTS)
    broken = with_stand_in(tmp_path / "path", model="raise RuntimeError")
    result = hmu_bench_command(*options(texts, tmp_path / "out", "--no-text"), **broken)
    assert result.returncode == 0, result.stderr
    assert tokens_of(tmp_path / "out") == {""}


def test_where_no_caption_needs_it_it_is_not_imported(hmu_bench_command, write_texts, tmp_path):
    texts = write_texts(tmp_path / "in", {"1": "a man walks.#a/DET man/NOUN walk/VERB#0#0"})
    broken = with_stand_in(tmp_path / "path", spacy="raise RuntimeError")
    result = hmu_bench_command(*options(texts, tmp_path / "out", "--tokens", "spacy"), **broken)
    assert result.returncode == 0, result.stderr


def test_a_broken_spacy_is_one_line_and_nothing_is_written(
    hmu_bench_command, one_line_error, write_texts, tmp_path
):
    texts = write_texts(tmp_path / "in", TEXTS)
    broken = with_stand_in(tmp_path / "path", model="import no_such_module")
    result = hmu_bench_command(*options(texts, tmp_path / "out"), **broken)
    one_line_error(result, "cannot be loaded", "no_such_module", "--tokens rules")
    assert not (tmp_path / "out").exists()


def test_asked_for_and_missing(one_line_error, write_texts, tmp_path):
    """In a Python that finds neither, whatever is installed here."""
    code = (
        "import importlib.util as u, sys; find = u.find_spec\n"
        "u.find_spec = lambda n, *a: None if n in ('spacy', 'en_core_web_sm') else find(n, *a)\n"
        "from hmu_bench.cli import main; sys.exit(main())"
    )
    texts = write_texts(tmp_path / "in", TEXTS)
    arguments = [str(a) for a in options(texts, tmp_path / "out", "--tokens", "spacy")]
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    one_line_error(result, "spacy and en_core_web_sm, not installed", "hmu-bench[nlp]")
    assert not (tmp_path / "out").exists()


def test_no_such_choice(hmu_bench_command, one_line_error, tmp_path):
    result = hmu_bench_command(*options(tmp_path, tmp_path / "out", "--tokens", "nltk"))
    one_line_error(result, "nltk", "auto", "rules", "spacy")
