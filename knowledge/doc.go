// Package knowledge holds what a brand has written and finds the passage that
// answers a question, or says that there is none.
//
// A [Base] is made from a folder of text:
//
//	base, report, err := knowledge.Import(ctx, os.DirFS("mybrand/knowledge"), knowledge.Options{})
//	answer, err := base.Ask(ctx, knowledge.Query{Text: "환불은 언제 되나요?"})
//	if answer.Known { … answer.Passages[0].Text, answer.Passages[0].Source … }
//
// What the brand keeps elsewhere stands beside it as a [Source]: [Base.Ingest]
// reads what changed, and neither removes the other's passages.
//
// From a file to a passage: package importer reads the files and cuts them
// (import.go, source.go), a passage becomes an [Entry] with its terms, and the
// [Index] keeps it.
//
// From a question to an answer, in ask.go, without a model and without a network:
//
//  1. Package words makes terms of the question (question.go): stems, syllable
//     pairs that survive missing spaces, and concepts, which are the same for
//     "아직도 안 왔어요" and "still hasn't arrived".
//  2. The [Index] finds some passages that share terms with it (BM25F).
//  3. Each of them is scored again (score.go) by how much of the question it
//     covers, and how much of the passage's own topic the question names. Where
//     a brand has many question–answer pairs, a classifier that learned from
//     them at import has a say too (class.go, trial.go).
//  4. A score is a calibrated chance that the passage answers the question
//     (calibration.go). Below a threshold the answer is "I do not know".
//
// An [Embedder] is a choice (embed.go): it finds and orders passages by meaning
// beside their words, and does not decide what is known.
//
// A Base sits on an [Index]: [Memory] by default, package local for a file on
// disk, package qdrant for a server. It does not word an answer for a
// customer; flows does. What nothing answered, [Gaps] groups for those who write.
package knowledge
