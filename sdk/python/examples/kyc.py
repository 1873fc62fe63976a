# SPDX-License-Identifier: MIT OR Apache-2.0
"""Identity: a document's photo and a selfie, both at once.

python kyc.py document.jpg selfie.jpg
"""

import asyncio
import json
import sys
from typing import List

from checkreality import Analysis, AsyncCheckRealClient

MODELS = ["gan", "diffusion", "splicing"]


async def examined(paths: List[str]) -> List[Analysis]:
    client = AsyncCheckRealClient()
    calls = (client.analyze(image_path=path, models=MODELS, policy="kyc") for path in paths)
    return await asyncio.gather(*calls)


def decision(document: Analysis, selfie: Analysis) -> str:
    face = selfie.verdict
    if face.label == "AI_GENERATED" and face.risk_level == "HIGH":
        return "reject"
    is_plain = all(one.verdict.risk_level == "LOW" for one in (document, selfie))
    return "go on to liveness" if is_plain else "step up"


if __name__ == "__main__":
    both = asyncio.run(examined(sys.argv[1:3]))
    audit = [{"request_id": one.request_id, "label": one.verdict.label} for one in both]
    print(json.dumps({"decision": decision(*both), "audit": audit}))
