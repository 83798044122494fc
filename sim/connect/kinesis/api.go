package kinesis

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"cordboard/sim/connect/awsjson"
)

// Handler serves the stream's API.
func (s *Stream) Handler() *awsjson.Service {
	return &awsjson.Service{Prefix: "Kinesis_20131202.", Version: "1.1", Operations: map[string]awsjson.Operation{
		"DescribeStreamSummary": awsjson.Read(s.describeSummary),
		"ListShards":            awsjson.Read(s.listShards),
		"GetShardIterator":      awsjson.Read(s.getShardIterator),
		"GetRecords":            awsjson.Read(s.getRecords),
		"PutRecord":             awsjson.Read(s.putRecord),
		"PutRecords":            awsjson.Read(s.putRecords),
		"UpdateShardCount":      awsjson.Read(s.updateShardCount),
	}}
}

// named is how a request says which stream it means.
type named struct{ StreamName, StreamARN string }

func (s *Stream) is(n named) error {
	if n.StreamName == "" && n.StreamARN == "" {
		return awsjson.Errorf("InvalidArgumentException", "a stream name or ARN is needed")
	}
	if n.StreamName != "" && n.StreamName != s.cfg.Name || n.StreamARN != "" && n.StreamARN != s.cfg.ARN {
		return awsjson.Errorf("ResourceNotFoundException", "Stream %s%s not found.", n.StreamName, n.StreamARN)
	}
	return nil
}

func seconds(t time.Time) json.Number {
	b, err := json.Marshal(float64(t.UnixMilli()) / 1000)
	if err != nil { // a number
		panic(err)
	}
	return json.Number(b)
}

func (s *Stream) describeSummary(_ context.Context, in named) (any, error) {
	if err := s.is(in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]any{"StreamDescriptionSummary": map[string]any{
		"StreamName": s.cfg.Name, "StreamARN": s.cfg.ARN, "StreamStatus": "ACTIVE", "StreamModeDetails": map[string]string{"StreamMode": "PROVISIONED"},
		"RetentionPeriodHours": 24, "StreamCreationTimestamp": seconds(s.created), "EnhancedMonitoring": []any{}, "EncryptionType": "NONE",
		"OpenShardCount": len(s.openShards()), "ConsumerCount": 0}}, nil
}

type shardView struct {
	ID           string    `json:"ShardId"`
	Parent       string    `json:"ParentShardId,omitempty"`
	OtherParent  string    `json:"AdjacentParentShardId,omitempty"`
	HashKeyRange rangeView `json:"HashKeyRange"`
	Sequence     struct {
		Start string `json:"StartingSequenceNumber"`
		End   string `json:"EndingSequenceNumber,omitempty"`
	} `json:"SequenceNumberRange"`
}

type rangeView struct {
	Start string `json:"StartingHashKey"`
	End   string `json:"EndingHashKey"`
}

func (sh *shard) view() shardView {
	v := shardView{ID: sh.id, HashKeyRange: rangeView{sh.from.String(), sh.to.String()}}
	v.Sequence.Start = sequence(sh.begins)
	if sh.ends != 0 {
		v.Sequence.End = sequence(sh.ends)
	}
	if len(sh.parents) > 0 {
		v.Parent = sh.parents[0].id
	}
	if len(sh.parents) > 1 {
		v.OtherParent = sh.parents[1].id
	}
	return v
}

// listShards lists all shards in the order of their making; the filter AT_LATEST leaves the open ones. A page is as long as is
// asked for; the token is the last shard of the page before.
func (s *Stream) listShards(_ context.Context, in struct {
	named
	ExclusiveStartShardID, NextToken string
	MaxResults                       int
	ShardFilter                      struct{ Type string }
}) (any, error) {
	if in.NextToken == "" {
		if err := s.is(in.named); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	after := in.NextToken + in.ExclusiveStartShardID
	views, skipping := []shardView{}, after != ""
	for _, sh := range s.shards {
		switch {
		case skipping:
			skipping = sh.id != after
		case in.ShardFilter.Type == "AT_LATEST" && sh.ends != 0:
		case in.MaxResults > 0 && len(views) == in.MaxResults:
			return map[string]any{"Shards": views, "NextToken": views[len(views)-1].ID}, nil
		default:
			views = append(views, sh.view())
		}
	}
	return map[string]any{"Shards": views}, nil
}

func (s *Stream) putRecord(_ context.Context, in struct {
	named
	Data         []byte
	PartitionKey string
}) (any, error) {
	if err := s.is(in.named); err != nil {
		return nil, err
	}
	if in.PartitionKey == "" {
		return nil, awsjson.Errorf("ValidationException", "a partition key is needed")
	}
	shard, number := s.Put(in.PartitionKey, in.Data)
	return map[string]string{"ShardId": shard, "SequenceNumber": number, "EncryptionType": "NONE"}, nil
}

func (s *Stream) putRecords(_ context.Context, in struct {
	named
	Records []struct {
		Data         []byte
		PartitionKey string
	}
}) (any, error) {
	if err := s.is(in.named); err != nil {
		return nil, err
	}
	if len(in.Records) == 0 || len(in.Records) > 500 {
		return nil, awsjson.Errorf("ValidationException", "1 to 500 records are possible, not %d", len(in.Records))
	}
	var results []map[string]string
	for _, r := range in.Records {
		shard, number := s.Put(r.PartitionKey, r.Data)
		results = append(results, map[string]string{"ShardId": shard, "SequenceNumber": number})
	}
	return map[string]any{"FailedRecordCount": 0, "Records": results, "EncryptionType": "NONE"}, nil
}

func (s *Stream) updateShardCount(_ context.Context, in struct {
	named
	TargetShardCount int
	ScalingType      string
}) (any, error) {
	if err := s.is(in.named); err != nil {
		return nil, err
	}
	if in.TargetShardCount < 1 || in.ScalingType != "UNIFORM_SCALING" {
		return nil, awsjson.Errorf("ValidationException", "a target of at least 1 and UNIFORM_SCALING are needed")
	}
	s.mu.Lock()
	before := len(s.openShards())
	s.mu.Unlock()
	s.Reshard(in.TargetShardCount)
	return map[string]any{"StreamName": s.cfg.Name, "StreamARN": s.cfg.ARN, "CurrentShardCount": before, "TargetShardCount": in.TargetShardCount}, nil
}

var _ http.Handler = (*awsjson.Service)(nil)
