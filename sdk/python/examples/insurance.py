# SPDX-License-Identifier: MIT OR Apache-2.0
"""Claims intake: photos are screened before an adjuster sees them.

python insurance.py claim-78234 photo-1.jpg photo-2.jpg
"""

import json
import sys
from typing import Dict, Optional

from checkreality import CheckRealClient, UnprocessableImageError

ACTIONS = {"HIGH": "escalate to SIU", "MEDIUM": "warn the adjuster", "LOW": "proceed"}


def screened(client: CheckRealClient, photo: str, reference_id: str) -> Dict[str, Optional[str]]:
    """What the claims database keeps of a photo."""
    try:
        result = client.analyze(
            image_path=photo, reference_id=reference_id, policy="insurance-claims"
        )
    except UnprocessableImageError as error:
        return {
            "reference_id": reference_id,
            "action": "ask for another photo",
            "code": error.code,
            "request_id": error.request_id,
        }
    return {
        "reference_id": reference_id,
        "action": ACTIONS[result.verdict.risk_level],
        "label": result.verdict.label,
        "request_id": result.request_id,
        "sha256": result.image_info.sha256,
    }


if __name__ == "__main__":
    claim, *photos = sys.argv[1:]
    for number, path in enumerate(photos, start=1):
        print(json.dumps(screened(CheckRealClient(), path, f"{claim}-photo-{number}")))
