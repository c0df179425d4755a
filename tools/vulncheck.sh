#!/bin/sh
# vulncheck.sh: asks the Go vulnerability database whether kith calls anything known to be vulnerable. A finding fails. If
# the database cannot be reached that is said, and is no failure: it is not kith's.
set -u
cd "$(dirname "$0")/.."
out=$(.bin/govulncheck ./... 2>&1)
status=$?
printf '%s\n' "$out"
[ "$status" = 0 ] && exit 0
case $out in
*"fetching vulnerabilities:"*)
	echo "NOT CHECKED for known vulnerabilities: the database (https://vuln.go.dev) cannot be reached from here."
	exit 0
	;;
esac
exit "$status"
