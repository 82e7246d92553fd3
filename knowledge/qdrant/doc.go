// Package qdrant is a [knowledge.Index] on a Qdrant server, over gRPC.
//
// Every passage is one point with a sparse vector: its terms, weighted as the
// index in memory weights them, and the server multiplies them by their rarity
// (the IDF modifier). So a question finds the same passages as without a
// server. Where an embedder is set, points have a dense vector too, and the
// server fuses both rankings (Query API, reciprocal rank).
//
// A point's ID is a UUID made of the brand's and the passage's ID, so an
// import that is repeated, or was cut short, changes nothing that is right
// already. Several brands share a collection, each under its own tenant.
package qdrant
