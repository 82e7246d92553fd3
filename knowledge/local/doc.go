// Package local is a [knowledge.Index] in memory that keeps itself in one file.
//
// The file is written whole after each change: to a temporary file beside it,
// flushed to the disk, and renamed over the old one, so a crash at any moment
// leaves either the old file or the new one. It carries a checksum. A file
// that is damaged is set aside, with a notice, and the index starts empty; the
// next import of the brand's folder fills it again.
//
// One process writes a file at a time; the newest writer wins.
package local
