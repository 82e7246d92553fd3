// Package words turns what people write into terms that can be compared: a
// question in a hurry and a passage written with care shall meet.
//
// Three kinds of terms come out of a text. A [Word] is a stem: Korean without
// its particles and endings, English without plural and tense. A [Gram] is two
// neighbouring Korean syllables, which survives missing spaces, compounds and
// most typing errors. A [Concept] is what a phrase means to a customer-care
// team, the same in Korean and English ("아직도 안 왔어요" and "still hasn't
// arrived" are both delivery and late); concepts are listed in a text file
// that a copywriter can extend.
//
// The package is exact about nothing: it has no dictionary of the language and
// does no grammar. It does the same thing to the question and to the passage,
// which is what retrieval needs, in about a microsecond per word.
package words
