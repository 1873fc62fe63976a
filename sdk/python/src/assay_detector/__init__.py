# SPDX-License-Identifier: MIT OR Apache-2.0
"""A detector for Assay in Python: one function, given to `serve` (docs/WORKER-PROTOCOL.md)."""

import json
import mmap
import os
from typing import Any, Callable, Dict, Union

Report = Union[float, Dict[str, Any]]


class NotApplicable(Exception):
    """Raised where the test cannot speak on a picture; the text is the reason."""


class Picture:
    """A picture that is lent for one call: copy what is to be kept.

    `pixels` holds `height * width * 3` bytes, red, green, blue, row by row; numpy makes an array of them by
    `numpy.frombuffer(picture.pixels, numpy.uint8).reshape(picture.height, picture.width, 3)`. `file` is the
    file as received, `facts` what the host read from it, `remaining_ms` the time until the call is cut off.
    """

    def __init__(self, asked: Dict[str, Any]) -> None:
        pixels, file = asked["pixels"], asked["file"]
        memory = memoryview(mmap.mmap(3, file["offset"] + file["bytes"], prot=mmap.PROT_READ))
        self.width, self.height = int(asked["width"]), int(asked["height"])
        self.facts: Dict[str, Any] = asked["facts"]
        self.remaining_ms = int(asked["remaining_ms"])
        self.pixels = memory[pixels["offset"]:pixels["offset"] + pixels["bytes"]]
        self.file = memory[file["offset"]:]


def serve(detect: Callable[[Picture], Report], *, id: str, version: str, kind: str, **card: str) -> None:
    """Answers until the host is gone: `detect` returns a score within 0..=1, or a dict with `score`, `detail`,
    `findings`, `attributes`, `heatmap`. `kind` is "generation", "manipulation" or "provenance"; `card` may hold
    `title`, `summary`, `method`, `trained_on`, `limits`, `licence`, `result_key`."""
    questions, answers = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed is no answer
    while len(length := questions.read(4)) == 4:
        asked = json.loads(questions.read(int.from_bytes(length, "little")))
        if asked["type"] == "hello":
            answer = {"type": "hello", "protocol": 1, "id": id, "version": version, "kind": kind, **card}
        else:
            answer = _examined(detect, asked)
        body = json.dumps(answer).encode()
        answers.write(len(body).to_bytes(4, "little") + body)
        answers.flush()


def _examined(detect: Callable[[Picture], Report], asked: Dict[str, Any]) -> Dict[str, Any]:
    try:
        said = detect(Picture(asked))
        return {"type": "report", **(said if isinstance(said, dict) else {"score": float(said)})}
    except NotApplicable as reason:
        return {"type": "not_applicable", "reason": str(reason)}
    except Exception as error:
        return {"type": "failed", "message": f"{type(error).__name__}: {error}"[:1000]}
