"""croissant.json: the repository in the Croissant format of MLCommons, for tools that read it.

The Hub makes such a description itself for what is published there; this one goes with the folder.
Checked with `mlcroissant`, which reads the rows through it. Source: Croissant format specification
1.0, http://mlcommons.org/croissant/1.0.
"""

from __future__ import annotations

from typing import Any

from hmu_bench import HUB_ORGANISATION
from hmu_bench.datasets.card import FEATURES
from hmu_bench.datasets.model import Role
from hmu_bench.datasets.report import BuildReport
from hmu_bench.files import canonical_json

CROISSANT_FILE = "croissant.json"
PARQUET = "application/x-parquet"

_TYPES = {
    "string": "sc:Text",
    "bool": "sc:Boolean",
    "float64": "sc:Float",
    "int32": "sc:Integer",
}
# The terms that the file uses, and what they stand for.
_TERMS = (
    *("citeAs", "column", "equivalentProperty", "extract", "field", "fileObject", "fileProperty"),
    *("fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField"),
    *("path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate"),
    *("separator", "source", "subField", "transform"),
)
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in _TERMS},
}


def croissant(report: BuildReport, role: Role) -> str:
    """The text of croissant.json for one of the two repositories."""
    name = f"{report.name}-{role}"
    facts = report.facts
    described = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": name,
        "description": f"{facts.pretty_name}, {role} set. {facts.description}",
        "url": f"https://huggingface.co/datasets/{HUB_ORGANISATION}/{name}",
        "license": facts.license_link or facts.license,
        "version": report.package_version,
        **({"citeAs": facts.citation.strip()} if facts.citation else {}),
        "distribution": _files(report, role),
        "recordSet": [
            _records(f"{config}/{split}")
            for config, splits in report.files[role].items()
            for split in splits
        ],
    }
    return canonical_json(described)


def _files(report: BuildReport, role: Role) -> list[dict[str, Any]]:
    """Every Parquet file with its hash, and the files of every configuration and split."""
    objects: list[dict[str, Any]] = []
    sets: list[dict[str, Any]] = []
    for config, splits in report.files[role].items():
        for split, files in splits.items():
            objects += [
                {
                    "@type": "cr:FileObject",
                    "@id": file.path,
                    "name": file.path,
                    "contentUrl": file.path,
                    "contentSize": f"{file.bytes} B",
                    "encodingFormat": PARQUET,
                    "sha256": file.sha256,
                }
                for file in files
            ]
            sets.append(
                {
                    "@type": "cr:FileSet",
                    "@id": f"files/{config}/{split}",
                    "name": f"files/{config}/{split}",
                    "encodingFormat": PARQUET,
                    "includes": f"data/{config}/{split}-*.parquet",
                }
            )
    return objects + sets


def _records(name: str) -> dict[str, Any]:
    fields = [_field(name, feature, feature["name"]) for feature in FEATURES]
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "field": fields}


def _field(record_set: str, feature: dict[str, Any], column: str, part: str = "") -> dict[str, Any]:
    """A column, or a part of the list of structures that a column holds."""
    name = "/".join((record_set, column, part) if part else (record_set, column))
    described: dict[str, Any] = {"@type": "cr:Field", "@id": name, "name": name}
    items = feature.get("list")
    if isinstance(items, list):
        parts = [_field(record_set, item, column, item["name"]) for item in items]
        return described | {"repeated": True, "subField": parts}
    source: dict[str, Any] = {
        "fileSet": {"@id": f"files/{record_set}"},
        "extract": {"column": column},
    }
    if part:
        source["transform"] = {"jsonPath": part}
    if items is not None:
        described["repeated"] = True
    return described | {"dataType": _TYPES[items or feature["dtype"]], "source": source}
