// Package slack is the channel for Slack: direct messages, mentions and
// threads, in one workspace, in many, and over Slack Connect.
//
// # Two ways in
//
// With an app token the channel opens sockets to Slack (Socket Mode) and needs
// no public address. Without one, [Channel.Handler] takes what Slack posts to
// us (Events API, buttons and menus, all at one address). Either way Slack is
// told that a message has arrived only after deliver has returned nil; what was
// refused comes again, and what comes again is recognized by its ID.
//
// When Slack plans to close a socket, its successor is up before the old one
// goes, and a second socket is there at all times, so that no message meets a
// closed door.
//
// # One conversation
//
// A conversation is a thread: "T1/C1/1700000000.000100" is installation,
// channel and root message. A mention in a channel begins one, and the answer
// is in its thread; from then on everything said in that thread is heard, and
// nothing else in the channel is. Direct messages are threads too, as the agent
// view shows them; with Options.Flat a direct message channel is one running
// conversation, "T1/D1". What other bots write is never answered: two bots
// could talk for ever.
//
// # One gesture, one ID
//
// Slack sends one gesture of a person more than once: again after an error,
// as a message and as a mention, and now and then as two messages with
// different timestamps. The ID of a message is therefore
//
//	installation/channel/client_msg_id   when Slack gives that ID, which the person's own client made
//	installation/channel/ts              otherwise
//
// A mention event lacks client_msg_id. It waits a moment for the message event
// of the same timestamp and takes its ID; if none comes, the message is looked
// up. Only when the channel's history may not be read is the timestamp used,
// and then Slack sends no message event either, as that needs the same scope.
// So the ID depends on nothing that a restart or another node would not know.
//
// An edit is a message of its own: the ID of the original, "/edit/" and the time
// of the edit, with Context["corrects"] naming the original. A deletion is
// acknowledged and not told to the engine: the record of what was said is never
// rewritten here, and forgetting is the ledger's erasure. A click is
// installation/channel/message/pick/choice/user: the same choice of the same
// message, pressed twice, is one message.
//
// # Out
//
// A reply becomes one message, or a few when it is very long, of rich text
// blocks: what a customer wrote can never become a mention, a link or a format.
// Each message carries the ID of the reply as metadata. When an attempt may
// have reached Slack although it failed, [Channel.Resend] reads the thread
// before it posts again.
package slack
