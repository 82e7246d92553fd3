package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/edge"
)

// ear is a deliver that keeps what it accepts.
type ear struct {
	mu     sync.Mutex
	heard  []bot.Message
	refuse int
	slow   time.Duration
}

func (e *ear) deliver(ctx context.Context, m bot.Message) error {
	e.mu.Lock()
	slow := e.slow
	if e.refuse > 0 {
		e.refuse--
		e.mu.Unlock()
		return errors.New("busy")
	}
	e.mu.Unlock()
	if slow > 0 && !edge.Sleep(ctx, slow) {
		return ctx.Err()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, m)
	return nil
}

func (e *ear) all() []bot.Message {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]bot.Message(nil), e.heard...)
}

// ids are the different messages heard.
func (e *ear) ids() map[string]bot.Message {
	out := make(map[string]bot.Message)
	for _, m := range e.all() {
		out[m.ID] = m
	}
	return out
}

// listen starts a channel and ends it with the test.
func listen(t *testing.T, c *Channel, deliver func(context.Context, bot.Message) error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- c.Listen(ctx, deliver) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-over:
			if err != nil {
				t.Errorf("Listen: %v", err)
			}
		case <-time.After(5 * time.Second):
			t.Error("Listen does not end")
		}
	})
	until(t, "listening", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.in.Listening()
	})
}

// hear sets up a channel behind the Events API.
func hear(t *testing.T, change func(*Options)) (*wire, *Channel, *ear) {
	w := newWire(t)
	o := w.options()
	o.AppToken = ""
	if change != nil {
		change(&o)
	}
	c, e := w.channel(o), &ear{}
	listen(t, c, e.deliver)
	return w, c, e
}

// in is a message in a channel.
func in(channel, ts, thread, user, text string) map[string]any {
	e := map[string]any{"type": "message", "channel": channel, "channel_type": "channel", "user": user, "team": "T1", "ts": ts, "text": text}
	if thread != "" {
		e["thread_ts"] = thread
	}
	return e
}

