// Package importer reads the files of a brand's knowledge folder and cuts them
// into passages.
//
// It reads Markdown, HTML (its main part), plain text, question–answer pairs
// as CSV or JSON lines, DOCX, and PDF where a reader for it is given. Korean
// files in CP949 and files in UTF-16 are converted. Whatever is wrong with a
// file is said in the [Report], with file, line and what to do; the other
// files are read all the same. Text that people cannot see and text that
// speaks to a machine instead of a customer is left out or flagged, so that
// nobody can put words into the bot's mouth through a document.
package importer
