package edge_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/onkihq/onki/channels/edge"
)

func TestWords(t *testing.T) {
	files := fstest.MapFS{
		"words/en.txt": {Data: []byte("# a remark\nhello: Hello {name}, {name}\nbye: Bye: soon\n")},
		"words/ko.txt": {Data: []byte("hello: {name} 님, 안녕하세요\nbye: 안녕\n")},
	}
	w, err := edge.ReadWords(files, map[string]map[string]string{"ko": {"bye": "또 봬요"}, "ja": {"hello": "{name} 様"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ lang, name, want string }{
		{"en", "hello", "Hello {x}, {x}"}, {"ko", "hello", "{x} 님, 안녕하세요"}, {"ko", "bye", "또 봬요"},
		{"ja", "hello", "{x} 様"}, {"ja", "bye", "Bye: soon"}, {"fr", "bye", "Bye: soon"}, {"en", "none", ""},
	} {
		if got := w.Say(c.lang, c.name, "name", "{x}", "x", "never: a value is not read again"); got != c.want {
			t.Errorf("%s %s: %q; want %q", c.lang, c.name, got, c.want)
		}
	}
	if _, err := edge.ReadWords(files, map[string]map[string]string{"ko": {"helo": "x"}}); err == nil || !strings.Contains(err.Error(), `"helo"`) || !strings.Contains(err.Error(), "bye, hello") {
		t.Errorf("a name that is none: %v; want it named, and those there are", err)
	}
}
