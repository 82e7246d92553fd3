package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

type fields = map[string]any

// at makes the entity of a mention.
func at(kind string, offset, length int) []any {
	return []any{fields{"type": kind, "offset": offset, "length": length}}
}

func TestHear(t *testing.T) {
	w := newWire(t)
	c := w.open(t, webhook)
	e := listen(t, c, nil)
	photo := func(id string, side int) fields {
		return fields{"file_id": id, "file_unique_id": id, "width": side, "height": side, "file_size": side}
	}
	mine := fields{"message_id": 5, "date": 1, "chat": fields{"id": -5, "type": "group"}, "from": fields{"id": botID, "is_bot": true}}
	for i, s := range []struct {
		name, kind string
		what       fields
		thread     string // "" for not heard
		text       string
		check      func(m bot.Message) bool
	}{
		{"private", "message", private(7, 1, "안녕하세요"), "7", "안녕하세요", func(m bot.Message) bool {
			return m.User == "7" && m.Lang == "ko" && m.Time.Equal(time.Unix(1_790_000_000, 0))
		}},
		{"topic of a private chat", "message", with(private(7, 1, "x"), "message_thread_id", 3, "is_topic_message", true), "7/3", "x", nil},
		{"unknown language", "message", with(private(7, 1, "x"), "from", fields{"id": 7, "language_code": "de"}), "7", "x", func(m bot.Message) bool { return m.Lang == "" }},
		{"other bot", "message", with(private(7, 1, "x"), "from", fields{"id": 8, "is_bot": true}), "", "", nil},
		{"forwarded", "message", with(private(7, 1, "x"), "forward_origin", fields{"type": "hidden_user", "date": 1, "sender_user_name": "y"}), "7", "x",
			func(m bot.Message) bool { return m.Context["forwarded"] == "hidden_user" }},
		{"group, not addressed", "message", group(-5, 1, "우리끼리 이야기"), "", "", nil},
		{"group, other mentioned", "message", with(group(-5, 1, "@Other 도와줘"), "entities", at("mention", 0, 6)), "", "", nil},
		{"group, mention", "message", with(group(-5, 1, "👋 @carebot 도와주세요"), "entities", at("mention", 3, 8)), "-5", "👋  도와주세요", func(m bot.Message) bool { return m.User == "7" }},
		{"group, lying entity", "message", with(group(-5, 1, "@carebot"), "entities", at("mention", 0, 800)), "", "", nil},
		{"group, negative entity", "message", with(group(-5, 1, "@carebot"), "entities", at("mention", -3, 8)), "", "", nil},
		{"group, mention by id", "message", with(group(-5, 1, "상담봇 안녕"), "entities", []any{fields{"type": "text_mention", "offset": 0, "length": 3, "user": fields{"id": botID}}}), "-5", "안녕", nil},
		{"group, reply to us", "message", with(group(-5, 1, "네, 맞아요"), "reply_to_message", mine), "-5", "네, 맞아요", nil},
		{"group, command", "message", group(-5, 1, "/human"), "-5", "상담원과 이야기하고 싶어요", func(m bot.Message) bool { return m.Choice == bot.ChoiceHuman }},
		{"group, command to us", "message", group(-5, 1, "/HUMAN@CareBot"), "-5", "상담원과 이야기하고 싶어요", nil},
		{"group, command to another", "message", group(-5, 1, "/human@OtherBot"), "", "", nil},
		{"group, command of others", "message", group(-5, 1, "/dance"), "", "", nil},
		{"group topic", "message", with(group(-5, 1, "/human"), "message_thread_id", 12, "is_topic_message", true), "-5/12", "상담원과 이야기하고 싶어요", nil},
		{"group reply thread is no topic", "message", with(group(-5, 1, "네"), "reply_to_message", mine, "message_thread_id", 5), "-5", "네", nil},
		{"anonymous admin", "message", with(group(-5, 1, "/human"), "sender_chat", fields{"id": -5, "type": "supergroup"}), "", "", nil},
		{"start", "message", private(7, 1, "/start"), "7", "안녕하세요", func(m bot.Message) bool { s, ok := m.Context["start"]; return ok && s == "" }},
		{"start with handle", "message", private(7, 1, "/start ab_C-9"), "7", "안녕하세요", func(m bot.Message) bool { return m.Context["start"] == "ab_C-9" }},
		{"start with an odd handle", "message", private(7, 1, "/start <script>"), "7", "안녕하세요", func(m bot.Message) bool { return m.Context["start"] == "" }},
		{"human in English", "message", with(private(7, 1, "/human"), "from", fields{"id": 7, "language_code": "en-GB"}), "7", "I would like to talk to a person",
			func(m bot.Message) bool { return m.Choice == bot.ChoiceHuman && m.Lang == "en" }},
		{"human with words", "message", private(7, 1, "/human 환불이 안 돼요"), "7", "환불이 안 돼요", func(m bot.Message) bool { return m.Choice == bot.ChoiceHuman }},
		{"command under a picture", "message", with(private(7, 1, ""), "text", nil, "caption", "/human", "photo", []any{photo("p", 90)}), "7", "/human", func(m bot.Message) bool { return len(m.Files) == 1 }},
		{"no date", "message", with(private(7, 1, "x"), "date", nil), "7", "x", func(m bot.Message) bool { return time.Since(m.Time) < time.Hour }},
		{"very long", "message", private(7, 1, strings.Repeat("가", 30_000)), "7", strings.Repeat("가", 30_000), nil},
		{"unknown command", "message", private(7, 1, "/refund now"), "7", "/refund now", nil},
		{"a path is no command", "message", private(7, 1, "/home/user 폴더"), "7", "/home/user 폴더", nil},
		{"photo", "message", with(private(7, 1, ""), "text", nil, "caption", "깨져서 왔어요", "photo", []any{photo("small", 90), photo("large", 1280), photo("mid", 320)}), "7", "깨져서 왔어요",
			func(m bot.Message) bool {
				return len(m.Files) == 1 && m.Files[0].URL == "telegram:large" && m.Files[0].Type == "image/jpeg"
			}},
		{"document", "message", with(private(7, 1, ""), "text", nil, "document", fields{"file_id": "d", "file_unique_id": "u", "file_name": "영수증.pdf", "mime_type": "application/pdf", "file_size": 99}), "7", "",
			func(m bot.Message) bool {
				return m.Files[0] == (bot.File{Name: "영수증.pdf", Type: "application/pdf", Size: 99, URL: "telegram:d"})
			}},
		{"voice", "message", with(private(7, 1, ""), "text", nil, "voice", fields{"file_id": "v", "file_unique_id": "u", "duration": 3}), "7", "",
			func(m bot.Message) bool { return m.Files[0].Type == "audio/ogg" && m.Files[0].Text == "" }},
		{"video", "message", with(private(7, 1, ""), "text", nil, "video", fields{"file_id": "v", "file_unique_id": "u"}), "7", "", func(m bot.Message) bool { return m.Files[0].Name == "동영상.mp4" }},
		{"sticker", "message", with(private(7, 1, ""), "text", nil, "sticker", fields{"file_id": "s", "file_unique_id": "u", "emoji": "😡", "type": "regular"}), "7", "😡", nil},
		{"sticker without emoji", "message", with(private(7, 1, ""), "text", nil, "sticker", fields{"file_id": "s", "file_unique_id": "u", "type": "regular"}), "7", "(글로 옮길 수 없는 내용을 보냈습니다)", nil},
		{"contact", "message", with(private(7, 1, ""), "text", nil, "contact", fields{"first_name": "{phone}", "phone_number": "010-0000-0000"}), "7", "연락처: {phone} 010-0000-0000", nil},
		{"location", "message", with(private(7, 1, ""), "text", nil, "location", fields{"latitude": 37.5, "longitude": 127.0}), "7", "위치: 37.50000, 127.00000", nil},
		{"venue", "message", with(private(7, 1, ""), "text", nil, "location", fields{"latitude": 1, "longitude": 2}, "venue", fields{"title": "가게", "address": "길 1", "location": fields{"latitude": 1, "longitude": 2}}), "7", "장소: 가게, 길 1 (1.00000, 2.00000)", nil},
		{"somebody joined", "message", with(group(-5, 1, ""), "text", nil, "new_chat_members", []any{fields{"id": 9}}), "", "", nil},
		{"a group moved", "message", with(private(7, 1, ""), "text", nil, "migrate_to_chat_id", -100), "", "", nil},
		{"blocked", "my_chat_member", fields{"chat": fields{"id": 7, "type": "private"}, "from": fields{"id": 7}, "date": 1,
			"old_chat_member": fields{"status": "member", "user": fields{"id": botID}}, "new_chat_member": fields{"status": "kicked", "user": fields{"id": botID}, "until_date": 0}}, "", "", nil},
		{"business", "business_message", with(private(7, 1, "영업하시나요?"), "business_connection_id", "AbC-9"), "7/b/AbC-9", "영업하시나요?", nil},
		{"business command is text", "business_message", with(private(7, 1, "/human"), "business_connection_id", "AbC-9"), "7/b/AbC-9", "/human", nil},
		{"business, the owner writes", "business_message", with(private(7, 1, "제가 볼게요"), "business_connection_id", "AbC-9", "from", fields{"id": 99, "first_name": "사장"}), "", "", nil},
		{"business, our own", "business_message", with(private(7, 1, "x"), "business_connection_id", "AbC-9", "sender_business_bot", fields{"id": botID, "is_bot": true}), "", "", nil},
		{"business connection", "business_connection", fields{"id": "AbC-9", "user": fields{"id": 99}, "user_chat_id": 99, "date": 1, "is_enabled": true}, "", "", nil},
		{"channel post", "channel_post", group(-5, 1, "@CareBot x"), "", "", nil},
	} {
		before := len(e.heard())
		if rec := hook(c, testSecret, update(int64(1000+i), s.kind, s.what)); rec.Code != 200 {
			t.Errorf("%s: %d; want 200", s.name, rec.Code)
		}
		all := e.heard()[before:]
		if s.thread == "" {
			if len(all) > 0 {
				t.Errorf("%s: heard %+v; want nothing", s.name, all)
			}
			continue
		}
		if len(all) != 1 || all[0].From.Thread != s.thread || all[0].Text != s.text || all[0].Check() != nil {
			t.Errorf("%s: heard %+v; want %q in %s", s.name, all, s.text, s.thread)
			continue
		}
		if s.check != nil && !s.check(all[0]) {
			t.Errorf("%s: heard %+v", s.name, all[0])
		}
	}
}

