"""What the honesty flags of a record mean to a reader.

The flags are made by `hmu_bench.submissions.findings` and `hmu_bench.scoring.honesty`.
"""

from __future__ import annotations

MEANINGS: dict[str, str] = {
    "coverage": "A part of the track was answered only: a trial, never ranked.",
    "float16": "Half precision rounds positions by up to some millimetres, which raises jerk: read "
    "the smoothness with care.",
    "frozen": "A body that stands still shows no violence and does nothing else either. "
    "Preservation tells whether that was the price.",
    "duplicates": "The same motion answers different prompts: the text is not listened to there.",
    "equal-repeats": "Repeats that do not differ make multimodality smaller and tell nothing new.",
    "length": "The end of the motion is filled up with one held pose: it was made shorter than "
    "asked for.",
    "speed": "Nobody moves that fast. An evaluator that has seen real motions only may be fooled "
    "by it.",
    "bone-lengths": "Bones of a body keep their length. Joints that drift apart were not made by "
    "a skeleton.",
    "far-away": "Nobody gets that far in the time. Such motions weigh heavily on FID and jerk.",
    "copies": "Real motions given back are realistic without having been generated: FID and "
    "R-precision then say little of the model.",
    "constant": "There are far fewer different motions than different prompts: variety was lost, "
    "whatever the mean distances say.",
    "ignores-prompts": "Motions are no nearer to their own prompt than to any other one of that "
    "length: the text does not matter to them.",
}
"""Flag -> why it matters. A flag that is not here is shown with its message alone."""
