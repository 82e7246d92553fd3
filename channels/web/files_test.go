package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func picture(t *testing.T, kind string) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 8, 8))
	m.Set(3, 3, color.White)
	var b bytes.Buffer
	err := jpeg.Encode(&b, m, nil)
	if kind == "png" {
		b.Reset()
		err = png.Encode(&b, m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withExif puts a camera's segment into a JPEG, after the start of image.
func withExif(data []byte, text string) []byte {
	segment := append([]byte{0xFF, 0xE1, 0, 0}, []byte("Exif\x00\x00"+text)...)
	binary.BigEndian.PutUint16(segment[2:], uint16(len(segment)-2))
	return append(append(bytes.Clone(data[:2]), segment...), data[2:]...)
}

func (h *house) send(token, name string, data []byte) (int, uploadAnswer) {
	h.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	p, err := w.CreateFormFile("file", name)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := p.Write(data); err != nil {
		h.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		h.t.Fatal(err)
	}
	resp, text := h.do("POST", "/v1/files", token, b.Bytes(), header{"Content-Type": w.FormDataContentType()})
	var a uploadAnswer
	if resp.StatusCode == 201 {
		if err := json.Unmarshal(text, &a); err != nil {
			h.t.Fatal(err)
		}
	}
	return resp.StatusCode, a
}

func TestUpload(t *testing.T) {
	dir := t.TempDir() + "/files"
	h := open(t, func(o *Options) {
		o.Files, o.Limits.FileSize, o.Limits.Uploads = Dir(dir), 100_000, -1
		o.Scan = func(_ context.Context, data []byte) error {
			if bytes.Contains(data, []byte("EICAR")) {
				return errors.New("found something")
			}
			return nil
		}
	})
	s, other := h.begin(""), h.begin("")
	code, a := h.send(s.Token, `..\..\가족 "사진".jpg`, withExif(picture(t, "jpeg"), "GPS 37.5,127.0"))
	if code != 201 || a.Type != "image/jpeg" || a.Name != "가족 _사진_.jpg" {
		t.Fatalf("upload answered %d %+v", code, a)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || strings.Contains(files[0].Name(), ".") {
		t.Fatalf("the folder holds %v, %v", files, err)
	}
	call := messageCall{CID: "cid-file1", Kind: "file", Files: []string{a.File}}
	h.want(400, "POST", "/v1/messages", other.Token, call, nil, nil) // somebody else's file
	h.want(202, "POST", "/v1/messages", s.Token, call, nil, nil)
	s = h.begin(s.Visitor)
	url := s.Events[0].Files[0].URL
	resp, data := h.do("GET", url, "", nil, nil)
	if resp.StatusCode != 200 || bytes.Contains(data, []byte("GPS")) {
		t.Errorf("read %d, with the place it was taken: %v", resp.StatusCode, bytes.Contains(data, []byte("GPS")))
	}
	if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
		t.Errorf("the picture is broken: %v", err)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Content-Type": "image/jpeg"} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(url, "/v1/files/"), "?")
	h.want(404, "GET", "/v1/files/"+id, "", nil, nil, nil)
	h.want(404, "GET", strings.Replace(url, "/v1/files/", "/v1/files/x", 1), "", nil, nil, nil)
	for name, c := range map[string]struct {
		data []byte
		want int
	}{
		"page.html": {[]byte("<!doctype html><script>alert(1)</script>"), 415},
		"x.svg":     {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), 415},
		"x.jpg":     {[]byte("MZ\x90\x00\x03\x00\x00\x00"), 415},
		"half.jpg":  {picture(t, "jpeg")[:20], 415},
		"virus.txt": {[]byte("this is the EICAR test"), 415},
		"empty.txt": {nil, 400},
		"note.txt":  {[]byte("송장 번호입니다"), 201},
		"ok.png":    {picture(t, "png"), 201},
		"large.txt": {bytes.Repeat([]byte("a"), 200_000), 413},
	} {
		if code, _ := h.send(s.Token, name, c.data); code != c.want {
			t.Errorf("%s: %d, want %d", name, code, c.want)
		}
	}
}

func TestFilesAreRefusedWithoutAStore(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	if code, _ := h.send(s.Token, "a.txt", []byte("a")); code != 501 || s.Config.Files != 0 {
		t.Errorf("%d, and the widget offers %d bytes", code, s.Config.Files)
	}
}

func TestFileAddressesExpire(t *testing.T) {
	now := time.Now()
	h := open(t, func(o *Options) { o.Files, o.Now = Dir(t.TempDir()), func() time.Time { return now } })
	s := h.begin("")
	_, a := h.send(s.Token, "a.txt", []byte("hello"))
	h.want(202, "POST", "/v1/messages", s.Token, messageCall{CID: "cid-file1", Kind: "file", Files: []string{a.File}}, nil, nil)
	url := h.begin(s.Visitor).Events[0].Files[0].URL
	resp := h.want(200, "GET", url, "", nil, nil, nil)
	if d := resp.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") {
		t.Errorf("a text is shown in place: %s", d)
	}
	now = now.Add(readLife + time.Second)
	h.want(http.StatusNotFound, "GET", url, "", nil, nil, nil)
}

// A phone's photo must not lie on its side once the place it was taken is gone.
func TestOrientationStays(t *testing.T) {
	for o := byte(1); o <= 8; o++ {
		photo := picture(t, "jpeg")
		segment := append(uprightSegment(o), []byte("GPS 37.5")...)
		binary.BigEndian.PutUint16(segment[2:], uint16(len(segment)-2))
		photo = append(append(bytes.Clone(photo[:2]), segment...), photo[2:]...)
		clean, err := cleanJPEG(photo)
		if err != nil || bytes.Contains(clean, []byte("GPS")) {
			t.Fatalf("orientation %d: %v", o, err)
		}
		if _, err := jpeg.Decode(bytes.NewReader(clean)); err != nil {
			t.Fatal(err)
		}
		got := byte(1)
		if clean[3] == 0xE1 {
			got = orientation(clean[6:])
		}
		if got != o {
			t.Errorf("orientation %d became %d", o, got)
		}
	}
	little := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00")
	if got := orientation(little); got != 6 {
		t.Errorf("in little-endian order: %d", got)
	}
}

func TestFileName(t *testing.T) {
	for in, want := range map[string]string{
		"a.jpg": "a.jpg", "/etc/passwd": "passwd", `C:\x\y.pdf`: "y.pdf", "..": "file", "": "file", "a\x00b\u202egpj.exe": "abgpj.exe",
		`<img src=x>.png`: "_img src=x_.png", strings.Repeat("가", 100) + ".png": strings.Repeat("가", 76) + ".png",
	} {
		if got := fileName(in); got != want {
			t.Errorf("fileName(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzWithoutMetadata(f *testing.F) {
	for _, kind := range []string{"image/jpeg", "image/png", "image/webp"} {
		f.Add(kind, []byte("\xff\xd8\xff\xe1\x00\x04ab\xff\xda\x00\x02"))
		f.Add(kind, []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x00IEND\x00\x00\x00\x00"))
		f.Add(kind, []byte("RIFF\x00\x00\x00\x00WEBPVP8X\x02\x00\x00\x00\xff\xff"))
	}
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		out, err := withoutMetadata(kind, data)
		if err == nil && len(out) > len(data) {
			t.Errorf("grew from %d to %d bytes", len(data), len(out))
		}
	})
}

func FuzzUnseal(f *testing.F) {
	c := &Channel{o: Options{Secrets: [][]byte{[]byte("0123456789abcdef0123456789abcdef")}, Now: time.Now}}
	good, err := c.seal("access", access{Thread: "t", Key: "k", Until: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("a.b")
	f.Add(".")
	f.Fuzz(func(t *testing.T, token string) {
		var a access
		if c.unseal("access", token, &a) == nil && strings.TrimRight(token, "=") != good && a != (access{Thread: "t", Key: "k", Until: 1}) {
			t.Errorf("%q was taken for a token", token)
		}
	})
}