func TestHearEdits(t *testing.T) {
	w := newWire(t)
	c := w.open(t, webhook)
	e := listen(t, c, nil)
	hook(c, testSecret, update(1, "message", private(7, 40, "주문번호 1234")))
	hook(c, testSecret, update(2, "edited_message", with(private(7, 40, "주문번호 1234"), "edit_date", 1_790_000_050)))
	hook(c, testSecret, update(3, "edited_message", with(private(7, 40, "주문번호 1243"), "edit_date", 1_790_000_060)))
	hook(c, testSecret, update(4, "edited_message", with(private(7, 39, "/start"), "edit_date", 1_790_000_070)))
	hook(c, testSecret, update(5, "edited_message", with(private(7, 38, ""), "text", nil, "location", fields{"latitude": 1, "longitude": 2})))
	all := e.heard()
	if len(all) != 3 {
		t.Fatalf("heard %+v; want the message, its correction and the unknown one", all)
	}
	if m := all[1]; m.Text != "주문번호 1243" || m.ID == all[0].ID || m.Context["corrects"] != all[0].ID || m.Time.Unix() != 1_790_000_060 {
		t.Errorf("correction %+v of %s", m, all[0].ID)
	}
	if m := all[2]; m.Context["corrects"] != "message/39" {
		t.Errorf("correction of what was said before the start: %+v", m)
	}
}

