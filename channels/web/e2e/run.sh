#!/bin/sh
# Runs the browser tests: installs what they need, starts the test server,
# drives Chromium. CHROMIUM names another browser program than Debian's.
# Usage: run.sh [talk|ime|wire|safety|access]
set -eu
cd "$(dirname "$0")"
if [ -z "${CHROMIUM:-}" ] && ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
  else
    echo "the browser tests need Chromium and a Korean font: apt-get install chromium fonts-noto-cjk" >&2
    exit 2
  fi
fi
[ -d node_modules/playwright-core ] && [ node_modules -nt package-lock.json ] || npm ci --no-audit --no-fund --silent
npx --no-install tsc -p ../widget
mkdir -p artifacts
go build -o artifacts/server ./server
[ -n "${ONKI:-}" ] || go build -o artifacts/onki ../../../cmd/onki
exec node --test --test-concurrency=1 "tests/"${1:-}*.test.mjs
