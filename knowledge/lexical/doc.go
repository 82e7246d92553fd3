// Package lexical is a full-text index in memory: BM25F (Robertson, Zaragoza
// and Taylor 2004) over the terms of package words.
//
// A [Segment] is immutable and holds documents by number. Postings are one
// 32-bit word each: 24 bits of document, 8 bits of how strongly the term
// stands in it, computed when the segment is built. So a search is a few
// additions per posting, a segment is saved by writing its arrays and loaded
// by reading them, and two segments are merged without looking at the texts
// again. Lengths are compared with a fixed average so that documents that
// come later do not change those that are there.
package lexical
