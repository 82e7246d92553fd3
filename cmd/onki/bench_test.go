package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// BenchmarkTurn is one whole turn of the example shop, without a language
// model and without a disk: hear, decide, search, word, guard.
func BenchmarkTurn(b *testing.B) {
	ctx := context.Background()
	shop, err := openBrand(ctx, "shop")
	if err != nil {
		b.Fatal(err)
	}
	texts := []string{"내일이 딸 생일인데 선물이 아직도 안 왔어요 ㅠㅠ", "How long does a refund take?", "두 번 결제됐어요. 월세 내야 하는데 어떡하죠", "this is the third time I'm writing!!"}
	engine := &bot.Engine{Flow: shop.care.Flow(), Rescue: shop.care.Rescue()}
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m := bot.Message{ID: fmt.Sprint(i), From: bot.Address{Channel: "bench", Thread: fmt.Sprint(i)}, Text: texts[i%len(texts)], Time: now}
		w := &bot.Work{Address: m.From, Messages: []bot.Message{m}}
		engine.Answer(ctx, w)
		if w.Entry.Failure != "" {
			b.Fatal(w.Entry.Failure)
		}
	}
}
