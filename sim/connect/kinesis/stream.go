// Package kinesis is one simulated Kinesis data stream in memory: shards that split and merge, sequence numbers, iterators that
// expire, and the few operations of the Kinesis API that a producer and a consumer without enhanced fan-out need, in JSON 1.1
// as the AWS SDK for Go speaks it. It is written from the Amazon Kinesis Data Streams Developer Guide and API Reference.
//
// Not simulated: CBOR, enhanced fan-out, aggregation, encryption, the limits of what may be put.
package kinesis

import (
	"crypto/md5"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"
)

// Config says what stream there is.
type Config struct {
	Name   string
	ARN    string
	Shards int // open ones at the beginning; 0 means 2
	Keep   int // bytes of data that each shard keeps: the oldest records go; 0 means 64 MiB
	// ReadsPerSecond is how often each shard may be read; 0 means 5, as the service allows, negative: as often as anybody likes.
	ReadsPerSecond int
}

// Stream is one data stream. All methods may be called from any goroutine.
type Stream struct {
	cfg     Config
	created time.Time

	mu     sync.Mutex
	shards []*shard // in the order of their making, closed ones included
	last   uint64   // the newest sequence number
}

// A shard holds the records of one range of hash keys. Guarded by Stream.mu.
type shard struct {
	id       string
	from, to *big.Int // the range, both ends included
	parents  []*shard
	begins   uint64
	ends     uint64 // 0 while it is open
	records  []record
	bytes    int
	reads    []time.Time // of the last second
}

type record struct {
	n    uint64
	key  string
	data []byte
	at   time.Time
}

// top is the largest hash key.
var top = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1))

// New makes a stream of the given number of shards of equal width.
func New(cfg Config) *Stream {
	if cfg.Shards <= 0 {
		cfg.Shards = 2
	}
	if cfg.Keep <= 0 {
		cfg.Keep = 64 << 20
	}
	if cfg.ReadsPerSecond == 0 {
		cfg.ReadsPerSecond = 5
	}
	s := &Stream{cfg: cfg, created: time.Now(), last: uint64(time.Now().UnixMicro())}
	width := new(big.Int).Div(top, big.NewInt(int64(cfg.Shards)))
	from := new(big.Int)
	for i := range cfg.Shards {
		to := new(big.Int).Add(from, width)
		if i == cfg.Shards-1 {
			to.Set(top)
		}
		s.open(new(big.Int).Set(from), to)
		from = new(big.Int).Add(to, big.NewInt(1))
	}
	return s
}

// open adds a shard. It runs under Stream.mu, or before anybody knows the stream.
func (s *Stream) open(from, to *big.Int, parents ...*shard) *shard {
	s.last++
	sh := &shard{id: fmt.Sprintf("shardId-%012d", len(s.shards)), from: from, to: to, parents: parents, begins: s.last}
	s.shards = append(s.shards, sh)
	return sh
}

// sequence writes a sequence number: always equally long, so that they are in order as strings too.
func sequence(n uint64) string { return fmt.Sprintf("4966%052d", n) }

// Put appends one record and says where it went.
func (s *Stream) Put(key string, data []byte) (shardID, sequenceNumber string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := md5.Sum([]byte(key))
	hash := new(big.Int).SetBytes(sum[:])
	for _, sh := range s.shards {
		if sh.ends == 0 && sh.from.Cmp(hash) <= 0 && hash.Cmp(sh.to) <= 0 {
			s.last++
			sh.records = append(sh.records, record{n: s.last, key: key, data: data, at: time.Now()})
			sh.bytes += len(data)
			for sh.bytes > s.cfg.Keep && len(sh.records) > 1 {
				sh.bytes -= len(sh.records[0].data)
				sh.records[0] = record{}
				sh.records = sh.records[1:]
			}
			return sh.id, sequence(s.last)
		}
	}
	panic("kinesis: the open shards do not cover all hash keys")
}

// Reshard splits the widest open shards, or merges neighbours, until so many are open. Records stay in the shards that they
// were put into; the new ones name their parents.
func (s *Stream) Reshard(shards int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for shards > 0 && len(s.openShards()) < shards {
		widest := slices.MaxFunc(s.openShards(), func(a, b *shard) int { return a.width().Cmp(b.width()) })
		half := new(big.Int).Add(widest.from, new(big.Int).Rsh(widest.width(), 1))
		s.close(widest)
		s.open(widest.from, half, widest)
		s.open(new(big.Int).Add(half, big.NewInt(1)), widest.to, widest)
	}
	for shards > 0 && len(s.openShards()) > shards {
		open := s.openShards()
		slices.SortFunc(open, func(a, b *shard) int { return a.from.Cmp(b.from) })
		s.close(open[0])
		s.close(open[1])
		s.open(open[0].from, open[1].to, open[0], open[1])
	}
}

func (s *Stream) close(sh *shard) {
	s.last++
	sh.ends = s.last
}

func (s *Stream) openShards() []*shard {
	var open []*shard
	for _, sh := range s.shards {
		if sh.ends == 0 {
			open = append(open, sh)
		}
	}
	return open
}

func (sh *shard) width() *big.Int { return new(big.Int).Sub(sh.to, sh.from) }

func (s *Stream) shard(id string) *shard {
	for _, sh := range s.shards {
		if sh.id == id {
			return sh
		}
	}
	return nil
}

// after is the index of the first record whose number is greater than n.
func (sh *shard) after(n uint64) int {
	i, _ := slices.BinarySearchFunc(sh.records, n+1, func(r record, n uint64) int {
		switch {
		case r.n < n:
			return -1
		case r.n > n:
			return 1
		}
		return 0
	})
	return i
}
