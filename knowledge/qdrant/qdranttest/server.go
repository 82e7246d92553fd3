// Package qdranttest plays a Qdrant server at the wire: the client library's own
// generated service stubs over gRPC on a port of this machine, with collections
// in memory and a real search behind them. It does what package qdrant uses and
// refuses everything else, as the embedded stubs do.
package qdranttest

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	client "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A Server is a small Qdrant. Make one with [Start].
type Server struct {
	client.UnimplementedQdrantServer
	Port int // of gRPC, on 127.0.0.1

	grpc        *grpc.Server
	mu          sync.Mutex
	collections map[string]*collection
	fail        int
	slow        time.Duration
	refuse      int // calls that write, until one is refused for good
}

// Start serves until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Port: listener.Addr().(*net.TCPAddr).Port, grpc: grpc.NewServer(), collections: map[string]*collection{}}
	client.RegisterPointsServer(s.grpc, pointsService{Server: s})
	client.RegisterCollectionsServer(s.grpc, collectionsService{Server: s})
	client.RegisterQdrantServer(s.grpc, s)
	go s.grpc.Serve(listener)
	t.Cleanup(s.grpc.Stop)
	return s
}

// URL is the address of a collection as onki takes it.
func (s *Server) URL(collection string) string {
	return fmt.Sprintf("qdrant://127.0.0.1:%d/%s", s.Port, collection)
}

// Stop ends the server, as a crash would.
func (s *Server) Stop() { s.grpc.Stop() }

// Fail lets that many calls fail before one succeeds.
func (s *Server) Fail(calls int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = calls
}

// Refuse lets that call that writes, from 1, be refused, and all after it: a
// disk that is full.
func (s *Server) Refuse(call int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = call
}

// full counts down to the write that is refused.
func (s *Server) full() bool {
	if s.refuse > 1 {
		s.refuse--
		return false
	}
	return s.refuse == 1
}

// Slow is how long questions take from now on.
func (s *Server) Slow(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow = d
}

// Points returns how many points a collection holds.
func (s *Server) Points(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.collections[name]; c != nil {
		return len(c.points)
	}
	return 0
}

// Make makes a collection with these parameters, as some other program would.
func (s *Server) Make(name string, params *client.CollectionParams) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.collections[name] = &collection{params: params, schema: map[string]*client.PayloadSchemaInfo{}, points: map[string]*client.PointStruct{}}
}

// Fields returns how many payload fields of a collection are indexed.
func (s *Server) Fields(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.collections[name].schema)
}

// ForgetFields drops the indexes of the payload fields, as if making the
// collection had been cut short.
func (s *Server) ForgetFields(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.collections[name].schema = map[string]*client.PayloadSchemaInfo{}
}

// pointsService and collectionsService are two faces of one server: both have
// a Get and a Delete.
type (
	pointsService struct {
		client.UnimplementedPointsServer
		*Server
	}
	collectionsService struct {
		client.UnimplementedCollectionsServer
		*Server
	}
)

type collection struct {
	params *client.CollectionParams
	schema map[string]*client.PayloadSchemaInfo
	points map[string]*client.PointStruct
}

// find finds a collection, or fails as the server was told to.
func (s *Server) find(name string) (*collection, error) {
	if s.fail > 0 {
		s.fail--
		return nil, status.Error(codes.Unavailable, "not now")
	}
	c := s.collections[name]
	if c == nil {
		return nil, status.Errorf(codes.NotFound, "collection %s not found", name)
	}
	return c, nil
}

func (s collectionsService) CollectionExists(_ context.Context, r *client.CollectionExistsRequest) (*client.CollectionExistsResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &client.CollectionExistsResponse{Result: &client.CollectionExists{Exists: s.collections[r.CollectionName] != nil}}, nil
}

func (s collectionsService) Create(_ context.Context, r *client.CreateCollection) (*client.CollectionOperationResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.collections[r.CollectionName] != nil {
		return nil, status.Error(codes.AlreadyExists, "it exists")
	}
	s.collections[r.CollectionName] = &collection{
		params: &client.CollectionParams{VectorsConfig: r.VectorsConfig, SparseVectorsConfig: r.SparseVectorsConfig},
		schema: map[string]*client.PayloadSchemaInfo{}, points: map[string]*client.PointStruct{},
	}
	return &client.CollectionOperationResponse{Result: true}, nil
}

