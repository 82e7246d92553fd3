package bot

import (
	"fmt"
	"slices"
)

// An Emotion is one feeling and how strongly it is present, 0..1.
type Emotion struct {
	Name     string  `json:"name"`     // one of the care emotions, such as "anger" or "anxiety"
	Strength float64 `json:"strength"` // 0 absent, 1 as strong as words can say
}

// A Span is a piece of evidence: the part of the message, or the behaviour,
// that spoke for a feeling.
type Span struct {
	Start int     `json:"start"`           // byte offset into Message.Text; -1 for evidence outside the text
	End   int     `json:"end"`             // byte offset after the last byte
	Text  string  `json:"text"`            // the words themselves, or what was seen
	Kind  string  `json:"kind"`            // which evidence: "word", "emoji", "mark", "intensifier", "model", "history" …
	Says  string  `json:"says,omitempty"`  // the emotion or fact it speaks for
	Value float64 `json:"value,omitempty"` // how much it counted, −1..1
}

// Risk is how much danger to a person a message speaks of. It comes before
// everything else.
type Risk int

// The risk tiers, after the VERA-MH rubric and Korea's 보고·듣고·말하기 programme.
const (
	R0 Risk = iota // none
	R1             // deep distress, hopelessness or being a burden, without words of death; or a doubt whether somebody is in danger
	R2             // possible thoughts of suicide, also coded, indirect or about somebody else; harm that is serious but not this minute
	R3             // plan, means, time or an ongoing act; any life-threatening emergency
)

// String returns the tier as R0 to R3.
func (r Risk) String() string { return fmt.Sprintf("R%d", int(r)) }

// MarshalText writes the tier as R0 to R3, so that a journal can be read.
func (r Risk) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads R0 to R3.
func (r *Risk) UnmarshalText(text []byte) error {
	for t := R0; t <= R3; t++ {
		if t.String() == string(text) {
			*r = t
			return nil
		}
	}
	return fmt.Errorf("risk %q: want R0, R1, R2 or R3", text)
}

// A Reading is what was recognized in one message. Mixed feelings are normal,
// so it is a list, never one label.
type Reading struct {
	Emotions   []Emotion `json:"emotions"`         // strongest first; never empty after recognition
	Valence    float64   `json:"valence"`          // −1 unpleasant .. 1 pleasant
	Arousal    float64   `json:"arousal"`          // 0 calm .. 1 stirred
	Intensity  float64   `json:"intensity"`        // 0..1; below .35 low, from .65 high
	Confidence float64   `json:"confidence"`       // 0..1, calibrated: of readings with .8, four in five are right
	Evidence   []Span    `json:"evidence"`         // what said so
	Risk       Risk      `json:"risk"`             // danger to a person
	Danger     string    `json:"danger,omitempty"` // what the risk is of: self, other, medical, child, fire, violence or threat; "" with R0 or when it is not known
	Flags      []string  `json:"flags,omitempty"`  // sarcasm, false_calm, mixed, cooperation, abuse, new_grievance, thanks, closing …
	Lang       string    `json:"lang,omitempty"`   // "ko" or "en": the language of the message
}

// Top returns the strongest emotion, or "neutral" when nothing was recognized.
func (r Reading) Top() string {
	if len(r.Emotions) == 0 {
		return "neutral"
	}
	return r.Emotions[0].Name
}

// Strength returns how strongly the named emotion is present, 0..1.
func (r Reading) Strength(name string) float64 {
	for _, e := range r.Emotions {
		if e.Name == name {
			return e.Strength
		}
	}
	return 0
}

// Has reports whether the reading carries the flag.
func (r Reading) Has(flag string) bool {
	return slices.Contains(r.Flags, flag)
}
