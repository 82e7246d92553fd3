package knowledge_test

import (
	"testing"

	"github.com/onkihq/onki/knowledge"
	"github.com/onkihq/onki/knowledge/knowledgetest"
)

func TestMemory(t *testing.T) {
	knowledgetest.TestIndex(t, func(*testing.T) knowledge.Index { return &knowledge.Memory{} })
}
