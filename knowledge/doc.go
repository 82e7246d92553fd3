// Package knowledge holds what a brand has written and finds the passage that
// answers a question, or says that there is none.
//
// A [Base] is made from a folder of text:
//
//	base, report, err := knowledge.Import(ctx, os.DirFS("mybrand/knowledge"), knowledge.Options{})
//	answer, err := base.Ask(ctx, knowledge.Query{Text: "환불은 언제 되나요?"})
//	if answer.Known { … answer.Passages[0].Text, answer.Passages[0].Source … }
//
// It works without a model and without a network. A question passes four
// steps:
//
//  1. Package words makes terms of it: stems, syllable pairs that survive
//     missing spaces, and concepts, which are the same for "아직도 안 왔어요" and
//     "still hasn't arrived".
//  2. The [Index] finds some passages that share terms with it (BM25F).
//  3. Each of them is scored again by how much of the question it covers, and
//     how much of the passage's own topic the question names. Where a brand
//     has many question–answer pairs, a classifier that learned from them at
//     import has a say too.
//  4. A score is a calibrated chance that the passage answers the question.
//     Below a threshold the answer is "I do not know".
//
// A Base sits on an [Index]: [Memory] by default, package local for a file on
// disk, package qdrant for a server. It does not word an answer for a
// customer; flows does.
package knowledge
