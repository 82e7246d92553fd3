package qdrant

import (
	"slices"
	"time"

	"github.com/google/uuid"
	client "github.com/qdrant/go-client/qdrant"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge"
	"github.com/onkihq/onki/knowledge/lexical"
)

// forever stands for a passage without an end; it is exact in a float64, in
// which the server compares.
const forever = 1 << 50

// pointID makes the same UUID for the same passage of the same brand, always.
func (x *Index) pointID(id string) *client.PointId {
	space := uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://onki.example/knowledge/"+x.c.Tenant))
	return client.NewIDUUID(uuid.NewSHA1(space, []byte(id)).String())
}

// point makes a point of an entry.
func (x *Index) point(e *knowledge.Entry) *client.PointStruct {
	p := &e.Passage
	payload := map[string]*client.Value{}
	for key, value := range map[string]string{
		"tenant": x.c.Tenant, "id": p.ID, "title": p.Title, "question": p.Question, "answer": p.Answer, "text": p.Text,
		"source": p.Source, "url": p.URL, "lang": p.Lang, "audience": p.Audience, "hash": e.Hash,
	} {
		payload[key] = client.NewValueString(value)
	}
	payload["from"] = client.NewValueInt(seconds(p.From, 0))
	payload["until"] = client.NewValueInt(seconds(p.Until, forever))
	var indices []uint32
	var values []float32
	weights := map[uint32]float32{}
	for h, w := range lexical.Impacts(lexical.Doc{Title: e.Title, Body: e.Body}) {
		weights[short(h)] = max(weights[short(h)], w)
	}
	for i, w := range weights {
		indices, values = append(indices, i), append(values, w)
	}
	vectors := map[string]*client.Vector{sparseVector: client.NewVectorSparse(indices, values)}
	if len(e.Vector) > 0 {
		vectors[denseVector] = client.NewVectorDense(e.Vector)
	}
	return &client.PointStruct{Id: x.pointID(p.ID), Payload: payload, Vectors: client.NewVectorsMap(vectors)}
}

// short folds a hash to the 32 bits of a sparse index. Among a million terms
// one in four thousand shares its number with another, which costs less than
// keeping a dictionary.
func short(h uint64) uint32 { return uint32(h ^ h>>32) }

// sparse makes the vector of a question.
func sparse(terms []knowledge.Weighted) (indices []uint32, values []float32) {
	weights := map[uint32]float32{}
	for _, t := range terms {
		weights[short(t.Term.Hash())] += float32(t.Weight)
	}
	for i := range weights {
		indices = append(indices, i)
	}
	slices.Sort(indices)
	for _, i := range indices {
		values = append(values, weights[i])
	}
	return indices, values
}

func seconds(t time.Time, none int64) int64 {
	if t.IsZero() {
		return none
	}
	return t.Unix()
}

func moment(n, none int64) time.Time {
	if n == none {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// entry reads an entry from a payload.
func entry(payload map[string]*client.Value) knowledge.Entry {
	text := func(key string) string { return payload[key].GetStringValue() }
	return knowledge.Entry{
		Hash: text("hash"),
		Passage: bot.Passage{
			ID: text("id"), Title: text("title"), Question: text("question"), Answer: text("answer"), Text: text("text"),
			Source: text("source"), URL: text("url"), Lang: text("lang"), Audience: text("audience"),
			From:  moment(payload["from"].GetIntegerValue(), 0),
			Until: moment(payload["until"].GetIntegerValue(), forever),
		},
	}
}

// filter narrows a search to the brand and what the filter says.
func (x *Index) filter(f knowledge.Filter) *client.Filter {
	must := []*client.Condition{client.NewMatch("tenant", x.c.Tenant)}
	if f.Lang != "" {
		must = append(must, client.NewMatch("lang", f.Lang))
	}
	if len(f.Audiences) > 0 {
		must = append(must, client.NewMatchKeywords("audience", f.Audiences...))
	}
	if !f.At.IsZero() {
		at := float64(f.At.Unix())
		must = append(must,
			client.NewRange("from", &client.Range{Lte: &at}),
			client.NewRange("until", &client.Range{Gte: &at}))
	}
	return &client.Filter{Must: must}
}
