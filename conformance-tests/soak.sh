#!/usr/bin/env bash
# Loads a server for a while and fails when its memory or its descriptors keep growing.
# Usage: soak.sh MINUTES [ASSAY]         (ASSAY: the program; target/release/assay unless given)
# Environment: CLIENTS (4), MOST_MB (64), MOST_FILES (50): how much either may grow after the warm-up, which is
# a fifth of the time.
# Exit status: 0 within the bounds, 1 beyond them or a wrong answer, 2 wrong usage.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! [[ "${1:-}" =~ ^[0-9]+$ ]] || [ "$1" -lt 1 ]; then
    echo "usage: $0 MINUTES [ASSAY]" >&2
    exit 2
fi
seconds=$(($1 * 60))
assay=$(realpath "${2:-target/release/assay}")
clients=${CLIENTS:-4} most_mb=${MOST_MB:-64} most_files=${MOST_FILES:-50}

work=$(mktemp -d)
server=
trap 'touch "$work/stop"; [ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cat config/assay.toml - >"$work/assay.toml" <<'END'
[[organisation]]
name = "soak"
requests_per_minute = 1_000_000_000
requests_per_day = 1_000_000_000
END
export ASSAY_CONFIG=$work/assay.toml ASSAY_DATA=$work/data
key=$("$assay" keys create --org soak --plan enterprise 2>/dev/null)
"$assay" serve --listen 127.0.0.1:0 2>"$work/log" &
server=$!
until address=$(grep -om1 'http://.*' "$work/log"); do
    kill -0 "$server"
    sleep 0.1
done

# Pictures that differ by what stands behind their end: each is new to the server, or, every third time, known.
head -c 120054 /dev/urandom >"$work/noise"
picture() {
    # A BMP of 200 x 200 pixels of noise.
    { printf 'BM\xf6\xd4\x01\0\0\0\0\0\x36\0\0\0\x28\0\0\0\xc8\0\0\0\xc8\0\0\0\x01\0\x18\0'
      printf '\0\0\0\0\xc0\xd4\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
      head -c 119990 "$work/noise"
      printf '%010d' "$1"; } >"$2"
}
client() {
    local turn=0 file=$work/picture-$1
    while [ ! -e "$work/stop" ]; do
        turn=$((turn + 1))
        picture "$(($1 * 1000000 + turn - (turn % 3 == 0)))" "$file"
        local status
        status=$(curl -s -o "$work/body-$1" -w '%{http_code}' -H "Authorization: Bearer $key" \
            -F "image=@$file;filename=p.bmp" "$address/v1/analyze") || status=000
        case $status in
            200) echo "$status" >>"$work/answers-$1" ;;
            503) echo "$status $(grep -o '"code":"[A-Z_]*"' "$work/body-$1")" >>"$work/answers-$1" ;;
            *) echo "a client got $status" >>"$work/wrong" ;;
        esac
        curl -s -o /dev/null -H "Authorization: Bearer $key" "$address/v1/usage" || true
        curl -s -o /dev/null -H "Authorization: Bearer nobody" "$address/v1/usage" || true
    done
}
under_way=()
for number in $(seq "$clients"); do
    client "$number" &
    under_way+=($!)
done

memory() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$server/status"; }
files() { ls "/proc/$server/fd" | wc -l; }
sleep $((seconds / 5))
memory_0=$(memory) files_0=$(files) memory_1=0 files_1=0
echo "after the warm-up: $memory_0 MB, $files_0 descriptors"
end=$((SECONDS + seconds - seconds / 5))
while [ "$SECONDS" -lt "$end" ]; do
    sleep 5
    m=$(memory) f=$(files)
    memory_1=$((m > memory_1 ? m : memory_1)) files_1=$((f > files_1 ? f : files_1))
done
touch "$work/stop"
wait "${under_way[@]}"
answers=$(cat "$work"/answers-* | sort | uniq -c | tr '\n' ' ')
echo "most later: $memory_1 MB, $files_1 descriptors; answers: $answers"
kill "$server"
wait "$server" && server= || { echo "the server did not end well" >&2; exit 1; }
"$assay" audit verify
if [ -e "$work/wrong" ]; then
    sort "$work/wrong" | uniq -c >&2
    exit 1
fi
if [ $((memory_1 - memory_0)) -gt "$most_mb" ] || [ $((files_1 - files_0)) -gt "$most_files" ]; then
    echo "grown beyond $most_mb MB or $most_files descriptors" >&2
    exit 1
fi
