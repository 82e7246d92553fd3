package qdrant

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	client "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/onkihq/onki/knowledge"
)

// The names of the two vectors of a point.
const (
	sparseVector = "terms"
	denseVector  = "meaning"
)

// How much is written or read in one call: a passage with its vector takes
// some kilobytes, and servers refuse messages over a few megabytes.
const (
	writeBatch = 128
	readBatch  = 256
)

// opening is how long the start waits for the server.
const opening = 15 * time.Second

// An Index is the passages of one brand on a server. Make one with [Open].
type Index struct {
	c      Config
	client *client.Client
	ask    time.Duration
	change time.Duration
}

// Open connects to the server, and makes the collection or checks that it is
// one that this package can use. options are for tests and special networks.
func Open(ctx context.Context, c Config, options ...grpc.DialOption) (*Index, error) {
	x := &Index{c: c, ask: c.Timeout, change: c.Timeout}
	if c.Timeout == 0 {
		x.ask, x.change = 2*time.Second, time.Minute
	}
	var err error
	x.client, err = client.NewClient(&client.Config{
		Host: c.Host, Port: c.Port, APIKey: c.Key, UseTLS: c.TLS, GrpcOptions: options, PoolSize: 2,
		SkipCompatibilityCheck: true, // the schema check says more, and says it as an error
		RetryConfig:            &client.RetryConfig{MaxRetries: 4, BaseBackoff: 100 * time.Millisecond, MaxBackoff: 2 * time.Second},
	})
	if err != nil {
		return nil, fmt.Errorf("open qdrant at %s: %w", c.Host, err)
	}
	if err := x.prepare(ctx); err != nil {
		x.client.Close()
		return nil, fmt.Errorf("open qdrant collection %s at %s:%d: %w%s", c.Collection, c.Host, c.Port, err, remedy(err))
	}
	return x, nil
}

// remedy is what to do about an error at the start.
func remedy(err error) string {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded:
		return ": is the server running, and is this its port of gRPC (6334 as a rule)?"
	case codes.Unauthenticated, codes.PermissionDenied:
		return ": give its key as ONKI_QDRANT_KEY, or the file that holds it as ONKI_QDRANT_KEY_FILE"
	}
	return ""
}

// Close ends the connection.
func (x *Index) Close() error { return x.client.Close() }

// prepare makes the collection, or checks the one that is there.
func (x *Index) prepare(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, min(x.change, opening))
	defer stop()
	there, err := x.client.CollectionExists(ctx, x.c.Collection)
	if err != nil {
		return err
	}
	if there {
		return x.check(ctx)
	}
	if x.c.Dimension == Unknown {
		return errors.New("it is not there, and how long its vectors shall be is not known while the embedder does not answer; try again when it does")
	}
	request := &client.CreateCollection{
		CollectionName: x.c.Collection,
		SparseVectorsConfig: client.NewSparseVectorsConfig(map[string]*client.SparseVectorParams{
			sparseVector: {Modifier: client.PtrOf(client.Modifier_Idf)},
		}),
	}
	if x.c.Dimension > 0 {
		request.VectorsConfig = client.NewVectorsConfigMap(map[string]*client.VectorParams{
			denseVector: {Size: uint64(x.c.Dimension), Distance: client.Distance_Cosine},
		})
	}
	if err := x.client.CreateCollection(ctx, request); err != nil {
		return err
	}
	return x.indexFields(ctx)
}

