"""Small sources to build from."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hmu_bench.datasets import SourceFacts
from hmu_bench.text import rules
from tests.datasets.toys import MainRule

KICK = "a man kicks.#a/DET man/NOUN kick/VERB#0.0#0.0"
WALK = "a man walks.#a/DET man/NOUN walk/VERB#0.0#0.0"
WHITE = "a white cat sits.#a/DET white/ADJ cat/NOUN sit/VERB#0.0#0.0"
PUNCH = "he punches, then kicks.#he/PRON punch/VERB then/ADV kick/VERB#1.0#2.5"
TEXTS = {
    "000001": f"{KICK}\n{WALK}\n",
    "M000001": f"{WALK}",
    "000002": f"{WALK}\n\n  \n",
    "M000002": f"{WALK}\r\n",
    "000003": f"{WHITE}\n",
    "000004": f"{WALK}\n{PUNCH}\n",
    "000005": "a woman waves.#a/DET woman/NOUN wave/VERB#nan#NaN\n",
    "000006": "a woman sits.##0.0#0.0\n",
}
LISTS = {
    "train.txt": "000004\n000001\n\nM000001\n000002\n",
    "val.txt": "M000002\n",
    "test.txt": "000003\n000005\n000006",
}


@pytest.fixture(scope="session")
def facts() -> SourceFacts:
    return SourceFacts(
        name="toy",
        pretty_name="Toy",
        description="Made up.",
        license="cc0-1.0",
        motion_path="joints/{clip_id}.npy",
    )


@pytest.fixture(scope="session")
def write_texts() -> Callable[..., Path]:
    """Write texts as a folder or (path ends in .zip) as a zip."""

    def write(path: Path, texts: dict[str, str | bytes] = TEXTS, prefix: str = "texts/") -> Path:
        data = {
            name: text.encode() if isinstance(text, str) else text for name, text in texts.items()
        }
        if path.suffix == ".zip":
            path.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(path, "w") as archive:
                for name, content in data.items():
                    archive.writestr(f"{prefix}{name}.txt", content)
            return path
        for name, content in data.items():
            file = path / f"{prefix}{name}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return path

    return write


@pytest.fixture(scope="session")
def write_lists() -> Callable[..., Path]:
    def write(folder: Path, lists: dict[str, str] = LISTS) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in lists.items():
            (folder / name).write_text(text, "utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def toy_texts() -> dict[str, str]:
    return TEXTS


@pytest.fixture
def toy(tmp_path, write_texts, write_lists) -> tuple[Path, Path]:
    """A folder of texts and a folder of lists."""
    return write_texts(tmp_path / "in"), write_lists(tmp_path / "lists")


@pytest.fixture
def calibrated(monkeypatch) -> None:
    """The rule `calibrated` is `MainRule`."""
    monkeypatch.setitem(rules.RULES, "calibrated", lambda concept, source: MainRule())
