#!/usr/bin/env bash
# Measures how long numpy's bundle takes when one of its C files has changed, and
# prints what was done. It works in a clone of this repository.
#
#   docs/touched.sh FOLDER [FLAG]...
set -euo pipefail
folder=${1:?usage: docs/touched.sh FOLDER [FLAG]...}
shift
root=$(cd "$(dirname "$0")/.." && pwd)
git clone -q "$root" "$folder"
cd "$folder"
go build -o "$PWD/program/" ./cmd/...

TIMEFORMAT="%R s, of CPU %U s in programs and %S s in the system"
file=numpy/_core/src/multiarray/shape.c
sed -i '0,/    purl = /s//    patches = ["touched.patch"],\n    purl = /' packages/numpy/BUILD
before='                "resize only works on single-segment arrays");'

# change TEXT changes a message in the file.
change() {
	cat >packages/numpy/touched.patch <<END
--- a/$file
+++ b/$file
@@ -42 +42 @@
-$before
+${before/arrays/arrays$1}
END
}

for text in "" " (1)" " (22)" " (333)"; do
	change "$text,"
	time { program/cowasm build --execution_log_json_file log "$@" //packages/numpy >out 2>err || { cat err >&2; exit 1; }; }
done
grep '"cached":false' log | sed -E 's/.*"mnemonic":"([^"]*)".*"outputs":\{"([^"]*)".*"seconds":([0-9.]*).*/\1 \3 s \2/'
