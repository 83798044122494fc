package strangers

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
)

// TestKinesaliteTakesTheAgentStream: the records of a call reach a Kinesis server that somebody else wrote, also across a split of
// the shard, and those of one agent stay in order.
func TestKinesaliteTakesTheAgentStream(t *testing.T) {
	ready := line[struct{ Port int }](t, node(t, nil, "kinesalite.mjs"))
	endpoint, name := fmt.Sprintf("http://127.0.0.1:%d", ready.Port), "agents"
	c := kinesis.New(kinesis.Options{Region: "us-west-2", BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		})})
	if _, err := c.CreateStream(stagetest.Within(t), &kinesis.CreateStreamInput{StreamName: &name, ShardCount: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	active(t, c, &name)
	s := serve(t, connect.Config{Agents: 2, Stream: connect.StreamTarget{Endpoint: endpoint, Name: name}})
	script, _ := connect.Script("inbound_warm_transfer")
	play := func() {
		if _, err := s.Play(stagetest.Within(t), script, connect.Call{Agents: []string{"agent1001", "agent1002"}}); err != nil {
			t.Fatal(err)
		}
	}
	play()
	want := "CONNECTING CONNECTED CONNECTED_ONHOLD ENDED -"
	read := &reader{c: c, stream: &name, done: map[string]*string{}, states: map[string][]string{}}
	read.until(t, "agent1001", want)
	half := "170141183460469231731687303715884105728"
	if _, err := c.SplitShard(stagetest.Within(t), &kinesis.SplitShardInput{StreamName: &name, ShardToSplit: aws.String("shardId-000000000000"), NewStartingHashKey: &half}); err != nil {
		t.Fatal(err)
	}
	active(t, c, &name)
	play()
	read.until(t, "agent1001", want+" "+want)
	read.until(t, "agent1002", "CONNECTING CONNECTED ENDED - CONNECTING CONNECTED ENDED -")
}

func active(t *testing.T, c *kinesis.Client, name *string) {
	t.Helper()
	ctx := stagetest.Within(t)
	for {
		out, err := c.DescribeStream(ctx, &kinesis.DescribeStreamInput{StreamName: name})
		if err != nil {
			t.Fatal(err)
		}
		if out.StreamDescription.StreamStatus == types.StreamStatusActive {
			return
		}
		pause(t, ctx)
	}
}

func pause(t *testing.T, ctx context.Context) {
	t.Helper()
	select {
	case <-ctx.Done():
		t.Fatal(ctx.Err())
	case <-time.After(20 * time.Millisecond):
	}
}

// reader reads all shards of a stream and collects the states of each agent's contact.
type reader struct {
	c      *kinesis.Client
	stream *string
	done   map[string]*string // sequence number read last, by shard
	states map[string][]string
}

func (r *reader) until(t *testing.T, agent, want string) {
	t.Helper()
	ctx := stagetest.Within(t)
	for {
		got := strings.Join(r.states[agent], " ")
		if got == want {
			return
		}
		if len(got) >= len(want) {
			t.Fatalf("states of %s: %s, want %s", agent, got, want)
		}
		r.round(t, ctx)
		pause(t, ctx)
	}
}

func (r *reader) round(t *testing.T, ctx context.Context) {
	t.Helper()
	shards, err := r.c.ListShards(ctx, &kinesis.ListShardsInput{StreamName: r.stream})
	if err != nil {
		t.Fatal(err)
	}
	for _, sh := range shards.Shards {
		in := &kinesis.GetShardIteratorInput{StreamName: r.stream, ShardId: sh.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
		if last := r.done[*sh.ShardId]; last != nil {
			in.ShardIteratorType, in.StartingSequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, last
		}
		it, err := r.c.GetShardIterator(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		out, err := r.c.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: it.ShardIterator})
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range out.Records {
			r.done[*sh.ShardId] = record.SequenceNumber
			r.hear(t, record.Data)
		}
	}
}

func (r *reader) hear(t *testing.T, data []byte) {
	t.Helper()
	var record struct {
		CurrentAgentSnapshot struct {
			Configuration struct{ Username string }
			Contacts      []struct{ State string }
		}
	}
	if err := json.Unmarshal(data, &record); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	now := record.CurrentAgentSnapshot
	state := "-"
	if len(now.Contacts) > 0 {
		state = now.Contacts[0].State
	}
	r.states[now.Configuration.Username] = append(r.states[now.Configuration.Username], state)
}
