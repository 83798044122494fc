package kinesis

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"cordboard/sim/connect/awsjson"
)

const (
	iteratorLife = 5 * time.Minute // of a shard iterator (GetShardIterator)
	mostRecords  = 10000           // of one GetRecords
	mostBytes    = 10 << 20
)

// An iterator is what a shard iterator says when it is opened: read what comes after a number. Clients see a token.
type iterator struct {
	Shard string    `json:"s"`
	After uint64    `json:"a"`
	Made  time.Time `json:"t"`
}

func (i iterator) token() string {
	raw, err := json.Marshal(i)
	if err != nil { // plain values
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func parse(token string) (i iterator, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(raw, &i)
	}
	if err != nil {
		return i, awsjson.Errorf("InvalidArgumentException", "Invalid ShardIterator.")
	}
	if time.Since(i.Made) > iteratorLife {
		return i, awsjson.Errorf("ExpiredIteratorException", "Iterator expired. The iterator was created more than 5 minutes ago.")
	}
	return i, nil
}

func (s *Stream) getShardIterator(_ context.Context, in struct {
	named
	ShardID                string
	ShardIteratorType      string
	StartingSequenceNumber string
	Timestamp              float64
}) (any, error) {
	if err := s.is(in.named); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.shard(in.ShardID)
	if sh == nil {
		return nil, awsjson.Errorf("ResourceNotFoundException", "Shard %s in stream %s does not exist", in.ShardID, s.cfg.Name)
	}
	i := iterator{Shard: sh.id, Made: time.Now()}
	switch in.ShardIteratorType {
	case "TRIM_HORIZON":
	case "LATEST":
		i.After = s.last
	case "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER":
		n, ok := number(in.StartingSequenceNumber)
		if !ok || n < sh.begins || n > s.last || sh.ends != 0 && n > sh.ends {
			return nil, awsjson.Errorf("InvalidArgumentException", "StartingSequenceNumber %s is not valid for shard %s", in.StartingSequenceNumber, sh.id)
		}
		if i.After = n; in.ShardIteratorType == "AT_SEQUENCE_NUMBER" {
			i.After--
		}
	case "AT_TIMESTAMP":
		from := time.UnixMilli(int64(in.Timestamp * 1000))
		at := slices.IndexFunc(sh.records, func(r record) bool { return !r.at.Before(from) })
		if i.After = s.last; at >= 0 {
			i.After = sh.records[at].n - 1
		}
	default:
		return nil, awsjson.Errorf("InvalidArgumentException", "ShardIteratorType %q is unknown", in.ShardIteratorType)
	}
	return map[string]string{"ShardIterator": i.token()}, nil
}

// number reads a sequence number; ok is false for one that this stream never gave out.
func number(s string) (n uint64, ok bool) {
	rest, ok := strings.CutPrefix(s, "4966")
	if !ok || len(rest) != 52 {
		return 0, false
	}
	for _, c := range rest {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

type recordView struct {
	Arrived json.Number `json:"ApproximateArrivalTimestamp"`
	Data    []byte      `json:"Data"`
	Key     string      `json:"PartitionKey"`
	Number  string      `json:"SequenceNumber"`
}

type childView struct {
	ID           string    `json:"ShardId"`
	Parents      []string  `json:"ParentShards"`
	HashKeyRange rangeView `json:"HashKeyRange"`
}

// getRecords reads on. At the end of a closed shard there is no next iterator, but the shards that go on from there.
func (s *Stream) getRecords(_ context.Context, in struct {
	ShardIterator string
	Limit         int
}) (any, error) {
	i, err := parse(in.ShardIterator)
	if err != nil {
		return nil, err
	}
	if in.Limit < 0 || in.Limit > mostRecords {
		return nil, awsjson.Errorf("InvalidArgumentException", "Limit must be from 1 to %d", mostRecords)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.shard(i.Shard)
	if sh == nil {
		return nil, awsjson.Errorf("ResourceNotFoundException", "Shard %s does not exist", i.Shard)
	}
	if !s.mayRead(sh) {
		return nil, awsjson.Errorf("ProvisionedThroughputExceededException", "Rate exceeded for shard %s in stream %s.", sh.id, s.cfg.Name)
	}
	limit := in.Limit
	if limit == 0 {
		limit = mostRecords
	}
	views, size := []recordView{}, 0
	at := sh.after(i.After)
	for ; at < len(sh.records) && len(views) < limit; at++ {
		r := sh.records[at]
		if size += len(r.data); size > mostBytes && len(views) > 0 {
			break
		}
		views = append(views, recordView{seconds(r.at), r.data, r.key, sequence(r.n)})
		i.After = r.n
	}
	answer := map[string]any{"Records": views, "MillisBehindLatest": 0}
	if at < len(sh.records) {
		answer["MillisBehindLatest"] = time.Since(sh.records[at].at).Milliseconds()
	}
	if sh.ends != 0 && at == len(sh.records) {
		answer["ChildShards"] = s.children(sh)
		return answer, nil
	}
	i.Made = time.Now()
	answer["NextShardIterator"] = i.token()
	return answer, nil
}

// mayRead counts the reads of a shard in the last second.
func (s *Stream) mayRead(sh *shard) bool {
	if s.cfg.ReadsPerSecond < 0 {
		return true
	}
	now := time.Now()
	sh.reads = slices.DeleteFunc(sh.reads, func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if len(sh.reads) >= s.cfg.ReadsPerSecond {
		return false
	}
	sh.reads = append(sh.reads, now)
	return true
}

func (s *Stream) children(of *shard) []childView {
	list := []childView{}
	for _, sh := range s.shards {
		if !slices.Contains(sh.parents, of) {
			continue
		}
		v := childView{ID: sh.id, HashKeyRange: rangeView{sh.from.String(), sh.to.String()}}
		for _, p := range sh.parents {
			v.Parents = append(v.Parents, p.id)
		}
		list = append(list, v)
	}
	return list
}
