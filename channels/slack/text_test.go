package slack

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"github.com/onkihq/onki/bot"
)

func TestPlain(t *testing.T) {
	sob := []byte(`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x"},{"type":"emoji","name":"sob","unicode":"1f62d"},{"type":"emoji","name":"+1","unicode":"1f44d-1f3fb"}]}]}]`)
	for in, want := range map[string]string{
		"<@UBOT> 배송이 안 와요":                          "배송이 안 와요",
		"안녕 <@U2|minji> 님 <@U3>":                    "안녕 @minji 님 @U3",
		"<#C1|general> <!here> <!channel|@channel>": "#general @here @channel",
		"<!subteam^S1|@care> <!subteam^S2>":         "@care @S2",
		"<!date^1392734382^{date}|2월 18일>":          "2월 18일",
		"<https://shop.example/a?b=1&amp;c=2>":      "https://shop.example/a?b=1&c=2",
		"<https://shop.example|주문 보기>":              "주문 보기 (https://shop.example)",
		"<http://shop.example|shop.example>":        "http://shop.example",
		"<mailto:a@b.example|a@b.example>":          "a@b.example",
		"1 &lt; 2 &amp;&amp; 3 &gt; 2":              "1 < 2 && 3 > 2",
		"&amp;lt;":                                  "&lt;",
		"너무해 :sob: :+1::skin-tone-2: 3:30:15":       "너무해 😭 👍🏻 3:30:15",
		":unknown: <> <|x>":                         ":unknown: <> <|x>",
	} {
		if got := plain(in, "UBOT", emojis(sob)); got != want {
			t.Errorf("plain(%q) = %q; want %q", in, got, want)
		}
	}
	for _, bad := range []string{``, `null`, `{"a":1}`, `[{"type":1,"unicode":"x"}]`, `[{"type":"emoji","name":"a","unicode":"ffffffff"}]`, `[{"type":"emoji","name":"a","unicode":"d800"}]`} {
		if got := emojis(json.RawMessage(bad)); len(got) != 0 {
			t.Errorf("emojis(%s) = %v", bad, got)
		}
	}
}

func TestMrkdwn(t *testing.T) {
	for in, want := range map[string]string{
		"**환불**은 **3일**":                         "*환불*\u200b은 *3일*\u200b",
		"- 하나\n- 둘\n1. a\n2) b":                  "• 하나\n• 둘\n1. a\n2. b",
		"[주문](https://shop.example/o?a=1&b)":     "<https://shop.example/o?a=1&amp;b|주문>",
		"https://my.shop.example/x.":             "<https://my.shop.example/x|https://my.shop.example/x>.",
		"[눌러](https://evil.example)":             "눌러 (https://evil.example)",
		"[눌러](javascript:alert(1))":              "[눌러](javascript:alert(1))",
		"[x](https://shop.example@evil.example)": "x (https://shop.example@evil.example)",
		"<!channel> <@U1> &amp;":                 "&lt;!channel&gt; &lt;@U1&gt; &amp;amp;",
		"[a|b](https://shop.example)":            "<https://shop.example|a¦b>",
		"`<b>`":                                  "`&lt;b&gt;`\u200b",
	} {
		if got := Mrkdwn(in, "shop.example"); got != want {
			t.Errorf("Mrkdwn(%q) = %q; want %q", in, got, want)
		}
	}
}

// control is what Slack acts on: an angle bracket that is not one of our links.
var control = regexp.MustCompile(`<(https?://(?:[a-z0-9.-]+\.)?shop\.example[^<>|]*|mailto:[^<>|]*|tel:[^<>|]*)\|[^<>|]*>`)

func FuzzMrkdwn(f *testing.F) {
	for _, s := range []string{
		"<!channel>", "**<@U1>**", "[<!here>](https://shop.example/>)", "[a](https://shop.example|<!channel>)", "&lt;!channel&gt;", "`<!everyone>`",
		"[**a**](mailto:x@y.example|z)", "- **<#C1>**\n1. [x](tel:+82)", "https://shop.example/<!here>", "\xff<!channel\xff>", "[a](HTTPS://shop.example)", "**a\n**b",
		"[a](https://shop.example%00)", "[a](mailto:a@b?subject=<!channel>)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Mrkdwn(text, "shop.example")
		rest := control.ReplaceAllString(strings.ReplaceAll(strings.ReplaceAll(got, "HTTPS", "https"), "HTTP", "http"), "")
		if strings.ContainsAny(rest, "<>") {
			low := control.ReplaceAllString(strings.ToLower(got), "")
			if strings.ContainsAny(low, "<>") {
				t.Fatalf("Mrkdwn(%q) = %q leaves %q", text, got, low)
			}
		}
		for i := range got {
			if got[i] == '&' && !strings.HasPrefix(got[i:], "&amp;") && !strings.HasPrefix(got[i:], "&lt;") && !strings.HasPrefix(got[i:], "&gt;") {
				t.Fatalf("Mrkdwn(%q) = %q has a bare &", text, got)
			}
		}
	})
}

