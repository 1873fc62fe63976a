#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# A server under full load for a while: pictures at once, in batches and by webhook, broken files, clients that go away, and
# detectors that crash in processes of their own. Its memory, descriptors, threads and processes must stay as they are
# after the first ten minutes, and each answer must be one that may be given.
# Usage: soak.sh [MINUTES] [--seed N] [--programs FOLDER] [--samples FILE]
#   MINUTES     how long (60); what comes before the sixth of it, at most 10 minutes, is the warm-up
#   --seed      repeats what the clients do, each by itself (printed otherwise)
#   --programs  folder of assay, assay-conformance and the detectors (target/release)
#   --samples   writes all that was measured there, as tab-separated values
# Exit status: 0 flat and nothing wrong, 1 not so, 2 wrong usage, 3 it cannot be run here: it says what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
exec env PYTHONPATH=conformance-tests PYTHONDONTWRITEBYTECODE=1 python3 -m soak "$@"
