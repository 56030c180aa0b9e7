"""Where the published captions come from: pinned origins, fetched when no copy is given.

`HMU_CACHE` names the folder that keeps the downloads. `HMU_GITHUB_MIRROR` replaces the host that
serves the files of GitHub repositories (`<host>/<owner>/<name>/<commit>/<path>`); what a mirror
sends must have the pinned hashes all the same.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from builders._fetching import Patience, Pin, fetch
from hmu_bench.caching import cache_folder

GITHUB = "https://raw.githubusercontent.com"
MIRROR = "HMU_GITHUB_MIRROR"


@dataclass(frozen=True, slots=True)
class Origin:
    """Files of a GitHub repository at one commit.

    Attributes:
        repository: `owner/name`.
        commit: its full hash.
        files: path in the repository -> git blob id.
        license: of these files, as the Hub names licences.
    """

    repository: str
    commit: str
    files: Mapping[str, str] = field(hash=False)
    license: str

    def fetch(
        self, path: str, place: str, *, instead: str, patience: Patience | None = None
    ) -> Path:
        """One of the files, verified; from the cache if it is there.

        Args:
            path: in the repository.
            place: of the file in the origin's folder of the cache.
            instead: what the user can do without the download.
            patience: how long to try.

        Raises:
            InputError: see `_fetching.fetch`.
        """
        host = (os.environ.get(MIRROR) or GITHUB).rstrip("/")
        url = f"{host}/{self.repository}/{self.commit}/{path}"
        folder = cache_folder() / "downloads" / self.repository / self.commit
        pin = Pin(url, f"git:{self.files[path]}", instead)
        return fetch(pin, folder / place, patience=patience)


HUMANML3D = Origin(
    repository="EricGuo5513/HumanML3D",
    commit="9176e8fb446b71c7d2a725eb5cf6fec1ae3b3c23",
    files={
        "HumanML3D/texts.zip": "7e061edb480f78f6732e58c5d3e6ca5e535cf15b",
        "HumanML3D/train.txt": "ea01c6654d94a8a1537f3d44c112bbe7e7f5f6e6",
        "HumanML3D/val.txt": "b0ddbae714e28148b8c3c4713779e47c2be0ceee",
        "HumanML3D/test.txt": "6e39ab19d3900f7475aa2b15efa62b2fbfebd323",
    },
    license="mit",
)


def humanml3d_texts() -> Path:
    """The official `texts.zip`.

    Raises:
        InputError: if it is not in the cache and cannot be fetched.
    """
    return HUMANML3D.fetch(
        "HumanML3D/texts.zip", "texts.zip", instead="give your own copy with --texts PATH"
    )


def humanml3d_splits() -> Path:
    """The folder of the official `train.txt`, `val.txt` and `test.txt`.

    Raises:
        InputError: if one is not in the cache and cannot be fetched.
    """
    folders = {
        HUMANML3D.fetch(
            f"HumanML3D/{name}",
            f"splits/{name}",
            instead="give your own copies with --splits FOLDER",
        ).parent
        for name in ("train.txt", "val.txt", "test.txt")
    }
    return folders.pop()
