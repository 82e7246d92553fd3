package bot

import (
	"context"
	"crypto/rand"
	"time"
)

// pass is what a customer carries from one channel to another.
type pass struct {
	customer string
	address  Address
	until    time.Time
	used     string // who has used it
}

// OfferLink returns a token, fit for a deep link, that links whoever brings it
// to the customer of the conversation, who is called user on its channel. It
// can be used once until then.
func (l *Memory) OfferLink(_ context.Context, a Address, user string, until time.Time) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.thread(a)
	token := rand.Text()
	l.passes[token] = pass{customer: a.Customer(user), address: a, until: until}
	return token, nil
}

// RedeemLink links the customer who brought the token, called user in the
// conversation a, to the one it was handed out to: from then on both are
// remembered as one. A conversation without a turn of its own goes on where the
// other stood. False means that the token is none, was used by somebody else or
// is too old; who has used it may ask again, which changes nothing. Whoever
// calls it has asked the customer first.
func (l *Memory) RedeemLink(_ context.Context, token string, a Address, user string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.thread(a)
	p, ok := l.passes[token]
	if !ok || l.now().After(p.until) {
		delete(l.passes, token)
		return false, nil
	}
	if p.used != "" {
		return p.used == a.Customer(user), nil
	}
	p.used = a.Customer(user)
	l.passes[token] = p
	first, second := l.remembered(p.customer), l.remembered(a.Customer(user))
	if first == second {
		return true, nil
	}
	one := l.customers[first].Clone()
	one.ID = first
	l.customers[first] = one.Join(l.customers[second])
	delete(l.customers, second)
	for id, customer := range l.links {
		if customer == second {
			l.links[id] = first
		}
	}
	l.links[first], l.links[a.Customer(user)] = first, first
	l.fence++
	t.fence, t.lease, t.attempt = l.fence, time.Time{}, 0 // what is being thought was thought about somebody else
	if from := l.threads[p.address]; len(t.entries) == 0 && from != nil && len(from.entries) > 0 {
		owner, epoch := t.session.Owner, t.session.Epoch
		t.session = from.session.Follow()
		t.session.Address, t.session.Owner, t.session.Epoch = a, owner, epoch
	}
	return true, nil
}

// Unlink parts the customer who is called user in the conversation from all
// their other names. What was remembered stays with the name it was first
// remembered under.
func (l *Memory) Unlink(_ context.Context, a Address, user string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := a.Customer(user)
	delete(l.links, id)
	for token, p := range l.passes {
		if p.used == id {
			delete(l.passes, token) // it must not seem to link again
		}
	}
	for other, customer := range l.links {
		if customer == id {
			delete(l.links, other)
		}
	}
	return nil
}

// remembered returns the ID under which a customer is remembered. The caller
// holds l.mu.
func (l *Memory) remembered(id string) string {
	if customer, ok := l.links[id]; ok {
		return customer
	}
	return id
}
