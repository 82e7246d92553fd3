# Onki: type `make` to see what can be done.
SHELL := /bin/bash
GO    ?= go
ADDR  ?= localhost:8080
BRAND ?= shop
LANG_ ?= en
DATA  ?= ../shared/data
PKGS  := ./...
LINT  := $(GO) tool -modfile=tools/lint/go.mod
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
TAGS  ?=
BUILD := CGO_ENABLED=0 $(GO) build -trimpath -tags "$(TAGS)" -ldflags "-s -w -X main.version=$(VERSION)"

.DEFAULT_GOAL := help
.PHONY: help run chat build test check gates race e2e deps update model card eval eval-live bench fuzz soak generate clean

help: ## show this help
	@echo "Onki hears the feeling before it solves the problem."
	@echo
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'
	@echo
	@echo "  make run BRAND=airline ADDR=localhost:9000 serves another brand elsewhere."

run: build ## build Onki and serve an example brand at http://localhost:8080
	./bin/onki serve --addr $(ADDR) --brand $(BRAND) --ledger sqlite:bin/$(notdir $(BRAND)).db

chat: build ## talk with the example brand in the terminal
	./bin/onki chat --brand $(BRAND) --trace

build: ## build bin/onki (TAGS=pdf puts a PDF reader into it)
	@mkdir -p bin
	$(BUILD) -o bin/onki ./cmd/onki

deps: ## install what the tests need (Debian packages; needs root or sudo)
	@bash .ci/deps

test: deps ## install what the tests need and run all of them
	$(GO) test $(PKGS)
	$(GO) test -tags natsserver ./bot/nats
	$(MAKE) --no-print-directory talks e2e

.PHONY: talks
talks: build ## check the example brands and play their talk files
	@for b in shop airline hospital office course empty; do ./bin/onki validate brands/$$b && ./bin/onki test brands/$$b || exit 1; done

update: build ## play the talk files and accept what they say now
	@for b in shop airline hospital office course; do ./bin/onki test --update brands/$$b; done

e2e: build ## test the web chat in headless Chromium
	bash channels/web/e2e/run.sh

check: gates race test ## everything CI runs: the gates, the race detector, all tests

gates: ## formatting, vet, staticcheck, tidy modules, known vulnerabilities
	@files=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$files" ]; then echo "gofmt these files:"; echo "$$files"; exit 1; fi
	$(GO) vet $(PKGS)
	$(LINT) staticcheck $(PKGS)
	$(GO) mod tidy -diff
	@bash .ci/vulncheck

race: deps ## the tests that share memory, under the race detector
	$(GO) test -race -short ./bot/... ./channels/... ./flows ./flows/policy ./knowledge ./cmd/...

.PHONY: test-qdrant
test-qdrant: ## test the index against a server: QDRANT_URL=qdrant://HOST:6334/COLLECTION
	@[ -n "$(QDRANT_URL)" ] || { echo "say which server: make test-qdrant QDRANT_URL=qdrant://HOST:6334/COLLECTION"; exit 1; }
	QDRANT_URL="$(QDRANT_URL)" $(GO) test -count=1 -run '^TestIndex$$' -v ./knowledge/qdrant

model: ## train the recognizer from DATA=DIR (about 15 minutes on 2 cores)
	GOEXPERIMENT=simd $(GO) run ./flows/emotion/train -data $(DATA) -out flows/emotion/model
	GOEXPERIMENT=simd $(GO) run ./flows/appraise/train -public $(DATA)
	GOEXPERIMENT=simd $(GO) run ./flows/emotion/danger/train

card: ## measure the recognizer on DATA=DIR and write the tables of its model card
	$(GO) run ./flows/emotion/train -data $(DATA) -card flows/emotion/model/MODEL_CARD.md

eval: build ## measure the recognizer and the search on DATA=DIR, and the conversations
	./bin/onki eval emotion --data $(DATA)
	./bin/onki eval knowledge --data $(DATA)
	./bin/onki eval care

eval-live: build ## conversations in the words of MODEL beside those without one (MODEL_KEY=env:NAME; JUDGE=…)
	@test -n "$(MODEL)" || { echo "name a model: make eval-live MODEL=openai:NAME MODEL_KEY=env:OPENAI_API_KEY"; exit 2; }
	./bin/onki eval care --model "$(MODEL)" --model-key "$(MODEL_KEY)" --compare phrases $(if $(JUDGE),--judge "$(JUDGE)") --html bin/care.html --record bin/care.jsonl

bench: build ## the figures of the README, measured on this machine
	bash .ci/bench

FUZZTIME ?= 20s
fuzz: ## fuzz every parser for FUZZTIME each
	@for p in $$($(GO) list $(PKGS)); do for f in $$($(GO) test -list '^Fuzz' $$p 2>/dev/null | grep ^Fuzz); do \
	  echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p || exit 1; done; done

SOAK ?= 1h
soak: build ## SOAK=1h at 200 turns a second on 1,000 streams: memory, goroutines and open files must stay flat
	./bin/onki load --streams 1000 --rate 200 --for $(SOAK) --flat

.PHONY: kills
kills: ## the long form of the kill tests and of the simulator
	ONKI_SOAK=1 $(GO) test -count=1 -timeout 60m -v ./bot/sqlledger/...
	$(GO) test -count=1 -timeout 60m -v ./bot/simtest -run TestSeeds -seeds 500000

generate: ## rebuild the widget from its TypeScript source
	$(GO) generate ./channels/web/...

.PHONY: sbom reproducible
sbom: build ## write bin/onki.cdx.json: what the program is made of
	./bin/onki version --sbom > bin/onki.cdx.json

reproducible: ## build twice, in two places with two caches, and compare byte by byte
	@bash .ci/reproducible "$(VERSION)"

clean: ## remove what was built
	rm -rf bin artifacts
