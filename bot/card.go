package bot

import "strings"

// A Card shows at a glance what was found: an order, a booking. It stands under
// the sentence that tells it, so that who sees no cards misses nothing.
//
// As the Form of a Part it asks for several things at once, where a channel can
// show that: see Message.Forms. What is filled in arrives as one message with
// Values. The Text of its Part says what it is for, and an answer in words is as
// good.
type Card struct {
	Title   string   `json:"title,omitempty"`   // what it is: "주문 1042"
	Rows    []Row    `json:"rows,omitempty"`    // what is known of it, or of a form what is asked for, in order
	Choices []Choice `json:"choices,omitempty"` // what can be picked for it
	ID      string   `json:"id,omitempty"`      // of a form: comes back as Message.Form
	Submit  string   `json:"submit,omitempty"`  // of a form: on its button
}

// A Row is one line of a card, or one field of a form.
type Row struct {
	Label    string   `json:"label"`
	Value    string   `json:"value,omitempty"`    // of a field: filled in already
	Name     string   `json:"name,omitempty"`     // of a field: names its value in Message.Values
	Kind     string   `json:"kind,omitempty"`     // of a field: FieldText, FieldEmail, FieldNumber, FieldDate or FieldChoice
	Required bool     `json:"required,omitempty"` // of a field
	Hint     string   `json:"hint,omitempty"`     // of a field: where it is found, how it is written
	Error    string   `json:"error,omitempty"`    // of a field: why what was filled in could not be taken
	Choices  []Choice `json:"choices,omitempty"`  // of a FieldChoice; the ID is the value
}

// What a field takes. One of any other kind is for text.
const (
	FieldText   = "text"
	FieldEmail  = "email"
	FieldNumber = "number"
	FieldDate   = "date" // filled in as 2006-01-02
	FieldChoice = "choice"
)

// Shown is everything the part shows, as text with the small Markdown of Onki:
// what it says, then its cards. Channels that have no cards show it instead.
func (p Part) Shown() string {
	var b strings.Builder
	b.WriteString(p.Text)
	for _, c := range p.Cards {
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString("**" + plainCell(c.Title) + "**")
		for _, r := range c.Rows {
			b.WriteString("\n- " + plainCell(r.Label) + ": " + plainCell(r.Value))
		}
	}
	return b.String()
}

// plainCell keeps a value of a card, which may be from anywhere, on its line and
// from being read as Markdown for emphasis.
func plainCell(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "**", "")
}
