package connect

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"cordboard/platform"
)

// stream reads the agent event stream, each shard by a reader of its own. A shard that came of a split or a merger is begun
// when those that it came of are read to their ends, because an agent's records are in order only so ("Kinesis Data Streams":
// resharding).
type stream struct {
	*run
	places *places
	met    map[string]bool // shards that this Run has met for the first time, and that nobody reads yet

	mu      sync.Mutex
	failing map[string]bool // shards that cannot be read now
	unread  map[string]bool // shards that were not read yet: what comes to one that is met now may not be told of
	ends    chan struct{}   // told when a shard has come to its end
}

func newStream(r *run, p *places) *stream {
	return &stream{run: r, places: p, met: map[string]bool{}, failing: map[string]bool{}, unread: map[string]bool{}, ends: make(chan struct{}, 1)}
}

// keep looks for shards and reads them until ctx ends.
func (s *stream) keep(ctx context.Context) {
	var readers sync.WaitGroup
	defer readers.Wait()
	reading := map[string]bool{}
	for failures := 0; ctx.Err() == nil; {
		shards, err := s.list(ctx)
		if err != nil {
			failures++
			s.set("", err)
			if !platform.Pause(ctx, s.backoff(failures, err)) {
				return
			}
			continue
		}
		failures = 0
		ready := s.ready(shards, reading)
		s.expect(ready)
		s.set("", nil)
		for _, id := range ready {
			reading[id] = true
			met := s.met[id]
			delete(s.met, id)
			readers.Go(func() { (&shard{stream: s, id: id, met: met}).keep(ctx) })
		}
		select {
		case <-ctx.Done():
		case <-s.ends: // its children may be read now
		case <-time.After(s.pace.shards):
		}
	}
}

// name names the stream in a request, by its ARN or its name.
func (s *stream) name() (name, arn *string) {
	if len(s.cfg.Stream) > 4 && s.cfg.Stream[:4] == "arn:" {
		return nil, &s.cfg.Stream
	}
	return &s.cfg.Stream, nil
}

func (s *stream) list(ctx context.Context) ([]types.Shard, error) {
	var all []types.Shard
	in := &kinesis.ListShardsInput{}
	in.StreamName, in.StreamARN = s.name()
	for {
		out, err := s.aws.kinesis.ListShards(ctx, in)
		if err != nil {
			return nil, judged("ListShards", err)
		}
		all = append(all, out.Shards...)
		if aws.ToString(out.NextToken) == "" {
			return all, nil
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
}

// ready are the shards that can be begun: those that nobody reads, and whose parents are read to their ends. A stream that is
// met for the first time is read from now on: what is in it already is of calls that nobody was told of.
func (s *stream) ready(shards []types.Shard, reading map[string]bool) []string {
	there := map[string]bool{}
	for _, sh := range shards {
		there[*sh.ShardId] = true
	}
	if s.places.fresh() {
		now := since + time.Now().UTC().Format(time.RFC3339Nano)
		for _, sh := range shards {
			if sh.SequenceNumberRange != nil && sh.SequenceNumberRange.EndingSequenceNumber != nil {
				s.places.set(*sh.ShardId, ended)
			} else {
				s.places.set(*sh.ShardId, now)
				s.met[*sh.ShardId] = true
			}
		}
	}
	s.places.forget(there)
	var ids []string
	for _, sh := range shards {
		id := *sh.ShardId
		over := func(parent *string) bool { return parent == nil || !there[*parent] || s.places.get(*parent) == ended }
		if !reading[id] && s.places.get(id) != ended && over(sh.ParentShardId) && over(sh.AdjacentParentShardId) {
			ids = append(ids, id)
		}
	}
	return ids
}

// expect notes shards that are read from now on.
func (s *stream) expect(shards []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range shards {
		s.unread[id] = true
	}
}

// set notes whether a shard, or "" for the list of them, can be read.
func (s *stream) set(shard string, err error) {
	s.mu.Lock()
	if err == nil {
		delete(s.failing, shard)
		delete(s.unread, shard)
	} else {
		s.failing[shard] = true
	}
	up := len(s.failing) == 0 && len(s.unread) == 0
	s.mu.Unlock()
	switch {
	case err != nil:
		s.tally.set(streamSource, lost(err), err)
	case up:
		s.tally.set(streamSource, platform.Up, nil)
	}
}

// end is told by a shard that has come to its end.
func (s *stream) end(shard string) {
	s.places.set(shard, ended)
	select {
	case s.ends <- struct{}{}:
	default:
	}
}
