// Package personas knows who the brand is and who the customer is: the brand's
// description and voice, the customer personas with their manuals, and the
// linter of service speech. All of it is text that a strategist can edit.
package personas
