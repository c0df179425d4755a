# "make" by itself lists what there is to do. What takes more than a line is a script in tools/.

GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
RELEASE = -trimpath -ldflags "-s -w -X main.version=$(VERSION)"
FUZZ_SECONDS ?= 80

.DEFAULT_GOAL := help
.PHONY: help build demo test race screenshots sim sim-long sim-mistakes browser lint layering vet fmt format reader fuzz vuln cross ci clean

help: ## this list
	@echo "kith: what make can do"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-12s %s\n", $$1, $$2}'

build: ## build the program for this machine, as it is released: bin/kith
	CGO_ENABLED=0 $(GO) build $(RELEASE) -o bin/ ./cmd/...

demo: ## a village of four homes on this machine, to look at
	$(GO) run ./cmd/kith demo

test: browser ## every test, those in a browser included (installs chromium on Debian if run as root)
	KITH_REQUIRE_BROWSER=1 $(GO) test -timeout 20m ./...

race: ## tests under the race detector, which needs a C compiler; the long ones shortened, without those of single pages in a browser
	KITH_SKIP_BROWSER=1 CGO_ENABLED=1 $(GO) test -race -short -vet=off -timeout 15m ./...

sim: ## villages of real homes on a fake clock, a few hundred seeds: what must never break
	$(GO) run ./cmd/kith-lab sim --safety 300 --liveness 80 --limit 50s

sim-long: ## the same with 10,000 seeds for safety and 2,000 for liveness
	$(GO) run ./cmd/kith-lab sim --safety 10000 --liveness 2000

sim-mistakes: ## mistakes built in on purpose: the simulation has to notice each
	$(GO) run ./cmd/kith-lab sim --mistake all

screenshots: browser ## every page at three widths, light and dark, into bin/screenshots, to be looked at
	mkdir -p bin/screenshots
	KITH_REQUIRE_BROWSER=1 KITH_SCREENSHOTS=$(CURDIR)/bin/screenshots $(GO) test -count=1 -timeout 30m -run 'TestEveryPageFits' ./internal/web

browser:
	@tools/browser.sh

lint: ## golangci-lint, with the layers among its rules
	@tools/tool.sh golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	.bin/golangci-lint run ./...

layering: ## who imports whom, package comments, paths of this machine
	$(GO) test -count=1 ./internal/layering/

vet: ## go vet
	$(GO) vet ./...

fmt: ## format every Go file
	gofmt -w cmd internal

format: ## fail if a Go file is not formatted
	@unformatted=$$(gofmt -l cmd internal); if [ -n "$$unformatted" ]; then echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi

reader: ## a second implementation of the protocol, in Python, reads the test vectors
	@tools/reader.sh

fuzz: ## every fuzz target for a few seconds (FUZZ_SECONDS=80 for all together)
	@tools/fuzz.sh $(FUZZ_SECONDS)

vuln: ## ask the Go vulnerability database about our dependencies
	@tools/tool.sh govulncheck golang.org/x/vuln/cmd/govulncheck
	@tools/vulncheck.sh

cross: ## build for every system that kith is meant for
	@tools/cross.sh

ci: ## everything that has to be green before a change goes in
	@MAKE="$(MAKE)" tools/ci.sh format vet layering lint reader test race sim fuzz vuln cross

clean: ## remove what make built
	rm -rf bin .bin
