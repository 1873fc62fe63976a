# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a caller does with errors.

python errors.py photo.jpg
"""

import sys

from checkreality import (
    CheckRealClient,
    CheckRealError,
    QuotaExceededError,
    UnprocessableImageError,
)

client = CheckRealClient(timeout=30.0, max_attempts=3)
try:
    print(client.analyze(image_path=sys.argv[1]).verdict.label)
except UnprocessableImageError as error:
    print(f"another image: {error.code}")
except QuotaExceededError as error:
    print(f"again in {error.retry_after} s")
except CheckRealError as error:
    print(error.code, error.request_id)
