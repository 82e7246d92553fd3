package slack

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/desk"
)

func TestACardForEveryRequest(t *testing.T) {
	f := newFront(t, nil)
	calm := bot.Address{Channel: "telegram", Thread: "t1"}
	f.customer(t, bot.Address{Channel: "web", Thread: "fine"}, "고마워요", false, 1)
	f.customer(t, calm, "사람과 이야기할래요", true, 10)
	f.customer(t, shopAddress(), "<!channel> 세 번째 문의예요", true, 90)
	f.round(t)
	f.round(t)
	if len(f.cards()) != 2 {
		t.Fatalf("%d cards; want two", len(f.cards()))
	}
	first := f.state(0)
	for _, want := range []string{"P1", "세 번째 문의 · 점점 나빠짐", "딸 생일 선물", "화 80% “세 번째”", "배송 지연", "환불을 기다린 지 사흘째", "고객: <!channel> 세 번째 문의예요", "봇: 봇의 답", "맡기"} {
		if !strings.Contains(first, want) {
			t.Errorf("no %q on the card:\n%s", want, first)
		}
	}
	if text := f.cards()[0].Text + string(f.cards()[0].Blocks); strings.Contains(text, "broadcast") || strings.Contains(f.cards()[0].Text, "<!") {
		t.Errorf("the customer's words call everybody: %s", text)
	}
	again := f.desk(t, f.c, nil) // the process starts again
	if err := again.round(t.Context()); err != nil || len(f.cards()) != 2 {
		t.Fatalf("after a restart: %v, %d cards", err, len(f.cards()))
	}
}

func TestWhoeverWritesTakesOver(t *testing.T) {
	f := newFront(t, nil)
	f.customer(t, shopAddress(), "사람 좀요", true, 50)
	f.round(t)
	for range 2 { // Slack sends it twice
		ts := f.cards()[0].TS
		body := marshal(wrap("Ev", with(in("CSTAFF", "1700000009.000001", ts, "UHANEUL", "김하늘입니다. 제가 볼게요 &lt;3"), "client_msg_id", "cm-9")))
		if code := f.w.post("application/json", body); code != 200 {
			t.Fatalf("status %d", code)
		}
	}
	if got := f.said(t, shopAddress()); len(got) != 1 || got[0] != "김하늘: 김하늘입니다. 제가 볼게요 <3" {
		t.Fatalf("said %q", got)
	}
	if f.owner(t, shopAddress()) != "person:김하늘" || !strings.Contains(f.state(0), "김하늘 님이 맡음") {
		t.Fatalf("owner %s, card %s", f.owner(t, shopAddress()), f.state(0))
	}
	f.customer(t, shopAddress(), "고맙습니다", false, 50)
	f.round(t)
	f.round(t)
	thread := f.w.shown("CSTAFF", f.cards()[0].TS)
	if all := strings.Join(thread, "|"); strings.Count(all, "고객: 고맙습니다") != 1 || strings.Contains(all, "김하늘입니다") || strings.Contains(all, "봇의 답") {
		t.Fatalf("thread %q; want the customer's words once, and nobody's own", thread)
	}
}

func TestWhatStaysAmongUs(t *testing.T) {
	f := newFront(t, nil)
	f.customer(t, shopAddress(), "사람 좀요", true, 50)
	f.round(t)
	f.write(t, 0, "UHANEUL", "// 이분 어제도 오셨어요")
	f.w.must(t, in("CSTAFF", "1700000008.000001", "", "UHANEUL", "점심 뭐 먹죠"))
	f.w.must(t, in("CSTAFF", "1700000008.000002", "1700000008.000001", "UBADA", "<@UBOT> 김밥"))
	f.w.must(t, with(in("CSTAFF", "1700000008.000002", "1700000008.000001", "UBADA", "<@UBOT> 김밥"), "type", "app_mention"))
	f.w.must(t, with(in("CSTAFF", "1700000008.000003", f.cards()[0].TS, "UX", "봇입니다"), "bot_id", "B7"))
	f.w.must(t, map[string]any{"type": "message", "subtype": "message_changed", "channel": "CSTAFF", "message": with(in("CSTAFF", "1700000008.000001", f.cards()[0].TS, "UHANEUL", "고침"), "edited", map[string]any{"ts": "1"}), "previous_message": map[string]any{"text": "x"}})
	if got := f.said(t, shopAddress()); len(got) != 0 || f.owner(t, shopAddress()) != bot.OwnerQueued {
		t.Fatalf("said %q, owner %s", got, f.owner(t, shopAddress()))
	}
}

