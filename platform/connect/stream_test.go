package connect_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"cordboard/call"
	"cordboard/platform"
	"cordboard/platform/platformtest"

	sim "cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
)

// strangers is where the programs that others wrote are installed.
const strangers = "../../sim/connect/strangers"

// kinesalite starts a Kinesis server that somebody else wrote, and returns its address.
func kinesalite(t *testing.T) (endpoint string) {
	t.Helper()
	stagetest.Install(t, strangers, "kinesalite")
	server := stagetest.StartNode(t, strangers, nil, "kinesalite.mjs")
	var ready struct{ Port int }
	if !server.Lines.Scan() || json.Unmarshal(server.Lines.Bytes(), &ready) != nil {
		t.Fatalf("kinesalite said %q: %v", server.Lines.Text(), server.Lines.Err())
	}
	return fmt.Sprintf("http://127.0.0.1:%d", ready.Port)
}

func kinesisClient(endpoint string) *kinesis.Client {
	return kinesis.New(kinesis.Options{Region: "us-west-2", BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		})})
}

// active waits until the stream takes orders.
func active(t *testing.T, c *kinesis.Client, name string) {
	t.Helper()
	for ctx := stagetest.Within(t); ; time.Sleep(10 * time.Millisecond) {
		out, err := c.DescribeStream(ctx, &kinesis.DescribeStreamInput{StreamName: &name})
		if err != nil {
			t.Fatal(err)
		}
		if out.StreamDescription.StreamStatus == types.StreamStatusActive {
			return
		}
	}
}

// byStream returns a site whose agent event stream is read from a Kinesis that somebody else wrote.
func byStream(t *testing.T) (s *site, c *kinesis.Client) {
	endpoint := kinesalite(t)
	c = kinesisClient(endpoint)
	const name = "agents"
	if _, err := c.CreateStream(stagetest.Within(t), &kinesis.CreateStreamInput{StreamName: aws.String(name), ShardCount: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	active(t, c, name)
	s = newSite(t, sim.Config{Agents: 2, Stream: sim.StreamTarget{Endpoint: endpoint, Name: name}})
	s.cfg.Stream, s.cfg.StreamEndpoint, s.cfg.Queue = name, endpoint, ""
	return s, c
}

// ended counts the calls that came to their end, in order: no leg's end before its answer.
func ended(t *testing.T, sink *platformtest.Sink) int {
	n, answered := 0, map[string]bool{}
	for _, ev := range sink.Moments() {
		switch ev.Name {
		case "connected":
			answered[ev.Leg] = true
		case "DROPPED":
			if n++; !answered[ev.Leg] {
				t.Errorf("%s ends before it is answered", ev.Leg)
			}
		}
	}
	return n
}

// Calls go on while the stream is split and merged: an agent's records stay in order, and none is lost or told twice.
func TestReshardedByAStranger(t *testing.T) {
	s, c := byStream(t)
	sink := platformtest.NewSink()
	stop := platformtest.Start(t, s.open(t, silent), sink)
	sink.AwaitState(t, platform.Up)
	play := func(n int) {
		for range n {
			s.play(t, "inbound", 0, sim.Call{Agents: []string{"agent1001"}})
			s.play(t, "inbound", 0, sim.Call{Agents: []string{"agent1002"}})
		}
	}
	play(5)
	half := "170141183460469231731687303715884105728"
	if _, err := c.SplitShard(stagetest.Within(t), &kinesis.SplitShardInput{StreamName: &s.cfg.Stream, ShardToSplit: aws.String("shardId-000000000000"), NewStartingHashKey: &half}); err != nil {
		t.Fatal(err)
	}
	active(t, c, s.cfg.Stream)
	play(5)
	sink.Await(t, "20 calls", func() bool { return ended(t, sink) == 20 })
	if _, err := c.MergeShards(stagetest.Within(t), &kinesis.MergeShardsInput{StreamName: &s.cfg.Stream, ShardToMerge: aws.String("shardId-000000000001"), AdjacentShardToMerge: aws.String("shardId-000000000002")}); err != nil {
		t.Fatal(err)
	}
	active(t, c, s.cfg.Stream)
	play(5)
	sink.Await(t, "30 calls", func() bool { return ended(t, sink) == 30 })
	stop()
	places, _ := sink.Positions(t.Context())
	if at := slices.Sorted(maps.Keys(places)); len(at) != 4 || places[at[0]] != "end" || places[at[3]] == "end" || !strings.HasPrefix(at[0], "kinesis/agents/shardId-") {
		t.Errorf("positions %v", places)
	}
}

// The stream is up when each of its shards is read, not when the first one is: what comes to the others until then is not told.
func TestUpWhenEveryShardIsRead(t *testing.T) {
	s := newSite(t, sim.Config{Agents: 1})
	s.cfg.Queue = ""
	var begun, reads atomic.Int64
	one, release := make(chan struct{}), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch _, what, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); what {
		case "GetShardIterator":
			if begun.Add(1) == 2 {
				<-release
			}
		case "GetRecords":
			if reads.Add(1) == 3 { // what the first of them brought was told by now
				close(one)
			}
		}
		s.Handler().ServeHTTP(w, r)
	}))
	defer slow.Close()
	s.cfg.StreamEndpoint = slow.URL
	sink := platformtest.NewSink()
	defer platformtest.Start(t, s.open(t, silent), sink)()
	<-one
	for _, st := range sink.States() {
		if st.State == platform.Up {
			t.Error("up, although nobody reads one of the shards")
		}
	}
	close(release)
	sink.AwaitState(t, platform.Up)
}

