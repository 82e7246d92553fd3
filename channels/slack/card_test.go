package slack

import (
	"strings"
	"testing"

	"github.com/onkihq/onki/bot"
)

// What a brand's system says is shown in two columns as plain text, and told in
// the fall-back as well.
func TestCard(t *testing.T) {
	c, err := New(Options{BotToken: "xoxb-x", SigningSecrets: []string{"s"}, Links: []string{"shop.example"}})
	if err != nil {
		t.Fatal(err)
	}
	part := bot.Part{Text: "배송 중입니다.", Cards: []bot.Card{{
		Title:   "주문 1042",
		Rows:    []bot.Row{{Label: "상품", Value: "<!channel> *의자* https://evil.example/x"}, {Label: "도착 예정일", Value: "3월 6일"}},
		Choices: []bot.Choice{{Label: "주문 열기", URL: "https://shop.example/o"}, {Label: "밖", URL: "https://evil.example"}},
	}}, Choices: []bot.Choice{{ID: "wait", Label: "기다릴게요", Note: "도착하면 알려 드립니다"}}}
	pages := c.render(bot.Reply{ID: "r", Lang: "ko", To: place{team: "T1", channel: "C1"}.address(), Parts: []bot.Part{part}})
	if len(pages) != 1 {
		t.Fatalf("%d messages", len(pages))
	}
	text := string(marshal(pages[0].blocks))
	for _, want := range []string{`"fields":[{"type":"plain_text","text":"상품\n\u003c!channel\u003e *의자*`, `"url":"https://shop.example/o"`, `"text":": 도착하면 알려 드립니다"`, `"value":"wait"`, `"text":"주문 1042"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if strings.Contains(text, `"url":"https://evil.example"`) {
		t.Error("a card leads to a host that is not the brand's")
	}
	for _, want := range []string{"배송 중입니다.", "주문 1042", "도착 예정일: 3월 6일"} {
		if !strings.Contains(pages[0].text, want) {
			t.Errorf("the fall-back %q lacks %q", pages[0].text, want)
		}
	}
	if strings.Contains(pages[0].text, "<!channel>") {
		t.Errorf("the fall-back calls everybody: %q", pages[0].text)
	}
}
