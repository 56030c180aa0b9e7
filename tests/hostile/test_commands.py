"""Strangers' files through the command line: exit code 2, one line, bounded, nothing written."""

from __future__ import annotations

import json
import os
import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from tests.conftest import ROOT
from tests.hostile.conftest import array_bytes, first_motion
from tests.leaderboard.made_up import record, write_store
from tests.stand_ins import INFO


class Evil:
    """Unpickled, it makes a folder."""

    def __reduce__(self):
        return (os.mkdir, ("evil-was-here",))


@pytest.mark.parametrize("command", ["validate", "score", "pack"])
def test_a_pickle_in_npy(command, npy_submission, track, refused, tmp_path):
    first_motion(npy_submission).write_bytes(array_bytes(np.array([Evil()], dtype=object)))
    options = {
        "validate": ["--track", track],
        "score": ["--track", track, "-o", tmp_path / "r.json"],
    }
    told = refused(command, npy_submission, *options.get(command, ["-o", tmp_path / "out"]))
    if command == "validate":
        assert "pickled objects, which are never loaded" in told
        assert told.count("error: ") == 1
    assert not (ROOT / "evil-was-here").exists()


def test_a_pickle_in_the_evaluator(submission, track, refused, tmp_path):
    folder = tmp_path / "evaluator"
    folder.mkdir()
    torch.save({"epoch": Evil()}, folder / "finest.tar")
    refused("score", submission, "--track", track, "--evaluator", folder, words="more than tensors")
    assert not (ROOT / "evil-was-here").exists()


def test_a_safetensors_header_of_exabytes(submission, track, refused):
    (submission / "motions.safetensors").write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    assert "header is larger" in refused("validate", submission, "--track", track)


def test_a_tensor_of_exabytes(submission, track, refused, tmp_path):
    header = json.dumps({"a": {"dtype": "F32", "shape": [0, 2**62], "data_offsets": [0, 0]}})
    data = struct.pack("<Q", len(header)) + header.encode()
    (submission / "motions.safetensors").write_bytes(data)
    assert "axes" in refused("validate", submission, "--track", track)
    refused("pack", submission, "-o", tmp_path / "out", words="axes")


YAMLS = {
    "aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
    "tags": "name: !!python/object/apply:os.mkdir [evil-was-here]\n",
    "deep": "a: " + "[" * 60_000,
    "100 MB": None,
}


@pytest.mark.parametrize("name", YAMLS)
def test_submission_yaml(name, submission, track, refused):
    path = submission / "submission.yaml"
    if YAMLS[name] is None:
        with path.open("ab") as handle:
            handle.truncate(100 << 20)
    else:
        path.write_text(YAMLS[name])
    told = refused("validate", submission, "--track", track, "--json")
    report = json.loads(told)
    words = {"aliases": "aliases", "tags": "tags", "deep": "deeply", "100 MB": "larger than"}[name]
    assert words in report["problems"][0]["message"]
    assert not (ROOT / "evil-was-here").exists()


@pytest.mark.parametrize("name", ["submission.yaml", "motions.safetensors"])
@pytest.mark.parametrize("kind", ["link", "pipe", "device", "folder"])
def test_what_is_no_file(name, kind, submission, track, refused, tmp_path):
    path = submission / name
    if kind == "link":
        path.rename(tmp_path / name)
        path.symlink_to(f"../{name}")
    else:
        path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    told = refused("validate", submission, "--track", track)
    assert ("regular file" if kind in ("pipe", "folder") else "leads out of its folder") in told


def test_names_that_act_on_a_terminal(submission, track, refused):
    """Escape sequences, direction marks, line breaks and bytes that are no text."""
    (submission / "motions.safetensors").unlink()
    info = {**INFO, "\x9b31m\u202e\n": 1, "method": "\x1b]0;title\x07"}
    (submission / "submission.yaml").write_text(yaml.safe_dump(info))
    for name in (b"\x1b[2J\n", b"\xff\xfe", "\u202e\u200b\x9b".encode(), b"x" * 250):
        (submission / "motions" / os.fsdecode(name)).mkdir(parents=True)
    told = refused("validate", submission, "--track", track)
    assert all(line.isprintable() for line in told.splitlines())
    assert len(told.splitlines()) == 6
    told = refused("validate", submission, "--track", track, "--json")
    assert all(line.isprintable() for line in told.splitlines())
    assert len(json.loads(told)["problems"]) == 5


def test_a_prompt_pack_that_unpacks_to_gigabytes(track, refused, tmp_path):
    from hmu_bench.files import sha256_file
    from hmu_bench.yaml_files import read_yaml, write_yaml
    from tests.tracks.test_pages import packed, rows

    pack = Path(shutil.copytree(track, tmp_path / "pack"))
    bomb = packed(rows(1000, "x" * 300_000), dictionary_pagesize_limit=1 << 20)
    (pack / "prompts.parquet").write_bytes(bomb)
    assert len(bomb) < 100_000
    info = read_yaml(pack / "track.yaml")
    info["files"]["prompts.parquet"] = sha256_file(pack / "prompts.parquet")
    (pack / "track.yaml").write_text(write_yaml(info))
    refused("prompts", pack, "-o", tmp_path / "prompts.csv", words="longer than 4000")


RECORDS = {
    "100 MB": (lambda text: text.ljust(100 << 20), "larger than 1,048,576 bytes"),
    "deep": (lambda text: text.replace("[]", "[" * 100_000, 1), "nested too deeply"),
    "a key twice": (lambda text: text.replace('"id":', '"id": "x", "id":', 1), "'id' is given"),
    "flags": (lambda text: text.replace('"flags": []', f'"flags": [{"1," * 99_999}1]'), "flags"),
    "a script for a link": (
        lambda text: text.replace('"code": null', '"code": "javascript:alert(1)"'),
        "[method.code]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_records(name, refused, tmp_path):
    change, words = RECORDS[name]
    folder = write_store([record()], tmp_path / "records")
    (path,) = folder.rglob("*.json")
    text = path.read_text()
    spoiled = change(text)
    assert spoiled != text
    path.write_text(spoiled)
    refused(
        "build", "--records", folder, "--out", tmp_path / "site", module="leaderboard", words=words
    )


@pytest.mark.parametrize("name", ["up", "absolute", "bomb"])
def test_zips_of_texts(name, refused, tmp_path):
    path = tmp_path / "texts.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if name == "bomb":
            for number in range(70):
                archive.writestr(f"texts/{number}.txt", bytes(4 << 20))
        else:
            archive.writestr("../up.txt" if name == "up" else "/abs.txt", "x")
    assert path.stat().st_size < 400_000
    words = "hold more than" if name == "bomb" else "outside its own folder"
    arguments = ["--format", "humanml3d", "--name", "x", "--out", tmp_path / "out"]
    refused("split", path, *arguments, words=words)


def test_a_path_that_no_file_can_have(refused, tmp_path):
    refused("validate", "x" * 5000, "--track", tmp_path, words="x")
    refused("prompts", "x" * 5000, words="File name too long")
