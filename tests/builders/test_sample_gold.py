"""The sample's captions as gold labels."""

from __future__ import annotations

from builders.sample_gold import rows
from hmu_bench.sample.catalogue import clips
from hmu_bench.text.gold import read_gold


def test_every_caption_once_and_readable(builders_command, tmp_path):
    out = tmp_path / "gold.jsonl"
    assert builders_command("sample-gold", "--out", out).returncode == 0
    items = read_gold(out)
    assert len(items) == len(rows())
    texts = {caption.text for clip in clips(twins=False) for caption in clip.captions}
    assert sorted(item.text for item in items) == sorted(texts)
    assert {item.source for item in items} == {"sample"}
    assert {item.label for item in items} == {"V", "N"}
