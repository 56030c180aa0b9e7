"""Pages that tell (datasets, metrics, submit, about): figures and commands are the project's."""

from __future__ import annotations

import html
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

from hmu_bench.concepts import concept_names
from hmu_bench.metrics.table import METRICS
from hmu_bench.submissions.schema import SubmissionInfo
from hmu_bench.text.quality_report import load_quality
from hmu_bench.text.rules import RULES
from hmu_bench.tracks import load_track
from leaderboard import protocols
from leaderboard.checks import MEANINGS
from leaderboard.facts import SCORES
from leaderboard.pages import datasets, submit
from leaderboard.pages.metrics import FAMILIES
from leaderboard.protocols import PROTOCOLS
from tests.conftest import ROOT

TAGS = re.compile(r"<[^>]*>")


def text_of(site: Path, page: str) -> str:
    return (site / page / "index.html").read_text("utf-8")


def rows(text: str, attribute: str) -> dict[str, list[str]]:
    """Rows of a page's tables by an attribute that marks them -> their cells as text."""
    found = {}
    for key, inner in re.findall(rf"<tr {attribute}(.*?)>(.*?)</tr>", text, re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", inner, re.DOTALL)
        found[key] = [html.unescape(TAGS.sub("", cell)).strip() for cell in cells]
    return found


# Datasets.


def test_every_figure_of_the_rules_is_the_quality_report_s(site: Path) -> None:
    shown = rows(text_of(site, "datasets"), "data-source=")
    measured = {
        f'"{one.source}" data-rule="{one.rule}"': one
        for one in load_quality().measured
        if one.rule in RULES
    }
    assert shown.keys() == measured.keys()
    for key, one in measured.items():
        _, *cells, in_view = shown[key]
        assert in_view == f"{one.in_view:,}"
        for cell, figure in zip(cells, (one.precision, one.recall, one.f1), strict=True):
            numbers = [float(number) for number in re.findall(r"\d\.\d+", cell)]
            expected = (figure.value, figure.low, figure.high)
            assert numbers == [float(f"{number:.3f}") for number in expected]


def test_the_rules_and_concepts_are_all_told(site: Path) -> None:
    text = text_of(site, "datasets")
    assert set(datasets.RULES) == set(RULES)
    for name in concept_names():
        assert f"<code>{name}</code>" in text
    for source in load_quality().sources:
        assert f"{source.captions:,} labelled captions" in text


def test_the_packs_are_those_that_ship(site: Path) -> None:
    shown = rows(text_of(site, "datasets"), "data-pack=")
    assert shown
    for key, cells in shown.items():
        track = load_track(key.strip('"'))
        assert cells[0].endswith(f"version {track.info.version}")
        assert cells[1] == track.info.rule
        counts = {int(number.replace(",", "")) for number in re.findall(r"[\d,]{2,}", cells[2])}
        assert counts == set(track.info.prompts.values())
        detector = track.info.detector
        assert (f"AUC {detector.auc:.3f}" in cells[4]) if detector else "none" in cells[4]


def test_the_columns_are_those_of_the_rows() -> None:
    from hmu_bench.datasets.arrow import SCHEMA

    names = [name for names, _ in datasets.COLUMNS for name in names.split(", ")]
    assert sorted(names) == sorted(SCHEMA.names)


# Metrics.


def test_every_metric_has_a_place_to_link_to(site: Path) -> None:
    text = text_of(site, "metrics")
    for name in (*METRICS, *SCORES):
        assert text.count(f' id="{name}"') == 1
    for name in PROTOCOLS:
        assert text.count(f' id="protocol-{name}"') == 1
    for metric in METRICS.values():
        assert html.escape(metric.formula, quote=False).replace("'", "&#39;") in text
    assert {metric.family for metric in METRICS.values()} == set(FAMILIES)
    assert set(protocols.PROTOCOLS) == {p for m in METRICS.values() for p in m.protocols}


# The submit guide.


def test_the_example_is_a_submission() -> None:
    info = SubmissionInfo.model_validate(yaml.safe_load(submit.EXAMPLE.replace("TRACK", "a")))
    assert info.family == "fine-tuning"


def test_every_key_is_told_with_its_rules(site: Path) -> None:
    fields = SubmissionInfo.model_fields
    told = {key.name: key for key in submit.yaml_keys()}
    assert list(told) == list(fields)
    for name, field in fields.items():
        assert told[name].needed == field.is_required()
    assert told["fps"].default == "20"
    assert told["repeats"].type == "whole number, 1 to 100"
    assert told["description"].type == "text, at most 4,000 characters"
    assert told["representation"].type == "one of humanml3d-263, joints-22"
    text = text_of(site, "submit")
    for name in fields:
        assert f"<code>{name}</code>" in text


def test_every_flag_that_can_be_raised_is_explained(site: Path) -> None:
    sources = (ROOT / "hmu_bench").rglob("*.py")
    raised = {
        name
        for source in sources
        for name in re.findall(
            r'\b(?:Finding|Flag)\(\s*(?:name=)?"([a-z0-9-]+)"', source.read_text()
        )
    }
    assert len(raised) >= 8
    assert raised <= set(MEANINGS)
    text = text_of(site, "submit")
    for name in MEANINGS:
        assert f"<dt>{name}</dt>" in text


# Commands.


@cache
def help_of(module: str, command: str) -> str:
    result = subprocess.run(
        [sys.executable, "-m", module, command, "--help"],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout


PROGRAMS = {
    "hmu-bench ": "hmu_bench",
    "python -m builders ": "builders",
    "python -m leaderboard ": "leaderboard",
}


@pytest.mark.parametrize("page", ["datasets", "submit"])
def test_commands_and_options_exist(page: str, site: Path) -> None:
    found = 0
    for code in re.findall(r"<code[^>]*>(.*?)</code>", text_of(site, page), re.DOTALL):
        for line in html.unescape(code).splitlines():
            program = next((p for p in PROGRAMS if line.startswith(p)), None)
            if program is None:
                continue
            words = shlex.split(line.removeprefix(program), comments=True)
            known = help_of(PROGRAMS[program], words[0])
            for word in words[1:]:
                if word.startswith("-"):
                    assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", known), line
            found += 1
    assert found >= 5


# About.


def test_the_citations_can_be_copied(site: Path) -> None:
    text = html.unescape(text_of(site, "about"))
    assert "@inproceedings{human-motion-unlearning," in text
    assert "@misc{hmu-bench," in text
    assert "De Matteis, Migliarini, Sampieri, Spinelli, Galasso: Human Motion Unlearning" in text
