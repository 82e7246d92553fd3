package terminal

import (
	"strings"
	"testing"

	"github.com/onkihq/onki/bot"
)

func TestPrintCard(t *testing.T) {
	var b strings.Builder
	e := bot.Entry{Reply: bot.Reply{Parts: []bot.Part{{
		Text:    "배송 중입니다.",
		Cards:   []bot.Card{{Title: "주문 1042", Rows: []bot.Row{{Label: "상품", Value: "의자\n둘"}}, Choices: []bot.Choice{{Label: "주문 열기", URL: "https://shop.example/o"}}}},
		Choices: []bot.Choice{{ID: "wait", Label: "기다리기", Note: "도착하면 알려 드립니다"}},
	}}}}
	if err := Print(&b, e, Style{}); err != nil {
		t.Fatal(err)
	}
	want := `  배송 중입니다.
  │ 주문 1042
  │   상품: 의자 둘
  │   주문 열기: https://shop.example/o
  [1] 기다리기
      도착하면 알려 드립니다

`
	if b.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", b.String(), want)
	}
}