func TestNobodyTalksOverAColleague(t *testing.T) {
	f := newFront(t, nil)
	f.customer(t, shopAddress(), "사람 좀요", true, 50)
	f.round(t)
	f.press(t, 0, "desk-claim", "UHANEUL")
	if f.owner(t, shopAddress()) != "person:김하늘" {
		t.Fatalf("owner %s", f.owner(t, shopAddress()))
	}
	f.write(t, 0, "UBADA", "제가 할게요")
	if got := f.said(t, shopAddress()); len(got) != 0 {
		t.Fatalf("said %q over a colleague", got)
	}
	if h := f.whispers(); len(h) != 1 || h[0].Get("user") != "UBADA" || !strings.Contains(h[0].Get("text"), "김하늘") {
		t.Fatalf("told %v", h)
	}
	if _, err := bot.TakeOver(t.Context(), f.ledger, shopAddress(), "본사"); err != nil { // from another desk
		t.Fatal(err)
	}
	f.write(t, 0, "UHANEUL", "저 아직 있어요")
	if got := f.said(t, shopAddress()); len(got) != 0 || !strings.Contains(f.state(0), "본사 님이 다른 화면에서 맡음") {
		t.Fatalf("said %q; card %s", got, f.state(0))
	}
}

// late is a desk at which somebody else takes over just before anything is said.
type late struct {
	*bot.Memory
	once bool
}

func (l *late) Say(ctx context.Context, r bot.Reply, epoch int64) error {
	if !l.once {
		l.once = true
		if _, err := bot.TakeOver(ctx, l.Memory, r.To, "본사"); err != nil {
			return err
		}
	}
	return l.Memory.Say(ctx, r, epoch)
}

func TestATakeoverAtTheLastMoment(t *testing.T) {
	f := newFront(t, nil)
	f.d = f.desk(t, f.c, func(o *desk.Options) { o.Ledger = &late{Memory: f.ledger} })
	f.customer(t, shopAddress(), "사람 좀요", true, 50)
	f.round(t)
	if code := f.write(t, 0, "UHANEUL", "제가 볼게요"); code != 200 {
		t.Fatalf("status %d", code)
	}
	if got := f.said(t, shopAddress()); len(got) != 0 || f.owner(t, shopAddress()) != "person:본사" {
		t.Fatalf("said %q, owner %s", got, f.owner(t, shopAddress()))
	}
	if h := f.whispers(); len(h) != 1 || !strings.Contains(h[0].Get("text"), "본사 님이 상담하고") {
		t.Fatalf("told %v", h)
	}
}