// indexFields makes the filters quick. Doing it again changes nothing.
func (x *Index) indexFields(ctx context.Context) error {
	tenant := client.NewPayloadIndexParamsKeyword(&client.KeywordIndexParams{IsTenant: client.PtrOf(true)})
	for _, f := range []struct {
		name   string
		kind   client.FieldType
		params *client.PayloadIndexParams
	}{
		{"tenant", client.FieldType_FieldTypeKeyword, tenant},
		{"lang", client.FieldType_FieldTypeKeyword, nil},
		{"audience", client.FieldType_FieldTypeKeyword, nil},
		{"from", client.FieldType_FieldTypeInteger, nil},
		{"until", client.FieldType_FieldTypeInteger, nil},
	} {
		_, err := x.client.CreateFieldIndex(ctx, &client.CreateFieldIndexCollection{
			CollectionName: x.c.Collection, FieldName: f.name, FieldType: client.PtrOf(f.kind),
			FieldIndexParams: f.params, Wait: client.PtrOf(true),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// check compares the collection with what this package needs.
func (x *Index) check(ctx context.Context) error {
	info, err := x.client.GetCollectionInfo(ctx, x.c.Collection)
	if err != nil {
		return err
	}
	params := info.GetConfig().GetParams()
	terms := params.GetSparseVectorsConfig().GetMap()[sparseVector]
	if terms == nil || terms.GetModifier() != client.Modifier_Idf {
		return fmt.Errorf("it has no sparse vector %q with the IDF modifier; choose another collection name and a new one is made", sparseVector)
	}
	size := int(params.GetVectorsConfig().GetParamsMap().GetMap()[denseVector].GetSize())
	if x.c.Dimension <= 0 {
		x.c.Dimension = size // the embedder that will be asked later may fit
	}
	if size != x.c.Dimension {
		return fmt.Errorf("its dense vectors have %d dimensions and the embedder gives %d; choose another collection name and a new one is made", size, x.c.Dimension)
	}
	if _, ok := info.GetPayloadSchema()["tenant"]; !ok {
		return x.indexFields(ctx) // an earlier start was cut short
	}
	return nil
}

// Change implements [knowledge.Index]. It returns when the server has applied
// everything.
func (x *Index) Change(ctx context.Context, put []knowledge.Entry, remove []string) error {
	last := map[string]int{}
	for i := range put {
		last[put[i].Passage.ID] = i
	}
	points := make([]*client.PointStruct, 0, writeBatch)
	flush := func() error {
		if len(points) == 0 {
			return nil
		}
		ctx, stop := context.WithTimeout(ctx, x.change)
		defer stop()
		_, err := x.client.Upsert(ctx, &client.UpsertPoints{CollectionName: x.c.Collection, Wait: client.PtrOf(true), Points: points})
		points = points[:0]
		return err
	}
	for i := range put {
		e := &put[i]
		if last[e.Passage.ID] != i {
			continue // a later one replaces it
		}
		if n := len(e.Vector); n > 0 && n != x.c.Dimension {
			return fmt.Errorf("put passage %s: its vector has %d dimensions, the collection %d", e.Passage.ID, n, x.c.Dimension)
		}
		points = append(points, x.point(e))
		if len(points) == writeBatch {
			if err := flush(); err != nil {
				return fmt.Errorf("put passages: %w", err)
			}
		}
	}
	if err := flush(); err != nil {
		return fmt.Errorf("put passages: %w", err)
	}
	return x.remove(ctx, remove, last)
}

// remove deletes passages that were not put by the same change.
func (x *Index) remove(ctx context.Context, ids []string, put map[string]int) error {
	for len(ids) > 0 {
		n := min(len(ids), writeBatch)
		var points []*client.PointId
		for _, id := range ids[:n] {
			if _, ok := put[id]; !ok {
				points = append(points, x.pointID(id))
			}
		}
		ids = ids[n:]
		if len(points) == 0 {
			continue
		}
		err := func() error {
			ctx, stop := context.WithTimeout(ctx, x.change)
			defer stop()
			_, err := x.client.Delete(ctx, &client.DeletePoints{
				CollectionName: x.c.Collection, Wait: client.PtrOf(true), Points: client.NewPointsSelectorIDs(points),
			})
			return err
		}()
		if err != nil {
			return fmt.Errorf("remove passages: %w", err)
		}
	}
	return nil
}

// Search implements [knowledge.Index].
func (x *Index) Search(ctx context.Context, p knowledge.Probe) ([]knowledge.Hit, error) {
	if p.N <= 0 || len(p.Terms) == 0 && len(p.Vector) == 0 {
		return nil, ctx.Err()
	}
	ctx, stop := context.WithTimeout(ctx, x.ask)
	defer stop()
	points, err := x.client.Query(ctx, x.query(p))
	if err != nil {
		return nil, fmt.Errorf("search qdrant: %w", err)
	}
	hits := make([]knowledge.Hit, len(points))
	for i, pt := range points {
		e := entry(pt.GetPayload())
		hits[i] = knowledge.Hit{Passage: e.Passage, Score: float64(pt.GetScore())}
		if v := pt.GetVectors().GetVectors().GetVectors()[denseVector]; v != nil {
			hits[i].Cosine = knowledge.Cosine(v.GetDense().GetData(), p.Vector)
		}
	}
	return hits, nil
}

// query asks for terms, for the dense vector, or for both and their fusion.
func (x *Index) query(p knowledge.Probe) *client.QueryPoints {
	limit, filter := client.PtrOf(uint64(p.N)), x.filter(p.Filter)
	q := &client.QueryPoints{
		CollectionName: x.c.Collection, Limit: limit, Filter: filter, WithPayload: client.NewWithPayload(true),
	}
	indices, values := sparse(p.Terms)
	terms := client.NewQuerySparse(indices, values)
	switch {
	case len(p.Vector) == 0 || len(p.Vector) != x.c.Dimension: // an embedder was changed: words go on
		q.Query, q.Using = terms, client.PtrOf(sparseVector)
	case len(p.Terms) == 0:
		q.Query, q.Using = client.NewQueryDense(p.Vector), client.PtrOf(denseVector)
	default:
		q.Prefetch = []*client.PrefetchQuery{
			{Query: terms, Using: client.PtrOf(sparseVector), Filter: filter, Limit: limit},
			{Query: client.NewQueryDense(p.Vector), Using: client.PtrOf(denseVector), Filter: filter, Limit: limit},
		}
		q.Query, q.Filter = client.NewQueryFusion(client.Fusion_RRF), nil
	}
	if q.GetUsing() != sparseVector {
		q.WithVectors = client.NewWithVectorsInclude(denseVector)
	}
	return q
}

// All implements [knowledge.Index].
func (x *Index) All(ctx context.Context) iter.Seq2[knowledge.Entry, error] {
	return func(yield func(knowledge.Entry, error) bool) {
		var offset *client.PointId
		for {
			points, next, err := x.page(ctx, offset)
			if err != nil {
				yield(knowledge.Entry{}, fmt.Errorf("read qdrant: %w", err))
				return
			}
			for _, p := range points {
				if !yield(entry(p.GetPayload()), nil) {
					return
				}
			}
			if next == nil {
				return
			}
			offset = next
		}
	}
}

// Vectors returns the dense vectors of at most n passages.
func (x *Index) Vectors(ctx context.Context, n int) ([][]float32, error) {
	ctx, stop := context.WithTimeout(ctx, x.change)
	defer stop()
	points, err := x.client.Scroll(ctx, &client.ScrollPoints{
		CollectionName: x.c.Collection, Filter: x.filter(knowledge.Filter{}), Limit: client.PtrOf(uint32(n)),
		WithPayload: client.NewWithPayload(false), WithVectors: client.NewWithVectorsInclude(denseVector),
	})
	if err != nil {
		return nil, fmt.Errorf("read qdrant: %w", err)
	}
	var out [][]float32
	for _, p := range points {
		if v := p.GetVectors().GetVectors().GetVectors()[denseVector]; v != nil {
			out = append(out, v.GetDense().GetData())
		}
	}
	return out, nil
}

// Version changes whenever an import has begun or ended: it is made of the
// records of the sources alone.
func (x *Index) Version(ctx context.Context) (string, error) {
	ctx, stop := context.WithTimeout(ctx, x.ask)
	defer stop()
	points, err := x.client.Scroll(ctx, &client.ScrollPoints{
		CollectionName: x.c.Collection, Filter: x.filter(knowledge.Filter{Audiences: []string{knowledge.RecordAudience}}),
		Limit: client.PtrOf(uint32(4096)), WithPayload: client.NewWithPayloadInclude("id", "hash"),
	})
	if err != nil {
		return "", fmt.Errorf("read qdrant: %w", err)
	}
	var b strings.Builder
	for _, p := range points {
		fmt.Fprintf(&b, "%s %s\n", p.GetPayload()["id"].GetStringValue(), p.GetPayload()["hash"].GetStringValue())
	}
	return b.String(), nil
}

func (x *Index) page(ctx context.Context, offset *client.PointId) ([]*client.RetrievedPoint, *client.PointId, error) {
	ctx, stop := context.WithTimeout(ctx, x.change)
	defer stop()
	return x.client.ScrollAndOffset(ctx, &client.ScrollPoints{
		CollectionName: x.c.Collection, Filter: x.filter(knowledge.Filter{}), Offset: offset,
		Limit: client.PtrOf(uint32(readBatch)), WithPayload: client.NewWithPayload(true),
	})
}
