#!/bin/sh
# Builds the widget from its TypeScript with esbuild as a Go tool: no npm, no
# node_modules. The built files are committed, so that `go install` has them.
set -eu
cd "$(dirname "$0")"
root=$(cd ../../.. && pwd)
out=${1:-../dist}
mkdir -p "$out"
esbuild() { (cd "$root/channels/web/widget" && go tool -modfile="$root/tools/go.mod" esbuild --log-level=warning "$@"); }
sheet=$(mktemp -d)
trap 'rm -rf "$sheet"' EXIT
esbuild widget.css more.css --minify --target=chrome120,firefox121,safari17.4 --outdir="$sheet"
cp "$sheet/more.css" "$out/widget.css"
# The hash of the second file, as the integrity attribute writes it: base64 of
# the bytes, which printf makes of their octal numbers.
hex=$( (sha384sum "$out/widget.css" 2>/dev/null || shasum -a 384 "$out/widget.css") | cut -d' ' -f1)
hash=$(printf "$(printf '%s' "$hex" | sed 's/../0x& /g' | xargs printf '\\%03o')" | base64 | tr -d '\n')
# short.txt lists names that only the widget uses, to be made short.
names=$(grep -v '^#' short.txt | tr '\n' '|')
esbuild widget.ts --bundle --minify --format=iife --charset=utf8 --legal-comments=none --define:HASH="\"sha384-$hash\"" \
  --mangle-props="^(${names%|})\$" --target=es2022 --loader:.css=text --alias:sheet="$sheet/widget.css" --outfile="$out/widget.js"
