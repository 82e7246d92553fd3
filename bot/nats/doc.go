// Package nats carries hints between nodes over core NATS:
//
//	hints, err := nats.Open("nats://bus.shop.example:4222", "shop", nil)
//
// A hint says that there may be work, or something new to show; what it is
// stands in the ledger. So nothing is stored on the bus, no customer text
// travels on it, and losing every hint, or the bus itself, costs one poll
// interval and never a message.
//
// A server within the program is in builds with -tags natsserver; see [Serve].
package nats
