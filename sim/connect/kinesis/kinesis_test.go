package kinesis_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"go.uber.org/goleak"

	"cordboard/sim/connect/kinesis"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// direct calls a handler without a network, so that time can be virtual.
type direct struct{ http.Handler }

func (d direct) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

const name = "events"

var stream = aws.String(name)

// client is the AWS SDK for Go, which does not try again by itself.
func client(s *kinesis.Stream) *api.Client {
	return api.New(api.Options{Region: "us-west-2", BaseEndpoint: aws.String("http://kinesis.test"), HTTPClient: direct{s.Handler()},
		Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		})})
}

func open(shards, keep int) *kinesis.Stream {
	return kinesis.New(kinesis.Config{Name: name, ARN: "arn:aws:kinesis:us-west-2:1:stream/events", Shards: shards, Keep: keep})
}

func iterator(t *testing.T, c *api.Client, in api.GetShardIteratorInput) *string {
	t.Helper()
	in.StreamName = stream
	out, err := c.GetShardIterator(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	return out.ShardIterator
}

func read(t *testing.T, c *api.Client, it *string, limit int32) *api.GetRecordsOutput {
	t.Helper()
	in := &api.GetRecordsInput{ShardIterator: it}
	if limit > 0 {
		in.Limit = &limit
	}
	out, err := c.GetRecords(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func data(out *api.GetRecordsOutput) string {
	var all []string
	for _, r := range out.Records {
		all = append(all, string(r.Data))
	}
	return strings.Join(all, " ")
}

// TestReadsInOrder: the iterators of every kind, pages, and what is told of each record.
func TestReadsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(open(1, 0))
		shards, err := c.ListShards(t.Context(), &api.ListShardsInput{StreamName: stream})
		if err != nil || len(shards.Shards) != 1 {
			t.Fatalf("%v %v", shards, err)
		}
		id := shards.Shards[0].ShardId
		newest := iterator(t, c, api.GetShardIteratorInput{ShardId: id, ShardIteratorType: types.ShardIteratorTypeLatest})
		var numbers []string
		var middle time.Time
		for i := range 5 {
			if i == 3 {
				middle = time.Now()
			}
			out, err := c.PutRecord(t.Context(), &api.PutRecordInput{StreamName: stream, PartitionKey: aws.String("k"), Data: fmt.Append(nil, i)})
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, *out.SequenceNumber)
			time.Sleep(time.Second)
		}
		if !slices.IsSorted(numbers) {
			t.Errorf("numbers: %v", numbers)
		}
		for what, want := range map[string]struct {
			in   api.GetShardIteratorInput
			data string
		}{
			"oldest": {api.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeTrimHorizon}, "0 1 2 3 4"},
			"at":     {api.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtSequenceNumber, StartingSequenceNumber: &numbers[2]}, "2 3 4"},
			"after":  {api.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAfterSequenceNumber, StartingSequenceNumber: &numbers[2]}, "3 4"},
			"time":   {api.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: &middle}, "3 4"},
			"newest": {api.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeLatest}, ""},
		} {
			want.in.ShardId = id
			if got := data(read(t, c, iterator(t, c, want.in), 0)); got != want.data {
				t.Errorf("%s: %q, want %q", what, got, want.data)
			}
			time.Sleep(time.Second)
		}
		first := read(t, c, newest, 2)
		if data(first) != "0 1" || *first.MillisBehindLatest == 0 || *first.Records[0].PartitionKey != "k" || first.Records[1].ApproximateArrivalTimestamp == nil {
			t.Errorf("first page: %+v", first)
		}
		if rest := read(t, c, first.NextShardIterator, 0); data(rest) != "2 3 4" || *rest.MillisBehindLatest != 0 || rest.NextShardIterator == nil {
			t.Errorf("second page: %+v", rest)
		}
	})
}

// TestReshard: a consumer that reads closed shards to their end, and then their children, hears every record once and those of
// one key in order.
func TestReshard(t *testing.T) {
	s := kinesis.New(kinesis.Config{Name: name, Shards: 2, ReadsPerSecond: -1})
	c := client(s)
	put := func(from int) {
		for i := range 200 {
			s.Put(fmt.Sprintf("key%d", i%10), fmt.Appendf(nil, "%d:%03d", i%10, from+i))
		}
	}
	put(0)
	s.Reshard(5)
	put(200)
	s.Reshard(1)
	put(400)
	if sum, err := c.DescribeStreamSummary(t.Context(), &api.DescribeStreamSummaryInput{StreamName: stream}); err != nil || *sum.StreamDescriptionSummary.OpenShardCount != 1 {
		t.Errorf("%+v %v", sum, err)
	}
	heard := map[string][]string{}
	done := map[string]bool{}
	all := listAll(t, c)
	for len(done) < len(all) {
		for _, sh := range all {
			if done[*sh.ShardId] || waits(sh, done) {
				continue
			}
			for it := iterator(t, c, api.GetShardIteratorInput{ShardId: sh.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}); it != nil; {
				out := read(t, c, it, 7)
				for _, r := range out.Records {
					heard[*r.PartitionKey] = append(heard[*r.PartitionKey], string(r.Data))
				}
				if it = out.NextShardIterator; it == nil && len(out.ChildShards) == 0 {
					t.Error("a closed shard without children")
				}
				if sh.SequenceNumberRange.EndingSequenceNumber == nil && len(out.Records) == 0 {
					break
				}
			}
			done[*sh.ShardId] = true
		}
	}
	if len(heard) != 10 {
		t.Fatalf("%d keys", len(heard))
	}
	for key, list := range heard {
		if len(list) != 60 || !slices.IsSorted(list) {
			t.Errorf("%s: %d records, %v", key, len(list), list)
		}
	}
}

