// Package web is the chat in the browser: the customer's side of a
// conversation over plain HTTP, and the widget that shows it.
//
// # One conversation
//
// The widget asks for a session, posts messages and reads a stream of events.
// The stream is the ledger's transcript itself: every event carries the
// sequence number the ledger gave it, a reader that comes back names the last
// one it has shown, and gets what followed, after any restart and on any node.
// So [Channel.Send] only wakes the streams; what is shown was committed before.
//
// # Who is who
//
// An anonymous visitor holds a random token of 256 bits. The conversation is
// named after its SHA-256, so the ledger never holds the token, and knowing the
// name of a conversation does not open it. A customer who is signed in at the
// brand's site is proven by a short-lived JWT made by the brand's server (or,
// to start easily, by an HMAC of the user's name); their conversation is named
// after a hash of who they are, and follows them to other devices. Calls carry
// an access token of fifteen minutes in the Authorization header, never in an
// address, and nothing is kept in cookies, so that no other site can act for a
// customer.
//
// # The page around it
//
// [Channel.Handler] serves the calls under /v1, the widget at /widget.js and
// the chat as a page of its own at /chat/<brand>. [Snippet] prints the line a
// brand puts into its pages. [Demo] serves a page of an example brand to try
// it on.
package web

//go:generate ./widget/build.sh