func TestVoice(t *testing.T) {
	w := newWire(t)
	w.files["voice/v1"] = "sound"
	fail := false
	c := w.open(t, func(o *Options) {
		webhook(o)
		o.Transcribe = func(_ context.Context, f bot.File, sound io.Reader) (string, error) {
			b, err := io.ReadAll(sound)
			if fail || string(b) != "sound" {
				return "", errors.Join(err, errors.New("no idea"))
			}
			return "환불해 주세요", nil
		}
	})
	e := listen(t, c, nil)
	voice := func(id int64) map[string]any {
		return update(id, "message", with(private(7, int(id), ""), "text", nil, "voice", fields{"file_id": "v1", "file_unique_id": "u", "mime_type": "audio/ogg"}))
	}
	hook(c, testSecret, voice(1))
	w.fail("getFile", func(rw http.ResponseWriter) { refuse(rw, 400, "Bad Request: file is too big", nil) })
	hook(c, testSecret, voice(2))
	fail = true
	hook(c, testSecret, voice(3))
	all := e.heard()
	if len(all) != 3 {
		t.Fatalf("heard %+v; want three: a voice that cannot be read is not lost", all)
	}
	if all[0].Text != "환불해 주세요" || all[0].Files[0].Text != "환불해 주세요" {
		t.Errorf("transcribed as %+v", all[0])
	}
	for _, m := range all[1:] {
		if m.Text != "" || len(m.Files) != 1 || m.Files[0].Text != "" {
			t.Errorf("not transcribed: %+v", m)
		}
	}
}

func TestOwnerOfABusinessTakesOver(t *testing.T) {
	w, d := newWire(t), &bot.Memory{}
	c := w.open(t, func(o *Options) { webhook(o); o.Desk = d })
	e := listen(t, c, nil)
	hook(c, testSecret, update(1, "business_message", with(private(7, 1, "제가 볼게요"), "business_connection_id", "AbC", "from", fields{"id": 99, "first_name": "김", "last_name": "하나"})))
	s, err := d.State(t.Context(), bot.Address{Channel: Name, Thread: "7/b/AbC"})
	if err != nil || s.Owner != "person:김 하나" || len(e.heard()) != 0 {
		t.Errorf("owner %q, %v, heard %v", s.Owner, err, e.heard())
	}
}

