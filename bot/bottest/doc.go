// Package bottest holds the conformance suites of the edges of package bot.
// Whoever writes a ledger, hints or a channel proves it with one call:
//
//	func TestLedger(t *testing.T) {
//		bottest.TestLedger(t, func(t *testing.T) *bottest.Store {
//			return &bottest.Store{Ledger: newLedger(t)}
//		})
//	}
//
// The suites say in many small named cases what the doc comments of package
// bot promise, so that a failing case reads as the promise that was broken.
// Abilities found by assertion, such as [bot.Desk], are tested where they are
// present and skipped where they are not.
package bottest
