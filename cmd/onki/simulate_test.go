package main

import (
	"context"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/onkihq/onki/flows/flowstest"
)

// TestSimulatedConversations lets customers made of dice talk with the example
// shop and holds the rules of the care model over each conversation: no opener
// twice, the apology budget, a way forward in every reply, every wish for a
// person honoured at once, nobody left stuck. ONKI_SIMULATIONS=100000 is the
// long form; a failing seed is named and can be played again alone.
func TestSimulatedConversations(t *testing.T) {
	n := 400
	if v, err := strconv.Atoi(os.Getenv("ONKI_SIMULATIONS")); err == nil {
		n = v
	}
	ctx := context.Background()
	shop, err := openBrand(ctx, "shop")
	if err != nil {
		t.Fatal(err)
	}
	flow := shop.care.Flow()
	seeds := make(chan uint64)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for seed := range seeds {
				if err := flowstest.Simulate(ctx, seed, flow); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range n {
		if t.Failed() && i > 2000 {
			break
		}
		seeds <- uint64(i)
	}
	close(seeds)
	wg.Wait()
}