func TestOwnTexts(t *testing.T) {
	w := newWire(t)
	var ledger bot.Memory
	c := w.open(t, func(o *Options) {
		webhook(o)
		o.Ledger = &ledger
		o.Words = map[string]map[string]string{"ko": {"privacy": "하늘마켓의 개인정보 안내입니다."}}
	})
	e := listen(t, c, nil)
	say := func(id int64, what fields) {
		t.Helper()
		if rec := hook(c, testSecret, update(id, "message", what)); rec.Code != 200 {
			t.Errorf("%v: %d", what["text"], rec.Code)
		}
	}
	say(1, private(7, 1, "/privacy"))
	say(2, with(private(8, 1, "/privacy"), "from", fields{"id": 8, "language_code": "en"}))
	say(3, group(-5, 1, "/delete"))
	say(4, private(7, 2, "/stop"))
	say(5, private(7, 3, "/export"))
	say(6, private(7, 4, "/delete"))
	if got := w.texts(7); len(got) != 4 || got[0] != "하늘마켓의 개인정보 안내입니다." || !strings.Contains(got[1], "봇을 중지") || !strings.Contains(got[3], "/human") {
		t.Errorf("shown to 7: %q", got)
	}
	if got := w.texts(8); len(got) != 1 || !strings.HasPrefix(got[0], "What you write") {
		t.Errorf("shown to 8: %q", got)
	}
	if got := w.texts(-5); len(got) != 1 || !strings.Contains(got[0], "일대일") {
		t.Errorf("shown in the group: %q", got)
	}
	_ = ledger.Receive(t.Context(), bot.Message{ID: "m", From: place{chat: 7}.address(), Text: "기록"})
	say(7, private(7, 5, "/export"))
	if d := w.made("sendDocument"); len(d) != 1 || !strings.Contains(d[0].form["document"], "기록") {
		t.Errorf("export %v", d)
	}
	// A text of our own that cannot be sent now makes Telegram bring the command again.
	w.fail("sendMessage", func(rw http.ResponseWriter) {
		refuse(rw, 429, "Too Many Requests: retry after 7", map[string]any{"retry_after": 7})
	})
	if rec := hook(c, testSecret, update(9, "message", private(9, 1, "/privacy"))); rec.Code != 503 || rec.Header().Get("Retry-After") != "7" {
		t.Errorf("limited: %d after %s; want 503 after 7", rec.Code, rec.Header().Get("Retry-After"))
	}
	w.fail("sendMessage", func(rw http.ResponseWriter) { refuse(rw, 403, "Forbidden: bot was blocked by the user", nil) })
	say(10, private(10, 1, "/privacy"))
	if n := len(e.heard()); n != 0 {
		t.Errorf("the engine heard %d of the channel's own questions", n)
	}
}

// FuzzTake: whatever comes, it is read or dropped, and what is heard can be kept.
func FuzzTake(f *testing.F) {
	w := newWire(f)
	c := w.open(f, webhook)
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	var heard bot.Message
	go func() {
		over <- c.Listen(ctx, func(_ context.Context, m bot.Message) error { heard = m; return nil })
	}()
	for !c.listening() {
		time.Sleep(time.Millisecond)
	}
	f.Cleanup(func() { cancel(); <-over })
	for _, u := range []fields{
		update(1, "message", private(7, 1, "안녕")),
		update(2, "message", with(group(-5, 1, "👋 @carebot x"), "entities", at("mention", 3, 8))),
		update(3, "edited_message", with(private(7, 1, "x"), "edit_date", 5)),
		update(4, "business_message", with(private(7, 1, "x"), "business_connection_id", "A b/ㅎ")),
		update(5, "callback_query", pressed(&posted{id: 1, chat: 7, text: "x"}, 7, c.sign(place{chat: 7}, kindChoice, "a"))),
		update(6, "message", with(private(7, 1, ""), "venue", fields{"title": "a"}, "voice", fields{"file_id": "x"}, "photo", []any{fields{}})),
		update(7, "my_chat_member", fields{"new_chat_member": fields{"status": "kicked"}}),
	} {
		raw, _ := json.Marshal(u)
		f.Add(raw)
	}
	f.Add([]byte(`{"message":{"from":{"id":1},"chat":{"id":1},"text":"/start x","entities":[{"type":"mention","offset":-1,"length":9223372036854775807}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		heard = bot.Message{}
		_ = chatOf(raw)
		if err := c.take(t.Context(), raw); err != nil {
			t.Errorf("%s: %v; want it taken or dropped", raw, err)
		}
		if heard.ID == "" {
			return
		}
		if err := heard.Check(); err != nil {
			t.Errorf("%s: heard what cannot be kept: %v", raw, err)
		}
		if _, err := parsePlace(heard.From); err != nil {
			t.Errorf("%s: cannot be answered: %v", raw, err)
		}
	})
}