func TestGiveBackAndClose(t *testing.T) {
	f := newFront(t, nil)
	f.customer(t, shopAddress(), "사람 좀요", true, 50)
	f.round(t)
	f.press(t, 0, "desk-claim", "UHANEUL")
	f.press(t, 0, "desk-release", "UHANEUL")
	if f.owner(t, shopAddress()) != bot.OwnerBot || !strings.Contains(f.state(0), "봇에게 돌려줌") {
		t.Fatalf("owner %s, card %s", f.owner(t, shopAddress()), f.state(0))
	}
	f.customer(t, shopAddress(), "봇과 이야기", false, 50)
	f.round(t)
	if n := len(f.w.shown("CSTAFF", f.cards()[0].TS)); n != 0 {
		t.Fatalf("%d lines in the thread after it was given back", n)
	}
	f.press(t, 0, "desk-claim", "UBADA")
	f.press(t, 0, "desk-close", "UBADA")
	if f.owner(t, shopAddress()) != "wrap-up:이바다" || !strings.Contains(f.state(0), "이바다 님이 상담을 끝냄") || strings.Contains(string(f.cards()[0].Blocks), `"actions"`) {
		t.Fatalf("owner %s, card %s", f.owner(t, shopAddress()), f.state(0))
	}
	f.customer(t, shopAddress(), "하나만 더요", false, 50)
	f.round(t)
	if all := strings.Join(f.w.shown("CSTAFF", f.cards()[0].TS), "|"); !strings.Contains(all, "고객: 하나만 더요") || f.owner(t, shopAddress()) != "person:이바다" || !strings.Contains(f.state(0), "이바다 님이 맡음") {
		t.Fatalf("thread %s, owner %s, card %s; want it back with the same person", all, f.owner(t, shopAddress()), f.state(0))
	}
	f.press(t, 0, "desk-close", "UBADA")
	f.round(t) // sees the wrap-up
	f.later = 11 * time.Minute
	f.round(t)
	if f.owner(t, shopAddress()) != bot.OwnerClosed {
		t.Fatalf("owner %s; want the end after the time of wrap-up", f.owner(t, shopAddress()))
	}
	f.customer(t, shopAddress(), "다시 사람이요", true, 50)
	f.round(t)
	if len(f.cards()) != 2 {
		t.Fatalf("%d cards; want a new one for a new request", len(f.cards()))
	}
	events, err := f.ledger.Events(t.Context(), shopAddress(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range events {
		if e.Reply != nil && e.Reply.From == "" && len(e.Reply.Parts) > 0 && e.Reply.Parts[0].Stage == "person" {
			told = append(told, e.Reply.Text())
		}
	}
	if len(told) != 3 || !strings.Contains(told[0], "다시 AI가 답합니다") || !strings.Contains(told[1], "이바다 상담원의 안내는 여기까지") {
		t.Fatalf("the customer was told %q", told)
	}
}

// TestADraftOfTheBot: what the bot would have said is shown to whoever asks, and
// reaches the customer once, when that person sends it.
func TestADraftOfTheBot(t *testing.T) {
	f := newFront(t, nil)
	f.customer(t, shopAddress(), "사람 좀요", true, 50)
	f.round(t)
	f.press(t, 0, "desk-claim", "UHANEUL")
	f.customer(t, shopAddress(), "환불은 언제 되나요", false, 50)
	if got := f.said(t, shopAddress()); len(got) != 0 {
		t.Fatalf("said %q while a person has it", got)
	}
	f.press(t, 0, "desk-draft", "UHANEUL")
	h := f.whispers()
	if len(h) != 1 || h[0].Get("user") != "UHANEUL" || !strings.Contains(h[0].Get("text"), "봇의 답") {
		t.Fatalf("told %v", h)
	}
	f.pressTwice(t, h[0].Get("blocks"), func(value string) bool { return strings.HasPrefix(value, "draft-") })
	if got := f.said(t, shopAddress()); len(got) != 1 || got[0] != "김하늘: 봇의 답" {
		t.Fatalf("said %q", got)
	}
}

func TestTheDeskAfterARestart(t *testing.T) {
	f := newFront(t, nil)
	f.customer(t, shopAddress(), "사람 좀요", true, 50)
	f.round(t)
	f.press(t, 0, "desk-claim", "UHANEUL")
	f.write(t, 0, "UHANEUL", "안녕하세요")
	f.customer(t, shopAddress(), "첫째 말", false, 50)
	f.round(t)
	f.customer(t, shopAddress(), "둘째 말", false, 50) // while the process is down
	f.d = f.desk(t, f.c, nil)
	f.write(t, 0, "UBADA", "제가 할까요")
	if got := f.said(t, shopAddress()); len(got) != 1 {
		t.Fatalf("said %q", got)
	}
	f.write(t, 0, "UHANEUL", "네, 보고 있어요")
	f.round(t)
	if got := f.said(t, shopAddress()); len(got) != 2 || got[1] != "김하늘: 네, 보고 있어요" {
		t.Fatalf("said %q", got)
	}
	all := strings.Join(f.w.shown("CSTAFF", f.cards()[0].TS), "|")
	if strings.Count(all, "첫째 말") != 1 || strings.Count(all, "둘째 말") != 1 {
		t.Fatalf("thread %s", all)
	}
}

func TestAHintBeforeARiskySentence(t *testing.T) {
	f := newFront(t, func(o *desk.Options) {
		o.Check = func(text, lang string) string {
			if strings.Contains(text, "진정") {
				return "‘진정하세요’는 화를 키웁니다."
			}
			return ""
		}
	})
	f.customer(t, shopAddress(), "사람 좀요", true, 50)
	f.round(t)
	f.write(t, 0, "UHANEUL", "고객님, 진정하세요")
	if got := f.said(t, shopAddress()); len(got) != 0 {
		t.Fatalf("said %q before the writer had seen the hint", got)
	}
	h := f.whispers()
	if len(h) != 1 || !strings.Contains(h[0].Get("text"), "화를 키웁니다") || h[0].Get("user") != "UHANEUL" {
		t.Fatalf("told %v", h)
	}
	f.pressTwice(t, h[0].Get("blocks"), func(value string) bool { return strings.HasSuffix(value, "진정하세요") })
	if got := f.said(t, shopAddress()); len(got) != 1 || got[0] != "김하늘: 고객님, 진정하세요" {
		t.Fatalf("said %q", got)
	}
}

func TestTheDeskRunsByItself(t *testing.T) {
	f := newFront(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error, 1)
	f.w.mu.Lock()
	f.w.fault = first(2, "chat.postMessage", fault{status: 503})
	f.w.mu.Unlock()
	go func() { over <- f.d.Run(ctx) }()
	f.customer(t, shopAddress(), "사람 좀요", true, 50)
	until(t, "a card is shown", func() bool { return len(f.cards()) == 1 })
	stop()
	if err := <-over; err != nil {
		t.Fatal(err)
	}
}

func TestDeskOptions(t *testing.T) {
	_, c := sender(t)
	core, err := desk.New(desk.Options{Ledger: &bot.Memory{}, Hints: &bot.LocalHints{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewDesk(c, DeskOptions{Channel: "C1", Desk: core}); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]DeskOptions{"Desk": {Channel: "C1"}, "#care": {Channel: "#care", Desk: core}} {
		if _, err := NewDesk(c, o); !errors.Is(err, ErrOptions) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error about %s", err, want)
		}
	}
}
