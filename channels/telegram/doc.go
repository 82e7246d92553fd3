// Package telegram is the channel for Telegram bots: private chats, groups,
// topics and business chats.
//
// # Two ways in
//
// With webhook secrets, Telegram calls [Channel.Handler]; without, Listen asks
// for updates itself (long polling). Either way an update is acknowledged only
// after deliver has returned nil: the handler answers 200 then, and the poller
// confirms it then. Only one process may poll a bot; Options.Leader chooses it.
//
// # One conversation
//
// A conversation is a chat, a topic of a chat, or a chat of a business account:
//
//	123456           a private chat, or a group (negative)
//	-100123/45       a topic
//	123456/b/AbC     a customer of a business account, with the connection to answer over
//
// In groups the bot hears only what is addressed to it: a mention, a reply to
// one of its messages, a command. What other bots write is never answered.
//
// # One update, one ID
//
// The ID of a message is bot/update_id. Update IDs are compared for equality
// only: after a week of silence Telegram goes on with a random one. An edit is
// an update and a message of its own, with Context["corrects"] naming the
// original. A press on a button is named after chat, message, choice and
// person, so that pressing twice is one message.
//
// A button carries at most 64 bytes: the ID of its choice and a signature over
// it and the place. An ID of more than 47 bytes does not fit; it is looked up in
// memory, so after a restart such a button is answered with "please write it".
//
// # Out, and its honest limit
//
// A reply becomes one message, or a few when it is long or offers choices. It
// is sent as text with entities and never as markup, so nothing has to be
// escaped and nothing a customer wrote can become a format. The Bot API knows
// no idempotency and cannot be asked what was sent: when an answer to our call
// is lost, the message is sent again. So this channel sends at least once; each
// message that may be a second copy is counted by [Channel.Flagged] and logged.
// Options.AtMostOnce turns it round: what may have arrived is not sent again,
// and may be lost. Within a process a reply sent in part goes on where it
// stopped, and one sent in full is not sent again.
package telegram
