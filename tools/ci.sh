#!/bin/sh
# ci.sh STAGE...: runs stages of the Makefile one after the other, goes on after one that fails, and ends with a count.
set -u
cd "$(dirname "$0")/.."
passed=0 failed=0 which=
began=$(date +%s)
for stage in "$@"; do
	echo "==> $stage"
	start=$(date +%s)
	if ${MAKE:-make} --no-print-directory "$stage"; then
		passed=$((passed + 1))
		echo "<== $stage: ok, $(($(date +%s) - start)) s"
	else
		failed=$((failed + 1)) which="$which $stage"
		echo "<== $stage: FAILED, $(($(date +%s) - start)) s"
	fi
done
echo
echo "all stages together: $(($(date +%s) - began)) s"
[ "$failed" = 0 ] || echo "failed:$which"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
