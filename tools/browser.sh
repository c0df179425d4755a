#!/bin/sh
# browser.sh: makes sure that the browser tests find a browser. Without one they would have nothing to test.
set -eu
for browser in "${KITH_BROWSER:-}" chromium chromium-browser google-chrome google-chrome-stable headless-shell chrome; do
	if [ -n "$browser" ] && command -v "$browser" >/dev/null 2>&1; then
		exit 0
	fi
done
if [ -d "/Applications/Google Chrome.app" ] || [ -d "/Applications/Chromium.app" ]; then
	exit 0
fi
if [ -f /etc/debian_version ] && [ "$(id -u)" = 0 ]; then
	echo "no chromium on this machine: installing Debian's for the browser tests" >&2
	if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q chromium; } >&2; then
		echo "chromium could not be installed, and the browser tests need it: see apt-get's words above" >&2
		exit 1
	fi
	exit 0
fi
cat >&2 <<'END'
The browser tests need Chromium or Chrome, and there is none here. Install it
(Debian and Ubuntu: apt-get install chromium) and run this again. To run
everything else: go test ./...
END
exit 1
