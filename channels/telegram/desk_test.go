package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/desk"
)

const staffGroup = -1001234567890

// office is a staff group with a ledger in which a customer of the web waits.
type office struct {
	t      *testing.T
	w      *wire
	c      *Channel
	d      *Desk
	ledger *bot.Memory
	places memory
	later  time.Duration
	n      int64
}

// memory is a Places that lives as long as the test.
type memory map[string][]any

func (m memory) KeepPlace(_ context.Context, desk, thread string, a bot.Address, seq, epoch int64) error {
	m[desk+a.String()] = []any{thread, a, seq, epoch}
	return nil
}

func (m memory) Places(_ context.Context, desk string, each func(string, bot.Address, int64, int64)) error {
	for k, p := range m {
		if strings.HasPrefix(k, desk) {
			each(p[0].(string), p[1].(bot.Address), p[2].(int64), p[3].(int64))
		}
	}
	return nil
}

func newOffice(t *testing.T, change func(*desk.Options)) *office {
	o := &office{t: t, w: newWire(t), ledger: &bot.Memory{}, places: memory{}, n: 100}
	o.start(change)
	return o
}

// start begins a process.
func (o *office) start(change func(*desk.Options)) {
	o.t.Helper()
	o.c = o.w.open(o.t, webhook)
	listen(o.t, o.c, nil)
	opts := desk.Options{Ledger: o.ledger, Hints: &bot.LocalHints{}, Now: func() time.Time { return time.Now().Add(o.later) }}
	if change != nil {
		change(&opts)
	}
	core, err := desk.New(opts)
	if err != nil {
		o.t.Fatal(err)
	}
	if o.d, err = NewDesk(o.c, DeskOptions{Group: staffGroup, Desk: core, Places: o.places, Poll: time.Millisecond}); err != nil {
		o.t.Fatal(err)
	}
}

func shopper() bot.Address { return bot.Address{Channel: "web", Thread: "w1"} }

