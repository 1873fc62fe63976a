#!/usr/bin/env bash
# Fuzzes a deployment by its own OpenAPI document: no 5xx, no undocumented status.
# Usage: fuzz-openapi.sh BASE_URL KEY [EXAMPLES]      (BASE_URL without /v1; needs schemathesis 4)
# Exit status: 0 nothing found, 1 something found, 2 wrong usage, 3 schemathesis is not installed.
set -euo pipefail
if [ $# -lt 2 ]; then
    echo "usage: $0 BASE_URL KEY [EXAMPLES]" >&2
    exit 2
fi
if ! command -v st >/dev/null; then
    echo "schemathesis is not installed: pip install schemathesis" >&2
    exit 3
fi
# What would end the key that it is run with is left out.
exec st run "$1/openapi.json" --url "$1" --header "Authorization: Bearer $2" \
    --exclude-path-regex 'keys/.*/(revoke|rotate)' \
    --checks not_a_server_error,status_code_conformance --max-examples "${3:-30}"
