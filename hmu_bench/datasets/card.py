"""README.md of a repository: what the Hub reads (YAML), and what people read.

Every number in it comes from the build report.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hmu_bench import HUB_ORGANISATION
from hmu_bench.datasets.model import Role
from hmu_bench.datasets.quality import told
from hmu_bench.datasets.report import Agreement, BuildReport, ConfigReport
from hmu_bench.text import Judgement
from hmu_bench.yaml_files import write_yaml

CARD_FILE = "README.md"
EXAMPLES_SHOWN = 5

# (largest number of rows, what the Hub calls the size)
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)
_CAPTION: list[dict[str, Any]] = [
    {"name": "caption_id", "dtype": "string"},
    {"name": "text", "dtype": "string"},
    {"name": "tokens", "dtype": "string"},
    {"name": "start", "dtype": "float64"},
    {"name": "end", "dtype": "float64"},
    {"name": "violent", "dtype": "bool"},
    {"name": "score", "dtype": "float64"},
    {"name": "category", "dtype": "string"},
    {"name": "evidence", "list": "string"},
]
FEATURES: list[dict[str, Any]] = [
    {"name": "clip_id", "dtype": "string"},
    {"name": "source", "dtype": "string"},
    {"name": "split", "dtype": "string"},
    {"name": "mirrored", "dtype": "bool"},
    {"name": "captions", "list": _CAPTION},
    {"name": "label", "dtype": "string"},
    {"name": "score", "dtype": "float64"},
    {"name": "category", "dtype": "string"},
    {"name": "confident", "dtype": "bool"},
    {"name": "motion_path", "dtype": "string"},
    {"name": "num_frames", "dtype": "int32"},
]


@dataclass(frozen=True, slots=True)
class Example:
    """A caption to show in the card, and what the default configuration says about it."""

    clip_id: str
    text: str
    judgement: Judgement


def default_config(report: BuildReport, role: Role) -> str | None:
    """The configuration that is loaded when none is named: the first one that has rows."""
    return next((config.name for config in report.configs if report.files[role][config.name]), None)


def metadata(report: BuildReport, role: Role) -> dict[str, Any]:
    """The YAML block of the card: what the Hub and `load_dataset` read."""
    facts = report.facts
    default = default_config(report, role)
    configs, infos, largest = [], [], 0
    for name, splits in report.files[role].items():
        if not splits:
            continue
        entry: dict[str, Any] = {"config_name": name}
        if name == default:
            entry["default"] = True
        entry["data_files"] = [
            {"split": split, "path": [file.path for file in files]}
            for split, files in splits.items()
        ]
        configs.append(entry)
        sizes: list[dict[str, Any]] = [
            {
                "name": split,
                "num_bytes": sum(file.num_bytes for file in files),
                "num_examples": sum(file.rows for file in files),
            }
            for split, files in splits.items()
        ]
        largest = max(largest, sum(size["num_examples"] for size in sizes))
        infos.append(
            {
                "config_name": name,
                "features": copy.deepcopy(FEATURES),  # the same object would become a YAML alias
                "splits": sizes,
                "download_size": sum(f.bytes for files in splits.values() for f in files),
                "dataset_size": sum(size["num_bytes"] for size in sizes),
            }
        )
    block: dict[str, Any] = {"license": facts.license}
    if facts.license_name:
        block["license_name"] = facts.license_name
    if facts.license_link:
        block["license_link"] = facts.license_link
    block |= {
        "language": ["en"],
        "pretty_name": f"{facts.pretty_name}, {role} set",
        "size_categories": [next((size for rows, size in _SIZES if largest < rows), "100M<n<1B")],
        "task_categories": ["text-to-3d", "text-classification"],
        "source_datasets": [f"extended|other-{facts.name}"],
        "annotations_creators": ["machine-generated"],
        "language_creators": [facts.captions],
        "tags": ["motion", "text-to-motion", "machine-unlearning", "human-motion-unlearning"],
    }
    if not configs:
        # Without any entry, `load_dataset` would take build.json for the data.
        return block | {"configs": [{"config_name": report.configs[0].name, "data_files": []}]}
    return block | {"configs": configs, "dataset_info": infos}


def empty_parts(report: BuildReport, role: Role) -> list[str]:
    """The configurations and splits that hold no rows and are therefore left out."""
    parts = []
    for config in report.configs:
        files = report.files[role][config.name]
        if not files:
            parts.append(config.name)
        else:
            parts += [f"{config.name}/{split}" for split in config.splits if split not in files]
    return parts


def card(
    report: BuildReport,
    role: Role,
    examples: Sequence[Example],
    quoted: Mapping[str, str] | None = None,
) -> str:
    """The whole README.md.

    Args:
        report: what was built.
        role: which of the two repositories it is for.
        examples: of the default configuration; none where captions may not be published.
        quoted: clip id or caption id -> its words, for ids that the report names as examples.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # it is Markdown: texts go through the filter `plain`
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["plain"] = plain
    body = environment.get_template("card.md.jinja").render(
        report=report,
        facts=report.facts,
        role=role,
        other="retain" if role == "forget" else "forget",
        organisation=HUB_ORGANISATION,
        default=default_config(report, role),
        empty=empty_parts(report, role),
        examples=examples,
        quoted=quoted or {},
        total=total,
        share=share,
        told=told,
        measured=[config for config in report.configs if config.quality is not None],
        unmeasured=[config for config in report.configs if config.quality is None],
        rules=list(dict.fromkeys(config.rule for config in report.configs)),
        few=EXAMPLES_SHOWN,
    )
    return f"---\n{write_yaml(metadata(report, role))}---\n{body}"


def total(config: ConfigReport, role: Role) -> int:
    """Rows of a configuration in one of the two sets."""
    return sum(getattr(counts, role) for counts in config.splits.values())


def share(part: int, whole: int) -> str:
    """A share as a percentage; a dash of nothing.

    >>> share(1, 8), share(0, 0)
    ('12.5 %', '-')
    """
    return f"{100 * part / whole:.1f} %" if whole else "-"


def quoted_ids(configs: Sequence[ConfigReport], agreements: Sequence[Agreement]) -> set[str]:
    """The clip ids and caption ids whose words the card shows, where it may."""
    ids: set[str] = set()
    for config in configs:
        for pair in config.shared_violent_texts.examples[:EXAMPLES_SHOWN]:
            ids.update(pair.split(" = "))
    for pair_of_rules in agreements:
        for some in (pair_of_rules.only_config, pair_of_rules.only_papers):
            ids.update(some.examples[:EXAMPLES_SHOWN])
    return ids


def plain(text: str) -> str:
    r"""Text that Markdown shows as it is, on one line.

    >>> plain("a|b *c* <d>")
    'a\\|b \\*c\\* &lt;d&gt;'
    """
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{c}" if c in "\\`*_[]#|~" else c for c in text)
