# Everything here needs Go and make only, unless a target says otherwise.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME ?= 60s

# The race detector needs a C compiler. Where there is none, tests run without it.
RACE ?= $(if $(shell command -v $$(go env CC) 2>/dev/null),-race)

.PHONY: demo test ports test-deps build install bench benchmarks eval fuzz lint

demo: build ## the whole way on an embedded CI system
	./watchcat demo

build: ## ./watchcat
	go build -o watchcat ./cmd/watchcat

install: ## watchcat into $(go env GOPATH)/bin
	go install ./cmd/watchcat

# The race detector runs where goroutines do. The command is tested as processes
# of its own, what works on rules reads hundreds of real logs, one by one, and what
# the engine is made of computes, but for the tests that share one of its sets.
test: ## everything this machine allows; with CI=true a missing browser or server is a failure
	go test ./cmd/... ./patterns/... ./classify/internal/...
	go test $(RACE) -run 'Together' ./classify/internal/search ./classify/internal/dfa
	go test $(RACE) ./classify ./classify/internal/stream ./report/... ./sources/...

ports: ## the engine for other processors: without assembly, with 32 bits, with the highest byte first
	go test -tags purego ./classify/internal/search
	GOARCH=386 go vet ./classify/...
	GOARCH=386 go test ./classify/internal/...
	GOARCH=s390x go vet ./classify/...

test-deps: ## what some tests need beside Go: a browser, servers of logs, and real Gerrits
	@.ci/test-deps

bench: build ## the engine beside others, in one table; CONTRIBUTING.md tells of BENCH_*
	@go run ./cmd/watchcat/internal/bench

eval: ## what the rules and the excerpt are worth on labelled logs
	go test -count=1 -v -run '^(TestCorpus|TestCILogs)$$' ./cmd/watchcat

benchmarks: ## every benchmark of Go's, once
	go test -run '^$$' -bench . -benchmem ./...

fuzz: ## every fuzz target for FUZZTIME
	@.ci/fuzz $(FUZZTIME)

lint: ## gofmt, go vet, staticcheck
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "not formatted; run gofmt -w on:" $$files; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...
