package slack_test

import (
	"fmt"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/desk"
	"github.com/onkihq/onki/channels/slack"
)

// An app in one workspace, over Socket Mode, with a staff desk.
func Example() {
	ledger, hints := &bot.Memory{}, &bot.LocalHints{}
	c, err := slack.New(slack.Options{BotToken: "xoxb-…", AppToken: "xapp-…", Ledger: ledger, Links: []string{"shop.example"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	core, err := desk.New(desk.Options{Ledger: ledger, Hints: hints})
	if err != nil {
		fmt.Println(err)
		return
	}
	staff, err := slack.NewDesk(c, slack.DeskOptions{Channel: "C0123456789", Desk: core})
	if err != nil {
		fmt.Println(err)
		return
	}
	engine := bot.Engine{Channels: []bot.Channel{c}, Ledger: ledger, Hints: hints}
	_, _ = staff.Run, engine.Run // each until its context ends
	fmt.Println(c.Name())
	// Output: slack
}

func ExampleManifestURL() {
	link := slack.ManifestURL("https://care.example/slack", false)
	fmt.Println(strings.HasPrefix(link, "https://api.slack.com/apps?new_app=1&manifest_json=%7B"))
	// Output: true
}

func ExampleMrkdwn() {
	fmt.Printf("%q\n", slack.Mrkdwn("**환불**은 <!channel> [여기](https://shop.example/r)", "shop.example"))
	// Output: "*환불*\u200b은 &lt;!channel&gt; <https://shop.example/r|여기>"
}
