#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# A region of three hosts with addresses of their own, and PostgreSQL and an S3 server on a fourth, in network
# namespaces: kills, partitions, frozen processes and slow links at random, under load. Nothing that was accepted may
# be lost or done twice, no webhook missing, no limit exceeded, no revoked key let in.
# Usage: region.sh [MINUTES] [--seed N] [--programs FOLDER] [--keep]
#   MINUTES     how long there is trouble (20); healing and checking take up to five more
#   --seed      repeats the order of troubles (printed otherwise)
#   --programs  folder of assay, assay-test-bucket and the detectors (target/release)
#   --keep      leaves logs and database where they were, and says where
# Exit status: 0 all held, 1 something did not, 2 wrong usage, 3 it cannot be run here: it says what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
[ "$(id -u)" = 0 ] || missing+=("root")
for program in ip tc unshare setpriv python3; do
    command -v $program >/dev/null || missing+=("$program")
done
if [ "$(id -u)" = 0 ] && ! unshare --net true 2>/dev/null; then missing+=("network namespaces"); fi
postgres=$(dirname "$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)")
[ -x "$postgres/initdb" ] || missing+=("PostgreSQL's server (initdb)")
if [ ${#missing[@]} -gt 0 ]; then
    printf 'not run: it needs %s\n' "$(IFS=,; echo "${missing[*]}")" >&2
    exit 3
fi

# Networks and their names are this script's own, and gone with it.
exec unshare --net --mount --propagation private env PATH="$postgres:$PATH" PYTHONPATH=conformance-tests \
    PYTHONDONTWRITEBYTECODE=1 python3 -m region "$@"
