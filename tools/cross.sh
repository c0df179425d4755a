#!/bin/sh
# cross.sh: builds kith for every system it is meant for, in pure Go, and throws the results away. It does so without
# optimizing (-N -l), which finds the same errors in two thirds of the time.
set -eu
cd "$(dirname "$0")/.."
failed=0
for target in linux/amd64 linux/arm64 linux/arm/7 windows/amd64 darwin/arm64 darwin/amd64; do
	os=${target%%/*}
	rest=${target#*/}
	arch=${rest%%/*}
	arm=${rest#"$arch"}
	if CGO_ENABLED=0 GOOS=$os GOARCH=$arch GOARM=${arm#/} go build -gcflags='all=-N -l' -ldflags=-w -o /dev/null ./cmd/kith; then
		echo "ok    $target"
	else
		echo "FAIL  $target"
		failed=$((failed + 1))
	fi
done
[ "$failed" = 0 ]
