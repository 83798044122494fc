package connect_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	kinesisapi "github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	sqsapi "github.com/aws/aws-sdk-go-v2/service/sqs"

	"cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
)

// keys are the credentials that the instance's line tells.
func keys(s *connect.Server) aws.CredentialsProvider {
	ready := s.Ready()
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: ready["access_key_id"].(string), SecretAccessKey: ready["secret_access_key"].(string)}, nil
	})
}

func kinesisClient(s *connect.Server) *kinesisapi.Client {
	return kinesisapi.New(kinesisapi.Options{Region: "us-west-2", BaseEndpoint: aws.String(s.Ready()["stream_endpoint"].(string)), Credentials: keys(s)})
}

// drain reads all that is in the stream, shard after shard.
func drain(t *testing.T, c *kinesisapi.Client, stream string) []kinesistypes.Record {
	t.Helper()
	shards, err := c.ListShards(stagetest.Within(t), &kinesisapi.ListShardsInput{StreamName: &stream})
	if err != nil {
		t.Fatal(err)
	}
	var all []kinesistypes.Record
	for _, sh := range shards.Shards {
		it, err := c.GetShardIterator(stagetest.Within(t), &kinesisapi.GetShardIteratorInput{StreamName: &stream, ShardId: sh.ShardId, ShardIteratorType: kinesistypes.ShardIteratorTypeTrimHorizon})
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.GetRecords(stagetest.Within(t), &kinesisapi.GetRecordsInput{ShardIterator: it.ShardIterator})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, out.Records...)
	}
	return all
}

// TestAgentStream: a call's records in the stream, one agent in one shard, and what each says of before and after.
func TestAgentStream(t *testing.T) {
	s := start(t, connect.Config{Agents: 2})
	ids := play(t, s, "inbound_hold", connect.Call{Agents: []string{ben}})
	var states []string
	var before *streamSnapshot
	for i, r := range drain(t, kinesisClient(s), "agent-events") {
		record := decode[streamRecord](t, r.Data)
		if *r.PartitionKey != record.AgentARN || record.CurrentAgentSnapshot.Configuration.Username != ben {
			t.Errorf("%s", r.Data)
		}
		state := "-"
		if list := record.CurrentAgentSnapshot.Contacts; len(list) == 1 && list[0].ContactID == ids.Contact {
			state = list[0].State
		}
		states = append(states, state)
		if a, b := mustJSON(t, before), mustJSON(t, record.PreviousAgentSnapshot); i > 0 && a != b {
			t.Errorf("before is not what was: %s, %s", a, b)
		}
		before = record.CurrentAgentSnapshot
	}
	if got := strings.Join(states, " "); got != "CONNECTING CONNECTED CONNECTED_ONHOLD CONNECTED ENDED -" {
		t.Errorf("states: %s", got)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestQueue: the same contact events as at the API destination wait in the queue.
func TestQueue(t *testing.T) {
	s := start(t, connect.Config{Agents: 1})
	play(t, s, "inbound", connect.Call{})
	url := s.Ready()["queue_url"].(string)
	c := sqsapi.New(sqsapi.Options{Region: "us-west-2", BaseEndpoint: aws.String(s.Ready()["url"].(string)), Credentials: keys(s)})
	out, err := c.ReceiveMessage(stagetest.Within(t), &sqsapi.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10, WaitTimeSeconds: 20})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, m := range out.Messages {
		kinds = append(kinds, decode[contactEvent](t, []byte(*m.Body)).Detail.EventType)
	}
	if got := strings.Join(kinds, " "); got != "INITIATED QUEUED CONNECTED_TO_AGENT DISCONNECTED COMPLETED" {
		t.Errorf("events: %s", got)
	}
}

// TestSignaturesAreAskedFor: who does not sign, or signs for somebody or something else, is told so.
func TestSignaturesAreAskedFor(t *testing.T) {
	s := start(t, connect.Config{Agents: 1})
	endpoint, stream := s.Ready()["stream_endpoint"].(string), "agent-events"
	for what, options := range map[string]kinesisapi.Options{
		"UnrecognizedClientException": {Region: "us-west-2", Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIANOBODY", SecretAccessKey: "x"}, nil
		})},
		"InvalidSignatureException":           {Region: "eu-west-1", Credentials: keys(s)},
		"MissingAuthenticationTokenException": {Region: "us-west-2", Credentials: aws.AnonymousCredentials{}},
	} {
		options.BaseEndpoint, options.Retryer = &endpoint, aws.NopRetryer{}
		if _, err := kinesisapi.New(options).ListShards(stagetest.Within(t), &kinesisapi.ListShardsInput{StreamName: &stream}); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v, want %s", err, what)
		}
	}
}