// customer writes, and the bot answers; it calls a person when call is set.
func (o *office) customer(text string, call bool) {
	o.t.Helper()
	o.n++
	if err := o.ledger.Receive(o.t.Context(), bot.Message{ID: fmt.Sprint(o.n), From: shopper(), User: "u", Text: text, Time: time.Now()}); err != nil {
		o.t.Fatal(err)
	}
	w, err := o.ledger.Claim(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	(&bot.Engine{Flow: bot.Flow{{Name: "guide", Run: func(_ context.Context, t *bot.Turn) error {
		t.Say(bot.Part{Stage: "guide", Text: "봇의 답"})
		t.After.Case.Noun, t.After.Priority = "딸 생일 선물", bot.Priority{Tier: "P1", Score: 50, Reasons: []string{"time is short"}}
		if call && t.After.Owner == bot.OwnerBot {
			t.After.Owner, t.After.Called = bot.OwnerWaiting, "asked"
		}
		return nil
	}}}}).Answer(o.t.Context(), w)
	if err := o.ledger.Commit(o.t.Context(), w); err != nil {
		o.t.Fatal(err)
	}
	for { // what was said is sent
		d, err := o.ledger.Next(o.t.Context(), "web")
		if err != nil {
			return
		}
		if err := o.ledger.Done(o.t.Context(), d); err != nil {
			o.t.Fatal(err)
		}
	}
}

func (o *office) round() {
	o.t.Helper()
	if err := o.d.round(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

// topic returns the number of the topic made last, and what is written there.
func (o *office) topic() (int, string) {
	o.w.mu.Lock()
	defer o.w.mu.Unlock()
	id, text := 0, ""
	for _, p := range o.w.shown {
		if p.chat == staffGroup && p.topic != 0 {
			id = p.topic
			text += p.text + "\n--\n"
		}
	}
	return id, text
}

// writes lets a member of the staff write in the topic.
func (o *office) writes(user int, name, text string, more ...any) {
	o.t.Helper()
	o.n++
	id, _ := o.topic()
	m := with(group(staffGroup, int(o.n), text), "from", map[string]any{"id": user, "is_bot": false, "first_name": name, "language_code": "ko"},
		"message_thread_id", id, "is_topic_message", true)
	u := update(o.n, "message", with(m, more...))
	for range 2 { // Telegram sends it twice
		if rec := hook(o.c, testSecret, u); rec.Code != http.StatusOK {
			o.t.Fatalf("%q: %d", text, rec.Code)
		}
	}
}

// press presses the newest button with the words, wherever it stands.
func (o *office) press(user int64, name, label string) {
	o.t.Helper()
	o.w.mu.Lock()
	var at *posted
	data := ""
	for _, p := range o.w.shown {
		if p.buttons == nil {
			continue
		}
		for _, row := range p.buttons.InlineKeyboard {
			for _, b := range row {
				if b.Text == label {
					at, data = p, b.CallbackData
				}
			}
		}
	}
	o.w.mu.Unlock()
	if at == nil {
		o.t.Fatalf("no button %q", label)
	}
	o.n++
	q := with(pressed(at, user, data), "from", map[string]any{"id": user, "is_bot": false, "first_name": name, "language_code": "ko"})
	if rec := hook(o.c, testSecret, update(o.n, "callback_query", q)); rec.Code != http.StatusOK {
		o.t.Fatalf("press %q: %d", label, rec.Code)
	}
}

// said are the replies of people, and what the customer was told of them.
func (o *office) said() []string {
	o.t.Helper()
	events, err := o.ledger.Events(o.t.Context(), shopper(), 0, 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	var out []string
	for _, e := range events {
		if e.Kind == "reply" && len(e.Reply.Parts) > 0 && e.Reply.Parts[0].Stage == "person" {
			out = append(out, e.Reply.From+": "+e.Reply.Text())
		}
	}
	return out
}

func (o *office) owner() string {
	o.t.Helper()
	s, err := o.ledger.State(o.t.Context(), shopper())
	if err != nil {
		o.t.Fatal(err)
	}
	return s.Owner
}

func TestATopicForEveryCustomer(t *testing.T) {
	o := newOffice(t, nil)
	o.customer("사람 좀요", true)
	o.round()
	o.round()
	id, text := o.topic()
	made := o.w.made("createForumTopic")
	if len(made) != 1 || made[0].form["name"] != "P1 · 상담 요청 (web)" || made[0].form["chat_id"] != strconv.Itoa(staffGroup) {
		t.Fatalf("topics %+v; want one", made)
	}
	for _, want := range []string{"급한 까닭: 시간이 촉박함", "① 상황: 딸 생일 선물", "⑤ 첫마디로", "고객: 사람 좀요", "봇: 봇의 답"} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is there %d times:\n%s", want, strings.Count(text, want), text)
		}
	}
	if o.owner() != bot.OwnerQueued {
		t.Errorf("owner %s", o.owner())
	}
	o.writes(21, "하늘", "김하늘입니다. 제가 볼게요")
	if got := o.said(); len(got) != 1 || got[0] != "하늘: 김하늘입니다. 제가 볼게요" || o.owner() != "person:하늘" {
		t.Fatalf("said %q, owner %s", got, o.owner())
	}
	o.customer("고맙습니다", false)
	o.round()
	o.round()
	if _, text = o.topic(); strings.Count(text, "고객: 고맙습니다") != 1 || strings.Contains(text, "하늘: 김하늘입니다") {
		t.Fatalf("topic %d:\n%s\nwant the customer's words once, and nobody's own", id, text)
	}
}

func TestWhatStaysInTheGroup(t *testing.T) {
	o := newOffice(t, nil)
	o.customer("사람 좀요", true)
	o.round()
	o.writes(21, "하늘", "// 이분 어제도 오셨어요")
	o.writes(21, "하늘", "점심 뭐 먹죠", "message_thread_id", nil, "is_topic_message", nil)
	o.writes(21, "하늘", "다른 이야기", "message_thread_id", 99999)
	o.writes(21, "봇", "봇입니다", "from", map[string]any{"id": 5, "is_bot": true, "first_name": "봇"})
	id, _ := o.topic()
	o.n++
	hook(o.c, testSecret, update(o.n, "edited_message", with(group(staffGroup, 3, "고침"), "message_thread_id", id, "is_topic_message", true, "edit_date", 1_790_000_001)))
	if got := o.said(); len(got) != 0 || o.owner() != bot.OwnerQueued {
		t.Fatalf("said %q, owner %s", got, o.owner())
	}
}

func TestTheWholeWayInTheGroup(t *testing.T) {
	o := newOffice(t, nil)
	o.customer("사람 좀요", true)
	o.round()
	o.press(21, "하늘", "맡기")
	o.writes(22, "바다", "제가 할게요")
	if got := o.said(); len(got) != 0 {
		t.Fatalf("said %q over a colleague", got)
	}
	if all := strings.Join(o.w.texts(22), "|"); !strings.Contains(all, "지금 하늘 님이 상담하고") {
		t.Fatalf("told in private %q", all)
	}
	o.customer("환불은 언제 되나요", false)
	o.press(21, "하늘", "봇의 초안")
	o.press(21, "하늘", "그대로 보내기")
	if got := o.said(); len(got) != 1 || got[0] != "하늘: 봇의 답" {
		t.Fatalf("said %q; want the draft", got)
	}
	o.press(21, "하늘", "상담 끝내기")
	o.customer("하나만 더요", false)
	o.round()
	if _, text := o.topic(); o.owner() != "person:하늘" || !strings.Contains(text, "고객: 하나만 더요") {
		t.Fatalf("owner %s; want it back with the same person", o.owner())
	}
	o.writes(21, "하늘", "", "text", nil, "forum_topic_closed", map[string]any{})
	o.round()
	o.later = 11 * time.Minute
	o.round()
	o.round()
	if o.owner() != bot.OwnerClosed || len(o.w.made("closeForumTopic")) != 1 {
		t.Fatalf("owner %s, %d topics closed", o.owner(), len(o.w.made("closeForumTopic")))
	}
	o.customer("다시 사람이요", true)
	o.round()
	if len(o.w.made("createForumTopic")) != 1 || len(o.w.made("reopenForumTopic")) != 1 {
		t.Fatalf("%d topics, %d opened again; want the same topic again", len(o.w.made("createForumTopic")), len(o.w.made("reopenForumTopic")))
	}
	o.press(22, "바다", "맡기")
	o.press(22, "바다", "봇에게 돌려주기")
	if got := o.said(); o.owner() != bot.OwnerBot || len(got) != 4 || !strings.Contains(got[3], "다시 AI가 답합니다") {
		t.Fatalf("owner %s, said %q", o.owner(), got)
	}
}

func TestAHintInPrivateBeforeARiskySentence(t *testing.T) {
	for _, started := range []bool{true, false} {
		o := newOffice(t, func(d *desk.Options) {
			d.Check = func(text, _ string) string {
				if strings.Contains(text, "진정") {
					return "‘진정하세요’는 화를 키웁니다."
				}
				return ""
			}
		})
		o.customer("사람 좀요", true)
		o.round()
		if !started { // the writer has never started the bot
			o.w.faults = append(o.w.faults, nil)
			o.w.faults[0] = func(c call, rw http.ResponseWriter) bool {
				if c.method != "sendMessage" || c.form["chat_id"] != "21" {
					return false
				}
				refuse(rw, 403, "Forbidden: bot can't initiate conversation with a user", nil)
				o.w.faults = append(o.w.faults, o.w.faults[0]) // for as long as they do not
				return true
			}
		}
		o.writes(21, "하늘", "고객님, 진정하세요")
		if got := o.said(); len(got) != 0 {
			t.Fatalf("said %q before the writer had seen the hint", got)
		}
		_, group := o.topic()
		inPrivate := strings.Contains(strings.Join(o.w.texts(21), "|"), "화를 키웁니다")
		if inPrivate != started || strings.Contains(group, "화를 키웁니다") == started {
			t.Fatalf("started %v: in private %v, in the group:\n%s", started, inPrivate, group)
		}
		o.press(21, "하늘", "그대로 보내기")
		if got := o.said(); len(got) != 1 || got[0] != "하늘: 고객님, 진정하세요" {
			t.Fatalf("said %q", got)
		}
	}
}

func TestTheGroupAfterARestart(t *testing.T) {
	o := newOffice(t, nil)
	o.customer("사람 좀요", true)
	o.round()
	o.press(21, "하늘", "맡기")
	o.customer("첫째 말", false)
	o.round()
	o.customer("둘째 말", false) // while the process is down
	o.start(nil)
	o.round()
	o.writes(21, "하늘", "네, 보고 있어요")
	_, text := o.topic()
	if got := o.said(); len(got) != 1 || strings.Count(text, "첫째 말") != 1 || strings.Count(text, "둘째 말") != 1 || len(o.w.made("createForumTopic")) != 1 {
		t.Fatalf("said %q, topic:\n%s", got, text)
	}
	o.press(21, "하늘", "봇에게 돌려주기")
	o.start(nil)
	o.customer("봇과 이야기", false)
	o.round()
	if _, text := o.topic(); strings.Contains(text, "봇과 이야기") {
		t.Fatalf("what the bot has is told to the staff:\n%s", text)
	}
}

func TestTheGroupRunsByItself(t *testing.T) {
	o := newOffice(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error, 1)
	for range 2 {
		o.w.fail("createForumTopic", func(rw http.ResponseWriter) { refuse(rw, 502, "Bad Gateway", nil) })
	}
	o.customer("사람 좀요", true)
	go func() { over <- o.d.Run(ctx) }()
	soon(t, "a card is shown", func() bool { _, text := o.topic(); return text != "" })
	stop()
	if err := <-over; err != nil {
		t.Fatal(err)
	}
}

func TestGroupOptions(t *testing.T) {
	o := newOffice(t, nil)
	for want, opts := range map[string]DeskOptions{"Desk": {Group: -1}, "-100": {Group: 5, Desk: o.d.core}} {
		if _, err := NewDesk(o.c, opts); !errors.Is(err, ErrOptions) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error about %s", err, want)
		}
	}
}
