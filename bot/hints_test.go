package bot_test

import (
	"testing"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/bottest"
)

func TestLocalHints(t *testing.T) {
	bottest.TestHints(t, func(*testing.T) bot.Hints { return &bot.LocalHints{} })
}
