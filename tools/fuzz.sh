#!/bin/sh
# fuzz.sh [SECONDS]: runs every fuzz target of the module for a few seconds, all of them together for SECONDS at most, not
# counting the time to build each package once with the fuzzer's instruments. It finds bugs that are near; leave a
# target running to look for distant ones:
#     go test -run '^$' -fuzz '^FuzzName$' ./internal/package
# An input that fails is kept in the package's testdata/fuzz, where "go test" tries it again from then on.
set -eu
cd "$(dirname "$0")/.."
total=${1:-80}
targets=$(grep -rHoE '^func Fuzz[A-Za-z0-9_]*\(' --include='*_test.go' cmd internal | sed 's/(.*//; s/:func /:/' | sort)
count=$(printf '%s\n' "$targets" | grep -c . || true)
if [ "$count" = 0 ]; then
	echo "there is no fuzz target, which cannot be right" >&2
	exit 1
fi
each=$((total / count))
[ "$each" -gt 5 ] && each=5
[ "$each" -lt 1 ] && each=1
echo "$count fuzz targets, $each s each"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
built=

# try runs one target.
try() {
	(cd "$package" && "$work/test" -test.run '^$' -test.fuzz "^$name\$" -test.fuzztime "${each}s" -test.fuzzcachedir "$work/corpus" 2>&1)
}

# late tells whether a target failed only because its time was over while a worker still had an input in hand: a fault of Go's
# fuzzer, which names no failing input then.
late() {
	case $1 in
	*"Failing input"* | *"panic:"*) return 1 ;;
	*"context deadline exceeded"*) return 0 ;;
	esac
	return 1
}

for target in $targets; do
	package=$(dirname "${target%%:*}")
	name=${target##*:}
	if [ "$package" != "$built" ]; then
		if ! CGO_ENABLED=0 go test -c -vet=off -fuzz=Fuzz -o "$work/test" "./$package"; then
			echo "FAIL  $package does not build"
			failed=$((failed + 1))
			continue
		fi
		built=$package
	fi
	if out=$(try) || { late "$out" && out=$(try); }; then
		echo "ok    $name ($package)"
	else
		printf '%s\nFAIL  %s (%s)\n' "$out" "$name" "$package"
		failed=$((failed + 1))
	fi
done
echo "$((count - failed)) fuzz targets passed, $failed failed"
[ "$failed" = 0 ]
