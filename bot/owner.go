package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The owners of a conversation. A hand-over goes from the bot over waiting and
// queued to a person, then over wrap-up back to the bot or to the end. A person
// who writes takes over at once, from wherever it stands.
const (
	OwnerBot     = "bot"      // the bot answers
	OwnerWaiting = "waiting"  // a person has been called; the bot goes on helping meanwhile
	OwnerQueued  = "queued"   // the call has been shown to people; the bot goes on helping
	OwnerPerson  = "person:"  // followed by the name of the person who has taken over; the bot is silent
	OwnerWrapUp  = "wrap-up:" // followed by the name of the person who has finished: what the customer writes now is still theirs
	OwnerClosed  = "closed"   // it is over; whatever the customer writes next opens it again
)

// Staffed reports whether a person has taken the conversation over, so that
// the bot stays silent.
func (s Session) Staffed() bool { return s.Person() != "" }

// Waiting reports whether a person has been called and has not come yet.
func (s Session) Waiting() bool { return s.Owner == OwnerWaiting || s.Owner == OwnerQueued }

// Person returns the name of the person who has taken the conversation over, in
// wrap-up too, or "".
func (s Session) Person() string {
	if name, ok := strings.CutPrefix(s.Owner, OwnerPerson); ok {
		return name
	}
	name, _ := strings.CutPrefix(s.Owner, OwnerWrapUp)
	if name == s.Owner {
		return ""
	}
	return name
}

// Step returns an error that says why the conversation cannot pass to that
// owner, or nil. Ledgers ask it before [Desk.Own].
func (s Session) Step(owner string) error {
	to := Session{Owner: owner}
	wrapUp := strings.HasPrefix(owner, OwnerWrapUp)
	switch {
	case owner == OwnerPerson, owner == OwnerWrapUp, to.Staffed() && strings.TrimSpace(to.Person()) == "":
		return fmt.Errorf("hand over %s: %w: a person needs a name", s.Address, ErrBad)
	case to.Staffed() && !wrapUp, owner == OwnerBot: // whoever writes takes over; giving back is always possible
		return nil
	case wrapUp && s.Person() == to.Person(), owner == OwnerClosed && s.Staffed():
		return nil
	case owner == OwnerQueued && (s.Waiting() || s.Staffed()):
		return nil
	}
	return fmt.Errorf("hand over %s: %w: there is no step from %q to %q", s.Address, ErrBad, s.Owner, owner)
}

// TakeOver makes a person the owner of the conversation, whoever has it now,
// and returns the epoch to speak under. It is what a person's own message does;
// a desk that would not talk over a colleague looks at [Desk.State] first.
func TakeOver(ctx context.Context, d Desk, a Address, person string) (epoch int64, err error) {
	for {
		s, err := d.State(ctx, a)
		if err != nil {
			return 0, err
		}
		epoch, err = d.Own(ctx, s, OwnerPerson+person, Reply{})
		if !errors.Is(err, ErrLost) {
			return epoch, err
		}
	}
}
