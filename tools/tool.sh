#!/bin/sh
# tool.sh NAME PACKAGE: builds a program that tools/go.mod pins into .bin/, unless it is there already from the same go.mod.
# The linter takes two minutes to build on two cores, so it is kept.
set -eu
cd "$(dirname "$0")"
name=$1 package=$2
mkdir -p ../.bin
stamp=../.bin/.$name.stamp
if [ -x "../.bin/$name" ] && [ -f "$stamp" ] && cat go.mod go.sum | cmp -s - "$stamp"; then
	exit 0
fi
echo "building $name (kept in .bin/)" >&2
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "../.bin/$name" "$package"
cat go.mod go.sum >"$stamp"