func waits(sh types.Shard, done map[string]bool) bool {
	return sh.ParentShardId != nil && !done[*sh.ParentShardId] || sh.AdjacentParentShardId != nil && !done[*sh.AdjacentParentShardId]
}

// listAll lists in pages of three.
func listAll(t *testing.T, c *api.Client) []types.Shard {
	t.Helper()
	in := &api.ListShardsInput{StreamName: stream, MaxResults: aws.Int32(3)}
	var all []types.Shard
	for {
		out, err := c.ListShards(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, out.Shards...)
		if out.NextToken == nil {
			return all
		}
		in = &api.ListShardsInput{NextToken: out.NextToken, MaxResults: aws.Int32(3)}
	}
}

// TestLimitsOfReading: five reads a second of one shard, iterators that live five minutes.
func TestLimitsOfReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(open(1, 0))
		it := iterator(t, c, api.GetShardIteratorInput{ShardId: aws.String("shardId-000000000000"), ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
		for range 5 {
			read(t, c, it, 0)
		}
		_, err := c.GetRecords(t.Context(), &api.GetRecordsInput{ShardIterator: it})
		var slow *types.ProvisionedThroughputExceededException
		if !errors.As(err, &slow) {
			t.Errorf("the sixth read: %v", err)
		}
		time.Sleep(time.Second)
		read(t, c, it, 0)
		time.Sleep(5 * time.Minute)
		_, err = c.GetRecords(t.Context(), &api.GetRecordsInput{ShardIterator: it})
		var expired *types.ExpiredIteratorException
		if !errors.As(err, &expired) {
			t.Errorf("an old iterator: %v", err)
		}
	})
}

// TestOldRecordsGo: what does not fit is forgotten, oldest first.
func TestOldRecordsGo(t *testing.T) {
	s := open(1, 100)
	for i := range 30 {
		s.Put("k", fmt.Appendf(nil, "%010d", i))
	}
	c := client(s)
	it := iterator(t, c, api.GetShardIteratorInput{ShardId: aws.String("shardId-000000000000"), ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	if out := read(t, c, it, 0); len(out.Records) != 10 || string(out.Records[0].Data) != "0000000020" {
		t.Errorf("%d records, from %s", len(out.Records), out.Records[0].Data)
	}
}

func TestRefusals(t *testing.T) {
	c := client(open(1, 0))
	_, err := c.ListShards(t.Context(), &api.ListShardsInput{StreamName: aws.String("other")})
	var gone *types.ResourceNotFoundException
	if !errors.As(err, &gone) {
		t.Errorf("another stream: %v", err)
	}
	var wrong *types.InvalidArgumentException
	_, err = c.GetShardIterator(t.Context(), &api.GetShardIteratorInput{StreamName: stream, ShardId: aws.String("shardId-000000000000"),
		ShardIteratorType: types.ShardIteratorTypeAfterSequenceNumber, StartingSequenceNumber: aws.String("12")})
	if !errors.As(err, &wrong) {
		t.Errorf("a foreign number: %v", err)
	}
	if _, err = c.GetRecords(t.Context(), &api.GetRecordsInput{ShardIterator: aws.String("???")}); !errors.As(err, &wrong) {
		t.Errorf("a foreign iterator: %v", err)
	}
	if _, err = c.PutRecords(t.Context(), &api.PutRecordsInput{StreamName: stream, Records: []types.PutRecordsRequestEntry{}}); err == nil {
		t.Error("no records are put")
	}
	if _, err = c.DescribeLimits(t.Context(), &api.DescribeLimitsInput{}); err == nil || !strings.Contains(err.Error(), "not simulated") {
		t.Errorf("an operation that is not there: %v", err)
	}
	if _, err := c.UpdateShardCount(t.Context(), &api.UpdateShardCountInput{StreamName: stream, TargetShardCount: aws.Int32(3), ScalingType: types.ScalingTypeUniformScaling}); err != nil {
		t.Error(err)
	}
	if all := listAll(t, c); len(all) != 5 {
		t.Errorf("%d shards after two splits", len(all))
	}
}
