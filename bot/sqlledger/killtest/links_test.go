package killtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
)

// A mover goes on from the web in Telegram; a second chat brings the same link.
type mover struct {
	*Visitor
	far    *far
	mu     sync.Mutex
	n      int
	linked map[string][]string // by dialogue, the chats that were told that it has worked
	thread string
}

// tell brings an update to onki until it is taken.
func (m *mover) tell(ctx context.Context, kind string, what map[string]any) {
	m.mu.Lock()
	m.n++
	id := m.n
	m.mu.Unlock()
	var chat int
	fmt.Sscanf(m.Name, "x%d", &chat)
	body, _ := json.Marshal(map[string]any{"update_id": (chat+1)*1_000_000 + id, kind: what})
	for ctx.Err() == nil {
		r, _ := http.NewRequestWithContext(ctx, http.MethodPost, m.Base+"/telegram", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", telegramSecret)
		if response, err := http.DefaultClient.Do(r); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// shows is what the far side has of a chat.
func (m *mover) shows(of func(f *far) string) string {
	m.far.mu.Lock()
	defer m.far.mu.Unlock()
	return of(m.far)
}

// bring opens the link in a chat and says yes until there is an answer.
func (m *mover) bring(ctx context.Context, chat int, handle string) (answer string) {
	home := fmt.Sprint(chat)
	from := map[string]any{"id": chat, "is_bot": false, "first_name": "A", "language_code": "ko"}
	place := map[string]any{"id": chat, "type": "private"}
	for ctx.Err() == nil {
		m.tell(ctx, "message", map[string]any{"message_id": 1, "date": time.Now().Unix(), "text": "/start " + handle, "chat": place, "from": from})
		buttons := m.until(ctx, func(f *far) string { return f.markup[home] })
		var markup struct {
			Rows [][]struct {
				Data string `json:"callback_data"`
			} `json:"inline_keyboard"`
		}
		if json.Unmarshal([]byte(buttons), &markup) != nil || len(markup.Rows) == 0 {
			continue // the question was lost with a death; they open the link again
		}
		m.tell(ctx, "callback_query", map[string]any{"id": fmt.Sprint(rand.Uint64()), "data": markup.Rows[0][0].Data, "chat_instance": "1", "from": from,
			"message": map[string]any{"message_id": 1, "date": time.Now().Unix(), "text": "?", "chat": place, "reply_markup": json.RawMessage(buttons)}})
		if answer := m.until(ctx, func(f *far) string { return f.edits[home] }); answer != "" {
			return answer
		}
	}
	return ""
}

// until waits a while for something to be there.
func (m *mover) until(ctx context.Context, of func(f *far) string) (got string) {
	for end := time.Now().Add(1500 * time.Millisecond); got == "" && ctx.Err() == nil && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		got = m.shows(of)
	}
	return got
}

// move is one dialogue: the page hands out a link, two chats bring it.
func (m *mover) move(ctx context.Context, id string) error {
	m.mu.Lock()
	done := len(m.linked[id]) > 0
	m.mu.Unlock()
	if done {
		return nil
	}
	if !m.begin(ctx) {
		return fmt.Errorf("no session for %s", m.Name)
	}
	var link struct{ URL string }
	if status, ok := m.call(ctx, http.MethodPost, "/v1/link", struct{}{}, &link); !ok || status != http.StatusOK {
		return fmt.Errorf("no link: %d", status)
	}
	_, handle, _ := strings.Cut(link.URL, "start=")
	var name, n int
	fmt.Sscanf(id, "x%d-%d", &name, &n)
	chats := []int{1_000_000 + 1000*name + 2*n, 1_000_000 + 1000*name + 2*n + 1}
	answers := make([]string, len(chats))
	var both sync.WaitGroup
	for i, chat := range chats {
		both.Go(func() { answers[i] = m.bring(ctx, chat, handle) })
	}
	both.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Visitor.mu.Lock()
	m.thread = threadOf(m.token)
	m.Visitor.mu.Unlock()
	for i, answer := range answers {
		if strings.Contains(answer, "이어졌습니다") {
			m.linked[id] = append(m.linked[id], fmt.Sprint(chats[i]))
		}
	}
	m.Trial.Heard(Receipt{Thread: m.Name, ID: "linked " + id, Answers: []string{id}, Heard: -1})
	return nil
}

// TestLinksKilled kills onki while customers go on from the web in Telegram and
// somebody else has the same link: one of the two is linked, is told so, and
// nobody else.
func TestLinksKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and kills onki for some seconds")
	}
	trial, f, _, _, path := networks(t, 8, rand.Uint64())
	trial.Random, trial.Life, trial.Each, trial.Pace = 12, time.Second, 6, 50*time.Millisecond
	if long() {
		trial.Random, trial.Each = 120, 100
	}
	f.buyers, f.markup, f.edits = nil, make(map[string]string), make(map[string]string)
	movers := make(map[string]*mover)
	for i := range trial.Threads {
		name := fmt.Sprintf("x%02d", i)
		movers[name] = &mover{Visitor: &Visitor{Name: name, Trial: trial}, far: f, linked: make(map[string][]string)}
	}
	base := baseOf(t, trial)
	for _, m := range movers {
		m.Base = base
	}
	trial.Post = func(ctx context.Context, thread, id, _ string) error { return movers[thread].move(ctx, id) }
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
	defer stop()
	report, err := trial.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	l, err := sqlledger.Open(t.Context(), "sqlite:"+path, sqlledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	links := 0
	for _, m := range movers {
		var told []string
		for id, chats := range m.linked {
			if len(chats) != 1 {
				report.Faults = append(report.Faults, fmt.Sprintf("%s: told to be linked: %v; want one", id, chats))
			}
			told = append(told, chats...)
		}
		links += len(told)
		for _, chat := range told {
			all, err := l.Linked(t.Context(), bot.Address{Channel: "telegram", Thread: chat})
			if err != nil || len(all) < 2 {
				report.Faults = append(report.Faults, fmt.Sprintf("%s was told to be linked and is alone: %v, %v", chat, all, err))
			}
		}
	}
	for _, fault := range report.Faults {
		t.Errorf("seed %d: %s", trial.Seed, fault)
	}
	t.Logf("%d links brought by two chats each through %d deaths, %d linked; seed %d", report.Messages, report.Deaths, links, trial.Seed)
}

// baseOf is where the trial's program listens.
func baseOf(t *testing.T, trial *Trial) string {
	t.Helper()
	args := trial.Start(0, "").Args
	for i, a := range args {
		if a == "--addr" {
			return "http://" + args[i+1]
		}
	}
	t.Fatal("no --addr")
	return ""
}
