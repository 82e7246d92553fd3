// The build tools of Onki, kept apart so that the framework's own go.mod names
// only what runs.
module github.com/onkihq/onki/tools

go 1.26

tool github.com/evanw/esbuild/cmd/esbuild

require (
	github.com/evanw/esbuild v0.28.2 // indirect
	golang.org/x/sys v0.0.0-20220715151400-c0bba94af5f8 // indirect
)
