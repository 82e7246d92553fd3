package telegram

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/onkihq/onki/bot"
)

// fileScheme begins the URL of a file. Telegram's own addresses contain the
// token, so they are never handed on; [Channel.Open] reads the file.
const fileScheme = "telegram:"

// fileMax is the largest file Telegram hands to a bot.
const fileMax = 20 << 20

// fill adds what the message carries besides text, and reports whether there is
// anything at all to answer.
func (c *Channel) fill(ctx context.Context, in *bot.Message, m *models.Message) bool {
	lang := c.lang(m.Chat.ID, m.From)
	in.Files = c.files(m, lang)
	if m.Voice != nil || m.VideoNote != nil {
		c.transcribe(ctx, in)
	}
	if in.Text == "" {
		in.Text = c.described(m, lang)
	}
	return in.Text != "" || len(in.Files) > 0
}

// files lists what was attached. The types are those Telegram names.
func (c *Channel) files(m *models.Message, lang string) []bot.File {
	var out []bot.File
	add := func(id, name, kind string, size int64) {
		out = append(out, bot.File{Name: name, Type: kind, Size: max(size, 0), URL: fileScheme + id})
	}
	if n := len(m.Photo); n > 0 {
		best := m.Photo[0]
		for _, p := range m.Photo {
			if p.Width*p.Height >= best.Width*best.Height {
				best = p
			}
		}
		add(best.FileID, c.words.Say(lang, "photo-name")+".jpg", "image/jpeg", int64(best.FileSize))
	}
	if d := m.Document; d != nil {
		add(d.FileID, cmp.Or(d.FileName, d.FileUniqueID, "document"), cmp.Or(d.MimeType, "application/octet-stream"), d.FileSize)
	}
	if v := m.Voice; v != nil {
		add(v.FileID, c.words.Say(lang, "voice-name")+".ogg", cmp.Or(v.MimeType, "audio/ogg"), v.FileSize)
	}
	if a := m.Audio; a != nil {
		add(a.FileID, cmp.Or(a.FileName, a.Title, "audio"), cmp.Or(a.MimeType, "audio/mpeg"), a.FileSize)
	}
	if v := m.Video; v != nil {
		add(v.FileID, cmp.Or(v.FileName, c.words.Say(lang, "video-name")+".mp4"), cmp.Or(v.MimeType, "video/mp4"), v.FileSize)
	}
	if v := m.VideoNote; v != nil {
		add(v.FileID, c.words.Say(lang, "video-name")+".mp4", "video/mp4", int64(v.FileSize))
	}
	return out
}

// described puts what is neither text nor file into words.
func (c *Channel) described(m *models.Message, lang string) string {
	degrees := func(f float64) string { return strconv.FormatFloat(f, 'f', 5, 64) }
	switch {
	case m.Sticker != nil && m.Sticker.Emoji != "":
		return m.Sticker.Emoji
	case m.Dice != nil:
		return m.Dice.Emoji
	case m.Contact != nil:
		return c.words.Say(lang, "contact", "name", strings.TrimSpace(m.Contact.FirstName+" "+m.Contact.LastName), "phone", m.Contact.PhoneNumber)
	case m.Venue != nil:
		return c.words.Say(lang, "venue", "title", m.Venue.Title, "address", m.Venue.Address,
			"lat", degrees(m.Venue.Location.Latitude), "lon", degrees(m.Venue.Location.Longitude))
	case m.Location != nil:
		return c.words.Say(lang, "location", "lat", degrees(m.Location.Latitude), "lon", degrees(m.Location.Longitude))
	case m.Sticker != nil, m.Story != nil, m.Poll != nil, m.Game != nil, m.Checklist != nil, m.Invoice != nil,
		m.PaidMedia != nil, m.RichMessage != nil, m.Giveaway != nil, m.LivePhoto != nil:
		return c.words.Say(lang, "other")
	}
	return ""
}

// transcribe fills in what a voice message says. The message waits for it and
// arrives without when it fails.
func (c *Channel) transcribe(ctx context.Context, in *bot.Message) {
	if c.o.Transcribe == nil || len(in.Files) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	sound, err := c.Open(ctx, in.Files[0].URL)
	if err == nil {
		defer sound.Close()
		in.Files[0].Text, err = c.o.Transcribe(ctx, in.Files[0], sound)
	}
	if err != nil {
		c.o.Log.Warn("voice not transcribed", "channel", Name, "id", in.ID, "error", err)
		return
	}
	if in.Text == "" {
		in.Text = in.Files[0].Text
	}
}

// Open reads a file a customer attached, by the URL of its bot.File. It fails
// for files over 20 MB, which Telegram does not hand to bots.
func (c *Channel) Open(ctx context.Context, address string) (io.ReadCloser, error) {
	id, ok := strings.CutPrefix(address, fileScheme)
	if !ok || id == "" {
		return nil, fmt.Errorf("open file: %q is not an address of this channel", address)
	}
	f, err := c.api.GetFile(ctx, &tg.GetFileParams{FileID: id})
	if err != nil {
		return nil, c.outcome("open file", err)
	}
	if f.FilePath == "" || f.FileSize > fileMax {
		return nil, errors.New("open file: Telegram does not hand it out, it is too large or too old")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.api.FileDownloadLink(f), nil)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", c.hide(err))
	}
	resp, err := c.o.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", c.hide(err))
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fmt.Errorf("open file: status %d", resp.StatusCode)
	}
	return http.MaxBytesReader(nil, resp.Body, fileMax), nil
}
