// Package cues finds the words, marks and phrases in a customer's message that
// speak for a feeling, a wish or a danger, in Korean and English, from rules
// kept as text files.
//
// All rules of a [Set] are compiled once into one Aho–Corasick automaton (Aho &
// Corasick 1975) over a light normalization of the text: lower case, composed
// Hangul taken apart into letters, stretched letters cut, invisible characters
// dropped. One pass over the message finds every rule; every [Hit] points back
// to the bytes of the original text.
//
// # Rule files
//
// A rule file is lines of text. "#" begins a comment. "@ LABEL WEIGHT" begins a
// group, and the lines after it are its patterns, one or more on a line with
// " ; " between them. In a pattern
//
//   - (a|b|) stands for one of the alternatives,
//   - … is a gap: up to about twenty Hangul syllables or eight English words
//     within one sentence,
//   - a space beside a Hangul syllable may be missing in the text,
//   - a Hangul pattern matches every ending: "화나" finds 화나요, 화난 and 화났어;
//     a final $ closes it,
//   - a Latin pattern is whole words; a final * opens it,
//   - ~ in front lets a pattern begin inside a word, ^ forbids it. Without
//     either, Hangul patterns of three or more syllables may, others may not,
//   - \ before a sign takes it literally.
//
// A label is CLASS:NAME, such as "emo:anger". Hits of the class "mask" remove
// the hits they cover: "mask:risk" those of the class risk, "mask:ask.fix"
// those of one label, "mask:" all.
package cues