// FuzzRender lays any reply out and checks that Slack would take it and that
// nothing in it means anything but text.
func FuzzRender(f *testing.F) {
	f.Add("안녕하세요 **고객님**", "네", 3)
	f.Add("<!channel>", "<@U1>", 12)
	f.Add(strings.Repeat("가나다 ", 3000), strings.Repeat("👩‍👩‍👧‍👦", 40), 1)
	f.Add(strings.Repeat("- a\n", 2000), "", 120)
	c, err := New(Options{BotToken: "xoxb-x", SigningSecrets: []string{"s"}, Links: []string{"shop.example"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text, label string, n int) {
		r := bot.Reply{ID: "r", Parts: []bot.Part{{Text: text}, {Text: label}}, Lang: "ko"}
		for i := range min(max(n, 0), 150) {
			r.Parts[1].Choices = append(r.Parts[1].Choices, bot.Choice{ID: strings.Repeat("i", i+1), Label: label})
		}
		for _, p := range c.render(r) {
			if len(p.blocks) == 0 || len(p.blocks) > blocksMax {
				t.Fatalf("%d blocks", len(p.blocks))
			}
			if strings.ContainsAny(control.ReplaceAllString(strings.ToLower(p.text), ""), "<>") {
				t.Fatalf("fall-back %q", p.text)
			}
			checkBlocks(t, marshal(p.blocks))
		}
	})
}

// checkBlocks checks the limits Slack documents.
func checkBlocks(t *testing.T, raw []byte) {
	t.Helper()
	var blocks []struct {
		Type     string `json:"type"`
		ID       string `json:"block_id"`
		Elements []struct {
			Type    string `json:"type"`
			Action  string `json:"action_id"`
			Options []struct {
				Value string
				Text  struct{ Text string }
			} `json:"options"`
			Text json.RawMessage `json:"text"`
		} `json:"elements"`
	}
	if err := json.Unmarshal(raw, &blocks); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, b := range blocks {
		switch b.Type {
		case "rich_text", "context":
		case "actions":
			if len(b.Elements) == 0 || len(b.Elements) > rowMax {
				t.Fatalf("%d buttons in a row", len(b.Elements))
			}
		default:
			t.Fatalf("a block of type %q", b.Type)
		}
		if b.ID != "" && seen["block "+b.ID] {
			t.Fatalf("block %q twice", b.ID)
		}
		seen["block "+b.ID] = true
		for _, e := range b.Elements {
			var label struct{ Text string }
			if e.Action != "" && seen[e.Action] {
				t.Fatalf("action %q twice", e.Action)
			}
			seen[e.Action] = true
			if json.Unmarshal(e.Text, &label) == nil && (e.Type == "button" && (label.Text == "" || units(label.Text) > labelMax)) {
				t.Fatalf("label %q", label.Text)
			}
			if len(e.Options) > menuMax {
				t.Fatalf("%d options", len(e.Options))
			}
			for _, o := range e.Options {
				if o.Text.Text == "" || units(o.Text.Text) > labelMax || len(o.Value) > optionMax {
					t.Fatalf("option %+v", o)
				}
			}
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("낱말 하나 둘 셋\n넷 다섯", 5)
	f.Add(strings.Repeat("👩‍👩‍👧‍👦", 10), 12)
	f.Add("e\u0301e\u0301e\u0301 각각각", 3)
	f.Add("**굵은 글씨** [주문 보기](https://shop.example)", 12)
	f.Add("\xff\xfe\xfd", 1)
	f.Fuzz(func(t *testing.T, text string, max int) {
		if max < 2 || max > 4000 {
			max = 2 + (max&0xff+256)%256
		}
		pieces := split(text, max)
		if got := strings.Join(pieces, ""); got != text {
			t.Fatalf("split(%q, %d) joined is %q", text, max, got)
		}
		ends := make(map[int]bool)
		g := uniseg.NewGraphemes(text)
		for g.Next() {
			_, to := g.Positions()
			ends[to] = true
		}
		at := 0
		for i, p := range pieces {
			at += len(p)
			if p == "" && text != "" {
				t.Fatalf("split(%q, %d) has an empty piece", text, max)
			}
			if units(p) > max {
				t.Fatalf("split(%q, %d): %q is too long", text, max, p)
			}
			if i < len(pieces)-1 && !ends[at] && uniseg.GraphemeClusterCount(p) > 1 {
				t.Fatalf("split(%q, %d) cuts a character after %q", text, max, p)
			}
		}
	})
}

func TestLongRepliesBecomePages(t *testing.T) {
	c, err := New(Options{BotToken: "xoxb-x", SigningSecrets: []string{"s"}})
	if err != nil {
		t.Fatal(err)
	}
	pages := c.render(bot.Reply{ID: "r", Parts: []bot.Part{{Text: strings.Repeat("긴 글입니다 ", 5000)}}})
	if len(pages) < 3 {
		t.Fatalf("%d pages; want several", len(pages))
	}
	var all strings.Builder
	for _, p := range pages {
		all.WriteString(visible(&posted{Blocks: marshal(p.blocks)}))
		if p.text == "" || units(string(marshal(p.blocks))) > 4*pageMax {
			t.Fatalf("page of %d units, fall-back %.20q", units(string(marshal(p.blocks))), p.text)
		}
	}
	if n := strings.Count(all.String(), "글입니다"); n != 5000 {
		t.Fatalf("%d of 5000 words are shown", n)
	}
}

func TestManyChoicesBecomeAMenuAndThePersonStaysAButton(t *testing.T) {
	c, err := New(Options{BotToken: "xoxb-x", SigningSecrets: []string{"s"}, Links: []string{"shop.example"}})
	if err != nil {
		t.Fatal(err)
	}
	choices := []bot.Choice{{ID: bot.ChoiceHuman, Label: "상담원 연결"}, {Label: "주문", URL: "https://shop.example/o"}, {Label: "밖", URL: "https://evil.example"}, {ID: "x", Label: " "}}
	for i := range 20 {
		choices = append(choices, bot.Choice{ID: "o" + strings.Repeat("x", i), Label: "선택"})
	}
	text := string(marshal(c.render(bot.Reply{ID: "r", Parts: []bot.Part{{Text: "고르세요", Choices: choices}}})[0].blocks))
	for _, want := range []string{`"static_select"`, `"value":"human"`, `"url":"https://shop.example/o"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if strings.Contains(text, "evil.example") {
		t.Error("a button leads to a host that is not the brand's")
	}
}