func (s collectionsService) Get(_ context.Context, r *client.GetCollectionInfoRequest) (*client.GetCollectionInfoResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(r.CollectionName)
	if err != nil {
		return nil, err
	}
	return &client.GetCollectionInfoResponse{Result: &client.CollectionInfo{Config: &client.CollectionConfig{Params: c.params}, PayloadSchema: c.schema}}, nil
}

func (s pointsService) CreateFieldIndex(_ context.Context, r *client.CreateFieldIndexCollection) (*client.PointsOperationResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(r.CollectionName)
	if err != nil {
		return nil, err
	}
	c.schema[r.FieldName] = &client.PayloadSchemaInfo{}
	return &client.PointsOperationResponse{Result: &client.UpdateResult{}}, nil
}

func (s pointsService) Upsert(_ context.Context, r *client.UpsertPoints) (*client.PointsOperationResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(r.CollectionName)
	if err != nil {
		return nil, err
	}
	if s.full() {
		return nil, status.Error(codes.ResourceExhausted, "no space left on device")
	}
	if !r.GetWait() {
		return nil, status.Error(codes.InvalidArgument, "an import must wait for the write")
	}
	for _, p := range r.Points {
		for name, v := range p.Vectors.GetVectors().GetVectors() {
			dense := c.params.VectorsConfig.GetParamsMap().GetMap()[name]
			if d := v.GetDense(); d != nil && (dense == nil || int(dense.Size) != len(d.Data)) {
				return nil, status.Error(codes.InvalidArgument, "Wrong input: Vector dimension error")
			}
			if sp := v.GetSparse(); sp != nil && !unique(sp.Indices) {
				return nil, status.Error(codes.InvalidArgument, "sparse indices must be unique")
			}
		}
	}
	for _, p := range r.Points {
		c.points[p.Id.GetUuid()] = p
	}
	return &client.PointsOperationResponse{Result: &client.UpdateResult{Status: client.UpdateStatus_Completed}}, nil
}

func unique(list []uint32) bool {
	list = slices.Sorted(slices.Values(list))
	return len(slices.Compact(list)) == len(list)
}

func (s pointsService) Delete(_ context.Context, r *client.DeletePoints) (*client.PointsOperationResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(r.CollectionName)
	if err != nil {
		return nil, err
	}
	for _, id := range r.Points.GetPoints().GetIds() {
		delete(c.points, id.GetUuid())
	}
	return &client.PointsOperationResponse{Result: &client.UpdateResult{Status: client.UpdateStatus_Completed}}, nil
}

func (s pointsService) Scroll(_ context.Context, r *client.ScrollPoints) (*client.ScrollResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(r.CollectionName)
	if err != nil {
		return nil, err
	}
	var ids []string
	for id, p := range c.points {
		if passes(r.Filter, p) && id >= r.Offset.GetUuid() {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	out := &client.ScrollResponse{}
	for i, id := range ids {
		if i == int(r.GetLimit()) {
			out.NextPageOffset = client.NewIDUUID(id)
			break
		}
		out.Result = append(out.Result, &client.RetrievedPoint{Id: client.NewIDUUID(id), Payload: c.points[id].Payload, Vectors: c.output(id, r.GetWithVectors())})
	}
	return out, nil
}

func (s pointsService) Query(ctx context.Context, r *client.QueryPoints) (*client.QueryResponse, error) {
	s.mu.Lock()
	slow := s.slow
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	case <-time.After(slow):
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(r.CollectionName)
	if err != nil {
		return nil, err
	}
	var found []*client.ScoredPoint
	if len(r.Prefetch) == 0 {
		found = c.nearest(r.Query, r.GetUsing(), r.Filter)
	} else {
		if _, ok := r.Query.GetVariant().(*client.Query_Fusion); !ok {
			return nil, status.Error(codes.Unimplemented, "prefetch without fusion")
		}
		found = c.fuse(r.Prefetch)
	}
	found = found[:min(len(found), int(r.GetLimit()))]
	for _, p := range found {
		p.Vectors = c.output(p.Id.GetUuid(), r.GetWithVectors())
	}
	return &client.QueryResponse{Result: found}, nil
}
