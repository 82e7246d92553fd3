package web

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/onkihq/onki/bot"
)

// What was filled in reaches the flow as one message, and what a reply shows
// reaches the browser.
func TestFormsAndCards(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	call := messageCall{CID: "cid-form1", Kind: "form", Form: "swap.what", Values: map[string]string{"order": "10\u200b42"}, Text: "Order: 1042", Forms: true}
	h.want(202, "POST", "/v1/messages", s.Token, call, nil, nil)
	events, err := h.ledger.Events(context.Background(), address(s.Thread), 0, 1)
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	if m := events[0].Message; m.Form != "swap.what" || m.Values["order"] != "1042" || m.Text != "Order: 1042" || !m.Forms {
		t.Errorf("received %+v", m)
	}
	r := bot.Reply{Parts: []bot.Part{{
		Text:    "On its way.",
		Cards:   []bot.Card{{Title: "Order 1042", Rows: []bot.Row{{Label: "Item", Value: "chair"}}, Choices: []bot.Choice{{Label: "Open", URL: "https://shop.example"}}}},
		Form:    &bot.Card{ID: "swap.what", Submit: "Send", Rows: []bot.Row{{Name: "order", Label: "Order number", Kind: bot.FieldText, Required: true}}},
		Choices: []bot.Choice{{ID: "wait", Label: "Wait", Note: "not long"}},
	}}}
	var e event
	h.wireReply(&r, nil, &e)
	got, err := json.Marshal(e.Parts)
	want := `[{"text":"On its way.","cards":[{"title":"Order 1042","rows":[{"label":"Item","value":"chair"}],"choices":[{"label":"Open","url":"https://shop.example"}]}],` +
		`"form":{"rows":[{"label":"Order number","name":"order","kind":"text","required":true}],"id":"swap.what","submit":"Send"},"choices":[{"id":"wait","label":"Wait","note":"not long"}]}]`
	if err != nil || string(got) != want {
		t.Errorf("the browser gets\n%s, %v, want\n%s", got, err, want)
	}
}

func TestMalformedForms(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	many := make([]string, 0, 40)
	for i := range 40 {
		many = append(many, `"f`+strings.Repeat("x", i)+`":"v"`)
	}
	for name, body := range map[string]string{
		"no form":       `"values":{"a":"b"},"text":"a: b"`,
		"no values":     `"form":"f","text":"a: b"`,
		"no words":      `"form":"f","values":{"a":"b"}`,
		"a long name":   `"form":"` + strings.Repeat("f", 101) + `","values":{"a":"b"},"text":"a: b"`,
		"many fields":   `"form":"f","values":{` + strings.Join(many, ",") + `},"text":"a: b"`,
		"no text value": `"form":"f","values":{"a":5},"text":"a: b"`,
	} {
		if resp, text := h.do("POST", "/v1/messages", s.Token, `{"cid":"cid-00001","kind":"form",`+body+`}`, nil); resp.StatusCode != 400 {
			t.Errorf("%s: %d %s", name, resp.StatusCode, text)
		}
	}
}
