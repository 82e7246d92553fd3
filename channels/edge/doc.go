// Package edge holds what the edge of every network needs in the same way. It
// is the one package that channels may share: it knows no network, and whatever
// only one of them needs stays with that one.
package edge
