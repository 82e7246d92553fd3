package telegram

import (
	"strings"
	"testing"

	"github.com/onkihq/onki/bot"
)

// A card is written under its sentence; what can be picked for it stands below
// with the other choices.
func TestCard(t *testing.T) {
	w := newWire(t)
	c := w.open(t, func(o *Options) { webhook(o); o.Links = []string{"shop.example"} })
	r := say("r1", place{chat: 7}, "배송 중입니다.")
	r.Parts[0].Cards = []bot.Card{{Title: "주문 1042", Rows: []bot.Row{{Label: "상품", Value: "의자 **!** https://evil.example/x"}}, Choices: []bot.Choice{{Label: "주문 열기", URL: "https://shop.example/o"}}}}
	r.Parts[0].Choices = []bot.Choice{{ID: "wait", Label: "기다릴게요", Note: "도착하면 알려 드립니다"}}
	if err := c.Send(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	got := w.last(7)
	if want := "배송 중입니다.\n\n주문 1042\n• 상품: 의자 ! https://evil.example/x\n• 기다릴게요: 도착하면 알려 드립니다"; got.text != want {
		t.Errorf("written as\n%s\nwant\n%s", got.text, want)
	}
	var labels []string
	for _, row := range got.buttons.InlineKeyboard {
		for _, b := range row {
			labels = append(labels, b.Text+b.URL)
		}
	}
	if strings.Join(labels, " ") != "기다릴게요 주문 열기https://shop.example/o" {
		t.Errorf("buttons %v", labels)
	}
	for _, e := range got.entities {
		if e.Type == "text_link" {
			t.Errorf("a look-up made a link to %s", e.URL)
		}
	}
}
