package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"go.uber.org/goleak"

	"cordboard/sim/connect/sqs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// direct calls a handler without a network, so that time can be virtual.
type direct struct{ http.Handler }

func (d direct) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

var url = aws.String("https://sqs.us-west-2.amazonaws.com/1/events")

// client is the AWS SDK for Go, which checks the digest of every message and does not try again by itself.
func client(q *sqs.Queue) *api.Client {
	return api.New(api.Options{Region: "us-west-2", BaseEndpoint: aws.String("http://sqs.test"), HTTPClient: direct{q.Handler()}, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		})})
}

func receive(t *testing.T, c *api.Client, in api.ReceiveMessageInput) []types.Message {
	t.Helper()
	in.QueueUrl = url
	out, err := c.ReceiveMessage(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	return out.Messages
}

// TestLongPolling: a waiting receiver gets the message when it comes, or nothing when the time is over.
func TestLongPolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := sqs.New(sqs.Config{URL: *url})
		defer q.Close()
		c := client(q)
		began := time.Now()
		if got := receive(t, c, api.ReceiveMessageInput{WaitTimeSeconds: 20}); len(got) != 0 || time.Since(began) != 20*time.Second {
			t.Errorf("%d messages after %v", len(got), time.Since(began))
		}
		go func() { time.Sleep(7 * time.Second); q.Send([]byte("late")) }()
		began = time.Now()
		if got := receive(t, c, api.ReceiveMessageInput{WaitTimeSeconds: 20}); len(got) != 1 || *got[0].Body != "late" || time.Since(began) != 7*time.Second {
			t.Errorf("%v after %v", got, time.Since(began))
		}
		if got := receive(t, c, api.ReceiveMessageInput{}); len(got) != 0 {
			t.Errorf("short polling: %v", got)
		}
	})
}

// TestVisibility: what is not deleted comes again; how long that takes can be changed; an old handle deletes nothing.
func TestVisibility(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := sqs.New(sqs.Config{URL: *url})
		defer q.Close()
		c := client(q)
		q.Send([]byte("m"))
		ask := api.ReceiveMessageInput{VisibilityTimeout: 10, MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll}}
		first := receive(t, c, ask)
		if len(first) != 1 || first[0].Attributes["ApproximateReceiveCount"] != "1" {
			t.Fatalf("%+v", first)
		}
		time.Sleep(9 * time.Second)
		if _, err := c.ChangeMessageVisibility(t.Context(), &api.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: first[0].ReceiptHandle, VisibilityTimeout: 10}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(9 * time.Second)
		if got := receive(t, c, ask); len(got) != 0 {
			t.Error("the message is visible too soon")
		}
		time.Sleep(time.Second)
		synctest.Wait() // the message comes back at this very moment
		second := receive(t, c, ask)
		if len(second) != 1 || *second[0].MessageId != *first[0].MessageId || second[0].Attributes["ApproximateReceiveCount"] != "2" {
			t.Fatalf("%+v", second)
		}
		remove(t, c, first[0].ReceiptHandle)
		if waiting, flying := q.Len(); waiting != 0 || flying != 1 {
			t.Errorf("%d waiting, %d in flight", waiting, flying)
		}
		if _, err := c.ChangeMessageVisibility(t.Context(), &api.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: second[0].ReceiptHandle, VisibilityTimeout: 0}); err != nil {
			t.Fatal(err)
		}
		third := receive(t, c, ask)
		if len(third) != 1 {
			t.Fatal("a timeout of 0 does not show the message")
		}
		remove(t, c, third[0].ReceiptHandle)
		time.Sleep(time.Hour)
		if waiting, flying := q.Len(); waiting+flying != 0 {
			t.Errorf("%d waiting, %d in flight", waiting, flying)
		}
		var lost *types.MessageNotInflight
		if _, err := c.ChangeMessageVisibility(t.Context(), &api.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: third[0].ReceiptHandle}); !errors.As(err, &lost) {
			t.Errorf("of a deleted message: %v", err)
		}
	})
}

func remove(t *testing.T, c *api.Client, handle *string) {
	t.Helper()
	if _, err := c.DeleteMessage(t.Context(), &api.DeleteMessageInput{QueueUrl: url, ReceiptHandle: handle}); err != nil {
		t.Fatal(err)
	}
}

// TestBatches: ten at a time, each entry with its own answer.
func TestBatches(t *testing.T) {
	q := sqs.New(sqs.Config{URL: *url, ARN: "arn:x"})
	t.Cleanup(q.Close)
	c := client(q)
	for i := range 12 {
		q.Send(fmt.Append(nil, i))
	}
	got := receive(t, c, api.ReceiveMessageInput{MaxNumberOfMessages: 10})
	if len(got) != 10 || *got[0].Body != "0" || *got[9].Body != "9" {
		t.Fatalf("%d messages", len(got))
	}
	var entries []types.DeleteMessageBatchRequestEntry
	for i, m := range got[:9] {
		entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), ReceiptHandle: m.ReceiptHandle})
	}
	out, err := c.DeleteMessageBatch(t.Context(), &api.DeleteMessageBatchInput{QueueUrl: url, Entries: append(entries,
		types.DeleteMessageBatchRequestEntry{Id: aws.String("bad"), ReceiptHandle: aws.String("")})})
	if err != nil || len(out.Successful) != 9 || len(out.Failed) != 1 || *out.Failed[0].Id != "bad" || *out.Failed[0].Code != "ReceiptHandleIsInvalid" {
		t.Errorf("%+v %v", out, err)
	}
	if out, err := c.ChangeMessageVisibilityBatch(t.Context(), &api.ChangeMessageVisibilityBatchInput{QueueUrl: url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
		{Id: aws.String("x"), ReceiptHandle: got[9].ReceiptHandle, VisibilityTimeout: 0}}}); err != nil || len(out.Successful) != 1 {
		t.Errorf("%+v %v", out, err)
	}
	attributes, err := c.GetQueueAttributes(t.Context(), &api.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}})
	if err != nil || attributes.Attributes["ApproximateNumberOfMessages"] != "3" || attributes.Attributes["QueueArn"] != "arn:x" {
		t.Errorf("%+v %v", attributes, err)
	}
	if found, err := c.GetQueueUrl(t.Context(), &api.GetQueueUrlInput{QueueName: aws.String("events")}); err != nil || *found.QueueUrl != *url {
		t.Errorf("%+v %v", found, err)
	}
	var none *types.QueueDoesNotExist
	if _, err := c.ReceiveMessage(t.Context(), &api.ReceiveMessageInput{QueueUrl: aws.String("https://sqs.us-west-2.amazonaws.com/1/other")}); !errors.As(err, &none) {
		t.Errorf("another queue: %v", err)
	}
	if _, err := c.ReceiveMessage(t.Context(), &api.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 11}); err == nil {
		t.Error("eleven messages at a time")
	}
}

// TestOldMessagesGo: a queue that nobody reads does not grow for ever.
func TestOldMessagesGo(t *testing.T) {
	q := sqs.New(sqs.Config{URL: *url, Keep: 100})
	for i := range 30 {
		q.Send(fmt.Appendf(nil, "%010d", i))
	}
	if got := receive(t, client(q), api.ReceiveMessageInput{}); *got[0].Body != "0000000020" {
		t.Errorf("the oldest is %s", *got[0].Body)
	}
	q.Close()
}
