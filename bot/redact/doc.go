// Package redact takes personal data out of text before it reaches anybody who
// has no need for it: a log, a language model on somebody else's machine.
//
// A [Text] can be made in this package only, so a function that takes a Text
// cannot be handed what a customer wrote by mistake:
//
//	safe := redact.Mask(m.Text)          // for a log: "제 번호는 ⟦PHONE⟧예요"
//
//	var names redact.Map                 // for a model: numbered and reversible
//	prompt := names.Mask(m.Text)         // "제 번호는 ⟦PHONE_1⟧예요"
//	reply, err := names.Restore(answer)  // the customer's own number again
//
// [Find] recognizes, in Korean and English text: resident and foreigner
// registration numbers (no valid check digit is asked for, because numbers
// given out since October 2020 have none), United States social security
// numbers, driving licences, passports, payment cards, bank accounts and IBANs,
// telephone numbers, e-mail and postal addresses. It does not recognize names:
// nobody should rely on a list of names being complete. Order numbers, prices,
// dates and times stay as they are, because an answer needs them.
//
// How well it does is measured by TestMeasure on 10,000 generated messages of
// each language.
package redact
