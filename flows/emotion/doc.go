// Package emotion is the embedded recognizer: it reads what a customer feels
// from several kinds of evidence and says how sure it is.
//
// Four channels are fused (care model 3.2): the trained model of package model
// together with the feeling words of package cues (L), facts that raise a
// feeling although no feeling word is said (X; appraisal theory, Scherer 2001,
// Smith & Ellsworth 1985), style (S: marks, emoji, stretching, swear words) and
// the history of the conversation (H). Feelings are mixed more often than not,
// so a Reading is a distribution over seventeen care emotions.
//
// [Recognizer.Recognize] reads one message; [Follow] says where the feeling is
// going over a conversation.
package emotion

// The care emotions, in the order of every table in this package. The order is
// that of the trained model's label file; a test holds the two together.
const (
	anger = iota
	frustration
	disappointment
	distrust
	incredulity
	anxiety
	panicked
	confusion
	grief
	shame
	helplessness
	expectation
	gratitude
	joy
	relief
	amusement
	neutral
	labels // how many there are
)

// kind is one care emotion: its name, its coarse group and its place in the
// space of valence, arousal and dominance.
type kind struct {
	name, group string
	v, a        float64
}

// kinds are the care emotions with their groups and priors (care model 3.1;
// the priors are set by hand in the manner of ANEW, Bradley & Lang 1999).
var kinds = [labels]kind{
	{"anger", "complaint", -.8, .85},
	{"frustration", "complaint", -.6, .65},
	{"disappointment", "complaint", -.65, .4},
	{"distrust", "complaint", -.55, .5},
	{"incredulity", "complaint", -.65, .65},
	{"anxiety", "confusion", -.6, .7},
	{"panic", "vulnerable", -.85, .95},
	{"confusion", "confusion", -.3, .5},
	{"grief", "vulnerable", -.85, .3},
	{"shame", "vulnerable", -.6, .45},
	{"helplessness", "vulnerable", -.7, .25},
	{"expectation", "expectation", 0, .45},
	{"gratitude", "positive", .75, .35},
	{"joy", "positive", .85, .65},
	{"relief", "positive", .65, .2},
	{"amusement", "positive", .6, .55},
	{"neutral", "neutral", 0, .2},
}

// index gives the place of a care emotion by its name.
var index = func() map[string]int {
	m := make(map[string]int, labels)
	for i, k := range kinds {
		m[k.name] = i
	}
	return m
}()

func negative(e int) bool { return e <= helplessness }
func positive(e int) bool { return e >= gratitude && e <= amusement }

// Group returns the coarse group of a care emotion: complaint, confusion,
// expectation, vulnerable, positive or neutral; "" for any other name.
func Group(name string) string {
	if i, ok := index[name]; ok {
		return kinds[i].group
	}
	return ""
}
