# SPDX-License-Identifier: MIT OR Apache-2.0
"""The first call.

python first_call.py https://storage.example.com/photo.jpg
"""

import os
import sys

from checkreality import CheckRealClient

client = CheckRealClient(api_key=os.environ["CHECKREAL_API_KEY"])
result = client.analyze(image_url=sys.argv[1], reference_id="my-reference-123")
print(result.verdict.label)  # AUTHENTIC, AI_GENERATED, MANIPULATED or INCONCLUSIVE
print(result.verdict.confidence)  # 0.0 to 1.0
print(result.verdict.risk_level)  # LOW, MEDIUM or HIGH
