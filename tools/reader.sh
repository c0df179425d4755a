#!/bin/sh
# reader.sh: lets a second implementation, in Python and without a library, read the protocol's test vectors.
set -eu
if ! command -v python3 >/dev/null 2>&1; then
	if [ -f /etc/debian_version ] && [ "$(id -u)" = 0 ]; then
		echo "no python3 on this machine: installing Debian's for the reader" >&2
		{ apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q python3-minimal; } >&2
	else
		echo "The reader needs Python 3, and there is none here. Install it (Debian and Ubuntu: apt-get install python3) and run this again." >&2
		exit 1
	fi
fi
exec python3 -B "$(dirname "$0")/reader/check.py"
