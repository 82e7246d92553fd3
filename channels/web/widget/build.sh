#!/bin/sh
# Builds the widget from its TypeScript with esbuild as a Go tool: no npm, no
# node_modules. The built file is committed, so that `go install` has it.
set -eu
cd "$(dirname "$0")"
root=$(cd ../../.. && pwd)
out=${1:-../dist}
mkdir -p "$out"
esbuild() { (cd "$root/channels/web/widget" && go tool -modfile="$root/tools/go.mod" esbuild "$@"); }
sheet=$(mktemp -d)
trap 'rm -rf "$sheet"' EXIT
esbuild widget.css --minify --log-level=warning --target=chrome120,firefox121,safari17.4 --outfile="$sheet/widget.css"
esbuild widget.ts --bundle --minify --format=iife --charset=utf8 --legal-comments=none --log-level=warning \
  --target=es2022 --loader:.css=text --alias:sheet="$sheet/widget.css" --outfile="$out/widget.js"
