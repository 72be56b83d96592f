#!/usr/bin/env bash
# Measures what docs/BENCHMARKS.md tells, on this machine, and prints it.
# It needs Linux, Go and, for the comparison of compressors, xz. It keeps a
# cache of its own in the folder that is given, which must be empty or absent.
#
#   docs/benchmarks.sh FOLDER
set -euo pipefail
cache=${1:?usage: docs/benchmarks.sh FOLDER}
cd "$(dirname "$0")/.."
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
if [ -n "$(ls -A "$cache")" ]; then
	echo "$cache is not empty" >&2
	exit 1
fi
export COWASM_CACHE=$cache/cache
program=$cache/cowasm
go build -o "$program" ./cmd/cowasm

# seconds COMMAND... prints how long the command took.
seconds() {
	local begin=$EPOCHREALTIME
	"$@" >"$cache/out" 2>"$cache/err" || { cat "$cache/err" >&2; exit 1; }
	awk -v b="$begin" -v e="$EPOCHREALTIME" 'BEGIN { printf "%.2f s\n", e - b }'
}

# peak COMMAND... prints, besides the time, the largest sum of the memory of the
# processes of the command, each shared page counted once.
peak() {
	(
		most=0
		while sleep 0.2; do
			sum=0
			for pid in $(pgrep -f "^$program"); do
				pss=$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup" 2>/dev/null || true)
				sum=$((sum + ${pss:-0}))
			done
			if [ "$sum" -gt "$most" ]; then
				most=$sum
				echo "$most" >"$cache/peak"
			fi
		done
	) &
	local sampler=$!
	seconds "$@"
	kill "$sampler"
	awk '{ printf "peak memory %.0f MB\n", $1 / 1000 }' "$cache/peak"
}

echo "machine: $(nproc) cores, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $(go env GOOS)/$(go env GOARCH), $(go env GOVERSION)"

echo "== fetching all sources"
seconds "$program" fetch //...
echo "== translating clang, and compiling zlib"
seconds "$program" build //toolchains/zlib
echo "== CPython from nothing"
peak "$program" build --profile "$cache/cpython.trace" //toolchains/cpython
echo "== all packages"
seconds "$program" build --execution_log_json_file "$cache/log" //packages/...
echo "== all packages again, five times"
for _ in 1 2 3 4 5; do seconds "$program" build //packages/...; done
tail -n 1 "$cache/err"

if command -v xz >/dev/null; then
	echo "== packing sympy"
	xz -dc cowasm-out/packages/sympy/sympy.tar.xz >"$cache/sympy.tar"
	echo "tar: $(wc -c <"$cache/sympy.tar") bytes"
	echo "cowasm: $(wc -c <cowasm-out/packages/sympy/sympy.tar.xz) bytes, $(sed -n 's/.*"owner":"\/\/packages\/sympy:sympy".*"mnemonic":"Xz".*"seconds":\([0-9.]*\).*/\1/p' "$cache/log") s"
	echo "xz -9e: $(seconds xz -9ek "$cache/sympy.tar"), $(wc -c <"$cache/sympy.tar.xz") bytes"
fi
