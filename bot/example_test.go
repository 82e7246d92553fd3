package bot_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/onkihq/onki/bot"
)

// letters is a channel of three methods: what came in the post this morning,
// and where the answers go.
type letters []string

func (l letters) Name() string { return "post" }

func (l letters) Listen(ctx context.Context, deliver func(context.Context, bot.Message) error) error {
	for i, text := range l {
		m := bot.Message{ID: fmt.Sprint("letter ", i+1), From: bot.Address{Channel: "post", Thread: "mina"}, Text: text}
		if err := deliver(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (l letters) Send(_ context.Context, r bot.Reply) error {
	fmt.Println(r.Text())
	return nil
}

// A bot is channels and a flow. Everything else has a default.
func Example() {
	hear := bot.Stage{Name: "acknowledge", Doc: "Names what happened before anything else.", Run: func(_ context.Context, t *bot.Turn) error {
		if strings.Contains(t.Message.Text, "third time") {
			t.Say(bot.Part{Stage: "acknowledge", Text: "Writing a third time about the same parcel is two times too many."})
		}
		return nil
	}}
	help := bot.Stage{Name: "guide", Doc: "Says the next step.", Run: func(_ context.Context, t *bot.Turn) error {
		t.Say(bot.Part{Stage: "guide", Text: "It is on the van and will be with you by six this evening."})
		return nil
	}}
	e := &bot.Engine{
		Channels: []bot.Channel{letters{"This is the third time I ask. Where is my parcel?"}},
		Flow:     bot.Flow{hear, help},
	}
	if err := e.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Writing a third time about the same parcel is two times too many.
	//
	// It is on the van and will be with you by six this evening.
}