// What happens while the connector is away is told when it is back, from where it stopped, and what was there before it came
// for the first time is nobody's. A stream that was made anew under its name is read from its start.
func TestResumedAtAStranger(t *testing.T) {
	s, c := byStream(t)
	play := func() (contact string) {
		contact = s.play(t, "inbound", 0, sim.Call{Agents: []string{"agent1001"}}).Contact
		if err := s.AwaitSent(stagetest.Within(t)); err != nil {
			t.Fatal(err)
		}
		return contact
	}
	play()
	sink := platformtest.NewSink()
	for want := 1; want <= 3; want++ {
		stop := platformtest.Start(t, s.open(t, silent), sink)
		sink.Await(t, "the calls", func() bool { return ended(t, sink) >= want-1 })
		sink.AwaitState(t, platform.Up)
		if want > 1 {
			stop()
			play()
			continue
		}
		stop() // nothing was read yet: the place is the time at which it came
		play()
	}
	if n := ended(t, sink); n != 2 {
		t.Errorf("%d calls, want 2: the first was before, the last is not read", n)
	}
	makeAnew(t, c, s.cfg.Stream)
	last := play()
	platformtest.Start(t, s.open(t, silent), sink)
	sink.Await(t, "the call in the new stream", func() bool {
		return slices.ContainsFunc(sink.Moments(), func(ev call.Event) bool { return ev.Ref == last && ev.Name == "DROPPED" })
	})
}

// makeAnew deletes a stream of one shard and makes another of its name. Its sequence numbers hold the second in which it was
// made: one that was made in the same second as the old one would take the old one's numbers for its own.
func makeAnew(t *testing.T, c *kinesis.Client, name string) {
	t.Helper()
	first := func() string {
		active(t, c, name)
		out, err := c.DescribeStream(stagetest.Within(t), &kinesis.DescribeStreamInput{StreamName: &name})
		if err != nil {
			t.Fatal(err)
		}
		return *out.StreamDescription.Shards[0].SequenceNumberRange.StartingSequenceNumber
	}
	for old := first(); first() == old; time.Sleep(100 * time.Millisecond) {
		if _, err := c.DeleteStream(stagetest.Within(t), &kinesis.DeleteStreamInput{StreamName: &name}); err != nil {
			t.Fatal(err)
		}
		for ctx := stagetest.Within(t); ; time.Sleep(10 * time.Millisecond) {
			if _, err := c.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: &name, ShardCount: aws.Int32(1)}); err == nil {
				break
			} else if ctx.Err() != nil {
				t.Fatal(err)
			}
		}
	}
}
