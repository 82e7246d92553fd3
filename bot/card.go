package bot

import "strings"

// A Card shows at a glance what was found: an order, a booking. It stands under
// the sentence that tells it, so that who sees no cards misses nothing.
type Card struct {
	Title   string   `json:"title"`             // what it is: "주문 1042"
	Rows    []Row    `json:"rows,omitempty"`    // what is known of it, in order
	Choices []Choice `json:"choices,omitempty"` // what can be picked for it
}

// A Row is one line of a card.
type Row struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// A Form asks for several things at once, where a channel can show it: see
// Message.Forms. What is filled in arrives as one message with Values. The Text
// of its Part asks for the first of them, for who answers in words.
type Form struct {
	ID     string  `json:"id"` // comes back as Message.Form
	Submit string  `json:"submit"`
	Fields []Field `json:"fields"`
}

// What a Field takes. A field of any other kind is one for text.
const (
	FieldText   = "text"
	FieldEmail  = "email"
	FieldNumber = "number"
	FieldDate   = "date" // filled in as 2006-01-02
	FieldChoice = "choice"
)

// A Field is one thing that a form asks for.
type Field struct {
	Name     string   `json:"name"` // of its value
	Label    string   `json:"label"`
	Kind     string   `json:"kind"` // FieldText, FieldEmail, FieldNumber, FieldDate or FieldChoice
	Required bool     `json:"required,omitempty"`
	Hint     string   `json:"hint,omitempty"`    // where it is found, how it is written
	Value    string   `json:"value,omitempty"`   // filled in already
	Error    string   `json:"error,omitempty"`   // why what was filled in could not be taken
	Choices  []Choice `json:"choices,omitempty"` // of a FieldChoice; the ID is the value
}

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