// TestHeartBeats: after two minutes of silence, every two minutes, until an hour after the agent has signed out.
func TestHeartBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := connect.New(connect.Config{Agents: 1})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.HeartBeats(ctx) }()
		defer func() { cancel(); <-done; s.Close() }()
		heard := listen(s)
		time.Sleep(10*time.Minute + time.Second)
		if n := len(heard.take(connect.AgentStream)); n != 5 {
			t.Errorf("%d heart beats in ten minutes", n)
		}
		if err := s.SetStatus(anna, "Offline"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Hour)
		var kinds []string
		for _, m := range heard.take(connect.AgentStream) {
			kinds = append(kinds, decode[streamRecord](t, m.Body).EventType)
		}
		if n := len(kinds) - 6; kinds[5] != "LOGOUT" || n < 29 || n > 30 {
			t.Errorf("%d heart beats after the logout: %v", n, kinds)
		}
		if err := s.SetStatus(anna, "Available"); err != nil {
			t.Fatal(err)
		}
		all := heard.take(connect.AgentStream)
		if r := decode[streamRecord](t, all[len(all)-1].Body); r.EventType != "LOGIN" || r.PreviousAgentSnapshot != nil {
			t.Errorf("signed in: %+v", r)
		}
	})
}

// TestStreamTwice: at least once means now and then twice, with the same event id.
func TestStreamTwice(t *testing.T) {
	s := connect.New(connect.Config{Agents: 1})
	t.Cleanup(s.Close)
	s.SetDelivery(connect.Delivery{StreamDuplicate: 1})
	heard := listen(s)
	play(t, s, "inbound", connect.Call{})
	if err := s.Duplicate(anna); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range heard.take(connect.AgentStream) {
		ids = append(ids, decode[streamRecord](t, m.Body).EventID)
	}
	if unique := slices.Compact(slices.Clone(ids)); len(ids) != 9 || len(unique) != 4 {
		t.Errorf("%d records, %d different", len(ids), len(unique))
	}
}

// TestStatusChanges: the chosen status shows, also one that waits for the end of a call.
func TestStatusChanges(t *testing.T) {
	s := start(t, connect.Config{Agents: 1})
	heard := listen(s)
	for _, status := range []string{"Break", "Available"} {
		if code, body := do(t, s, "POST", "/sim/status", `{"agent":"agent1001","status":"`+status+`"}`); code != 200 {
			t.Fatal(body)
		}
	}
	if code, _ := do(t, s, "POST", "/sim/status", `{"agent":"agent1001","status":"Asleep"}`); code != 400 {
		t.Errorf("an unknown status: %d", code)
	}
	if code, body := do(t, s, "PUT", "/sim/shards", `{"shards":3}`); code != 200 {
		t.Error(body)
	}
	if code, _ := do(t, s, "PUT", "/sim/shards", `{"shards":0}`); code != 400 {
		t.Error("no shards at all")
	}
	var statuses []string
	for _, m := range heard.take(connect.AgentStream) {
		statuses = append(statuses, decode[streamRecord](t, m.Body).CurrentAgentSnapshot.AgentStatus.Name)
	}
	if got := strings.Join(statuses, " "); got != "Break Available" {
		t.Errorf("statuses: %s", got)
	}
}