func with(e map[string]any, pairs ...any) map[string]any {
	out := make(map[string]any)
	for k, v := range e {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

func (w *wire) must(t *testing.T, e map[string]any) {
	t.Helper()
	if code := w.post("application/json", marshal(wrap("Ev", e))); code != 200 {
		t.Fatalf("status %d for %v", code, e)
	}
}

func TestOneGestureIsOneMessage(t *testing.T) {
	said := in("C1", "1700000000.000100", "", "U1", "<@UBOT> 도와주세요")
	msg := with(said, "client_msg_id", "cm-1")
	mention := with(said, "type", "app_mention", "channel_type", "")
	phantom := with(msg, "ts", "1700000000.000200")
	phantomMention := with(mention, "ts", "1700000000.000200")
	for name, order := range map[string][]map[string]any{
		"message first":                      {msg, mention},
		"twice":                              {msg, msg, mention, mention},
		"another timestamp":                  {msg, mention, phantom, phantomMention},
		"another timestamp, mention at last": {phantomMention, phantom, mention, msg},
	} {
		t.Run(name, func(t *testing.T) {
			w, _, e := hear(t, nil)
			var all sync.WaitGroup
			for _, ev := range order {
				all.Go(func() { w.must(t, ev) })
			}
			all.Wait()
			if ids := e.ids(); len(ids) != 1 || ids["T1/C1/cm-1"].Text != "도와주세요" {
				t.Fatalf("heard %v; want one message", ids)
			}
			if got := len(e.all()); got != len(order) {
				t.Fatalf("%d of %d events were delivered: a repeat must reach the ledger, which alone knows", got, len(order))
			}
		})
	}
}

func TestAMentionAloneIsLookedUp(t *testing.T) {
	mention := with(in("C1", "1700000000.000100", "", "U1", "<@UBOT> 네?"), "type", "app_mention")
	t.Run("found", func(t *testing.T) {
		w, _, e := hear(t, nil)
		w.history = append(w.history, message("C1", "1700000000.000100", "cm-9"))
		w.must(t, mention)
		if _, ok := e.ids()["T1/C1/cm-9"]; !ok {
			t.Fatalf("heard %v; want the ID the message event would have", e.ids())
		}
	})
	t.Run("history may not be read", func(t *testing.T) {
		w, _, e := hear(t, nil)
		w.fault = only("conversations.replies", fault{code: "missing_scope"})
		w.must(t, mention)
		if _, ok := e.ids()["T1/C1/1700000000.000100"]; !ok {
			t.Fatalf("heard %v", e.ids())
		}
	})
	t.Run("Slack is in trouble", func(t *testing.T) {
		w, _, e := hear(t, nil)
		w.fault = only("conversations.replies", fault{status: 503})
		if code := w.post("application/json", marshal(wrap("Ev", mention))); code != 503 || len(e.all()) != 0 {
			t.Fatalf("status %d, heard %v; want to be asked again", code, e.ids())
		}
	})
}

func TestOnlyWhatConcernsTheBot(t *testing.T) {
	w, _, e := hear(t, nil)
	root := "1700000000.000100"
	w.must(t, in("C1", "1700000000.000050", "", "U1", "그냥 대화"))
	w.must(t, in("C1", "1700000000.000060", "1700000000.000050", "U1", "스레드 대화"))
	w.must(t, with(in("C1", "1700000000.000070", "", "", "봇입니다 <@UBOT>"), "subtype", "bot_message", "bot_id", "B9"))
	w.must(t, with(in("C1", "1700000000.000080", "", "U9", "<@UBOT> ping"), "bot_id", "B9"))
	w.must(t, with(in("C1", "1700000000.000085", "", "U9", "<@UBOT> ping"), "bot_id", "B9", "type", "app_mention"))
	w.must(t, in("C1", "1700000000.000090", "", botUser, "나 <@UBOT>"))
	w.must(t, with(in("C1", "1700000000.000095", "", "U1", "<@U1> joined <@UBOT>"), "subtype", "channel_join"))
	if len(e.all()) != 0 {
		t.Fatalf("heard %v", e.all())
	}
	w.must(t, in("C1", root, "", "U1", "<@UBOT> 첫 질문"))
	w.must(t, in("C1", "1700000000.000110", root, "U1", "이어지는 말"))
	w.must(t, in("C1", "1700000000.000120", "", "U1", "채널의 다른 말"))
	all := e.all()
	if len(all) != 2 || all[1].Text != "이어지는 말" || all[0].From != all[1].From || all[0].From.Thread != "T1/C1/"+root {
		t.Fatalf("heard %+v", all)
	}
	if all[0].User != "T1/U1" || all[0].Time.UnixMicro() != 1700000000000100 {
		t.Fatalf("user %q, time %v", all[0].User, all[0].Time)
	}
}

func TestThreadsAreKnownAfterARestart(t *testing.T) {
	ledger := &bot.Memory{}
	root := "1700000000.000100"
	err := ledger.Receive(t.Context(), bot.Message{ID: "T1/C1/" + root, From: bot.Address{Channel: Name, Thread: "T1/C1/" + root}, Time: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	w, _, e := hear(t, func(o *Options) { o.Ledger = ledger })
	w.must(t, in("C1", "1700000000.000110", root, "U1", "아직 계신가요"))
	w.must(t, in("C1", "1700000000.000120", "1700000000.000119", "U1", "모르는 스레드"))
	if len(e.all()) != 1 || e.all()[0].Text != "아직 계신가요" {
		t.Fatalf("heard %+v", e.all())
	}
}

func TestEditsAndDeletions(t *testing.T) {
	w, _, e := hear(t, nil)
	said := direct("D1", "1700000000.000100", "U1", "주문 번호 123")
	w.must(t, said)
	change := func(text, at string) map[string]any {
		now := with(said, "text", text)
		if at != "" {
			now["edited"] = map[string]any{"user": "U1", "ts": at}
		}
		return map[string]any{"type": "message", "subtype": "message_changed", "channel": "D1", "channel_type": "im", "ts": "1700000005.000000", "message": now, "previous_message": said}
	}
	w.must(t, change("주문 번호 123", ""))                  // a link preview
	w.must(t, change("주문 번호 124", "1700000004.000000")) // a correction
	w.must(t, change("주문 번호 124", "1700000004.000000"))
	w.must(t, map[string]any{"type": "message", "subtype": "message_deleted", "channel": "D1", "channel_type": "im", "ts": "1700000006.0", "deleted_ts": "1700000000.000100", "previous_message": said})
	id := "T1/D1/cm-1700000000.000100"
	ids := e.ids()
	if len(ids) != 2 || ids[id].Text != "주문 번호 123" {
		t.Fatalf("heard %v", ids)
	}
	fixed := ids[id+"/edit/1700000004.000000"]
	if fixed.Text != "주문 번호 124" || fixed.Context["corrects"] != id || fixed.From != ids[id].From || fixed.Time.Unix() != 1700000004 {
		t.Fatalf("correction %+v", fixed)
	}
}

func TestDirectMessages(t *testing.T) {
	for _, flat := range []bool{false, true} {
		w, _, e := hear(t, func(o *Options) { o.Flat = flat })
		w.must(t, direct("D1", "1700000000.000100", "U1", "하나"))
		w.must(t, direct("D1", "1700000000.000200", "U1", "둘"))
		w.must(t, with(direct("D1", "1700000000.000300", "U1", "셋"), "thread_ts", "1700000000.000100"))
		all := e.all()
		if len(all) != 3 {
			t.Fatalf("heard %v", all)
		}
		one, two, three := all[0].From.Thread, all[1].From.Thread, all[2].From.Thread
		if flat && (one != "T1/D1" || two != one || three != one) || !flat && (one == two || one != three) {
			t.Errorf("flat %v: %s %s %s", flat, one, two, three)
		}
	}
}

func TestSlackConnectAndOrganisations(t *testing.T) {
	w := newWire(t)
	asked := make(map[string]int)
	var mu sync.Mutex
	o := w.options()
	o.AppToken, o.BotToken = "", ""
	o.Lookup = func(_ context.Context, team, enterprise string) (Workspace, error) {
		mu.Lock()
		defer mu.Unlock()
		asked[team+"|"+enterprise]++
		if team == "T9" {
			return Workspace{}, fmt.Errorf("T9: %w", bot.ErrGone)
		}
		return Workspace{Token: "xoxb-" + team + enterprise, User: "UHERE"}, nil
	}
	c, e := w.channel(o), &ear{}
	listen(t, c, e.deliver)
	send := func(auth, ev map[string]any) {
		t.Helper()
		body := wrap("Ev", ev)
		body["team_id"], body["authorizations"], body["is_ext_shared_channel"] = "T7", []any{auth}, true
		if code := w.post("application/json", marshal(body)); code != 200 {
			t.Fatalf("status %d", code)
		}
	}
	send(map[string]any{"team_id": "T1"}, with(in("C1", "1700000000.000100", "", "U7", "<@UHERE> 외부에서"), "user_team", "T7"))
	send(map[string]any{"team_id": "T1", "enterprise_id": "E1", "is_enterprise_install": true}, in("C2", "1700000000.000200", "", "U1", "<@UHERE> 조직에서"))
	send(map[string]any{"team_id": "T9"}, in("C3", "1700000000.000300", "", "U1", "<@UHERE> 지워진 곳에서"))
	all := e.all()
	if len(all) != 2 || all[0].From.Thread != "T1/C1/1700000000.000100" || all[0].User != "T7/U7" || all[1].From.Thread != "E1/C2/1700000000.000200" {
		t.Fatalf("heard %+v", all)
	}
	for _, m := range all {
		if err := c.Send(t.Context(), bot.Reply{ID: "r" + m.ID, To: m.From, Parts: []bot.Part{{Text: "네"}}}); err != nil {
			t.Fatal(err)
		}
	}
	posts := w.find("chat.postMessage")
	if len(posts) != 2 || posts[0].Get("token") != "xoxb-T1" || posts[1].Get("token") != "xoxb-E1" {
		t.Fatalf("posted with %v", posts)
	}
	if asked["T1|"] != 1 || asked["|E1"] != 1 {
		t.Errorf("looked up %v", asked)
	}
}

func TestFiles(t *testing.T) {
	w, _, e := hear(t, nil)
	w.must(t, with(direct("D1", "1700000000.000100", "U1", ""), "subtype", "file_share", "files", []any{
		map[string]any{"id": "F1", "name": "영수증.pdf", "mimetype": "application/pdf", "size": 1234, "url_private": "https://files.slack.com/x"},
		map[string]any{"id": "F2", "file_access": "check_file_info"},
	}))
	f := e.all()[0].Files
	if len(f) != 2 || f[0] != (bot.File{Name: "영수증.pdf", Type: "application/pdf", Size: 1234, URL: "https://files.slack.com/x"}) || f[1].Name == "" {
		t.Fatalf("files %+v", f)
	}
	if len(w.find("files.info")) != 1 {
		t.Error("a file of Slack Connect was not asked for")
	}
}

func TestAPersonFromTheFirstSecond(t *testing.T) {
	w, _, e := hear(t, nil)
	w.must(t, map[string]any{"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "messages"})
	until(t, "prompts are offered", func() bool { return len(w.find("assistant.threads.setSuggestedPrompts")) == 1 })
	var prompts []prompt
	if err := json.Unmarshal([]byte(w.find("assistant.threads.setSuggestedPrompts")[0].Get("prompts")), &prompts); err != nil || len(prompts) != 1 {
		t.Fatalf("prompts %v %v", prompts, err)
	}
	w.must(t, direct("D1", "1700000000.000100", "U1", prompts[0].Message))
	if m := e.all()[0]; m.Choice != bot.ChoiceHuman || m.Lang != "ko" {
		t.Fatalf("heard %+v", m)
	}
}

func TestStrangeEventsHarmNothing(t *testing.T) {
	w, _, e := hear(t, nil)
	deep := strings.Repeat(`{"elements":[`, 1000) + strings.Repeat(`]}`, 1000)
	for _, body := range []string{
		`{}`, `[]`, `null`, `"x"`, `{`, `{"type":"event_callback"}`, `{"type":"event_callback","team_id":"T1","event":null}`,
		`{"type":"event_callback","team_id":"T1","event":{"type":"message"}}`, `{"type":"event_callback","event":{"type":"message","user":"U1","channel":"D1","ts":"1.2"}}`,
		`{"type":"event_callback","team_id":"T1","event":{"type":"team_join","user":{"id":"U1"}}}`, `{"type":"app_rate_limited","team_id":"T1","minute_rate_limited":1}`,
		`{"type":"event_callback","team_id":"T1","event":{"type":"message","user":"U1","channel":"D1","channel_type":"im","ts":"x","text":"no time"}}`,
		`{"type":"event_callback","team_id":"T1","event":{"type":"message","user":"U1","channel":"D1","channel_type":"im","ts":"1700000000.1","text":"deep","blocks":[` + deep + `]}}`,
		`{"type":"event_callback","team_id":"T1","event":{"type":"message","user":"U1","channel":"D1","channel_type":"im","ts":"1700000000.2","text":"` + strings.Repeat("가", 35_000) + `"}}`,
		`{"type":"event_callback","team_id":"T1","event":{"type":"message","subtype":"message_changed","channel":"D1"}}`,
		`{"type":"event_callback","team_id":"T1","event":{"type":"message","subtype":"message_changed","channel":"D1","message":{"edited":{"ts":"1"}},"previous_message":null}}`,
	} {
		if code := w.post("application/json", []byte(body)); code != 200 {
			t.Errorf("status %d for %.200s", code, body)
		}
	}
	for _, m := range e.all() {
		if m.Time.IsZero() || m.From.Thread == "" || m.Check() != nil && m.Text != "no time" {
			t.Errorf("heard %.200v", m)
		}
	}
	if len(e.ids()) < 3 {
		t.Errorf("heard %d", len(e.ids()))
	}
}

func FuzzTake(f *testing.F) {
	f.Add(marshal(wrap("Ev", direct("D1", "1700000000.000100", "U1", "안녕"))))
	f.Add(marshal(wrap("Ev", with(in("C1", "1700000000.000100", "", "U1", "<@UBOT> x"), "client_msg_id", "c"))))
	f.Add([]byte(`{"type":"event_callback","team_id":"T1","authorizations":[{"user_id":"UBOT","is_bot":true,"team_id":"T1"}],"event":{"type":"message","subtype":"message_changed","channel":"D1","message":{"user":"U1","edited":{"ts":"1"}}}}`))
	f.Add([]byte(`{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1"},"channel":{"id":"C1"},"message":{"ts":"1"},"actions":[{"action_id":"p0.0","value":"x"}]}`))
	server := httptest.NewServer(nil)
	f.Cleanup(server.Close)
	c, err := New(Options{BotToken: "xoxb-x", SigningSecrets: []string{"s"}, APIURL: server.URL})
	if err != nil {
		f.Fatal(err)
	}
	c.pace.twin = 0
	c.homes.at("").home = &home{api: c.client("xoxb-x"), user: botUser}
	c.in.Open(func(_ context.Context, m bot.Message) error {
		bot.Clean(m, time.Now())
		return m.Check()
	})
	f.Fuzz(func(t *testing.T, payload []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = c.take(ctx, payload)
		_ = c.interact(ctx, payload)
		c.in.Wait()
	})
}
