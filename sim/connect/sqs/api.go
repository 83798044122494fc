package sqs

import (
	"context"
	"errors"
	"strconv"
	"time"

	"cordboard/sim/connect/awsjson"
)

// Handler serves the queue's API.
func (q *Queue) Handler() *awsjson.Service {
	return &awsjson.Service{Prefix: "AmazonSQS.", Version: "1.0", Operations: map[string]awsjson.Operation{
		"ReceiveMessage":               awsjson.Read(q.receiveMessage),
		"DeleteMessage":                awsjson.Read(q.deleteMessage),
		"DeleteMessageBatch":           awsjson.Read(q.deleteBatch),
		"ChangeMessageVisibility":      awsjson.Read(q.changeVisibility),
		"ChangeMessageVisibilityBatch": awsjson.Read(q.changeVisibilityBatch),
		"GetQueueAttributes":           awsjson.Read(q.attributes),
		"GetQueueUrl":                  awsjson.Read(q.url),
	}}
}

func (q *Queue) is(url string) error {
	if url != q.cfg.URL {
		return awsjson.Errorf("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
	}
	return nil
}

type messageView struct {
	ID         string            `json:"MessageId"`
	Handle     string            `json:"ReceiptHandle"`
	MD5        string            `json:"MD5OfBody"`
	Body       string            `json:"Body"`
	Attributes map[string]string `json:"Attributes,omitempty"`
}

func (q *Queue) receiveMessage(ctx context.Context, in struct {
	QueueURL                    string
	MaxNumberOfMessages         *int
	WaitTimeSeconds             int
	VisibilityTimeout           *int
	AttributeNames              []string
	MessageSystemAttributeNames []string
}) (any, error) {
	if err := q.is(in.QueueURL); err != nil {
		return nil, err
	}
	n, hidden := 1, q.cfg.Visibility
	if in.MaxNumberOfMessages != nil {
		n = *in.MaxNumberOfMessages
	}
	if in.VisibilityTimeout != nil {
		hidden = time.Duration(*in.VisibilityTimeout) * time.Second
	}
	if n < 1 || n > 10 || in.WaitTimeSeconds < 0 || in.WaitTimeSeconds > 20 {
		return nil, awsjson.Errorf("InvalidParameterValue", "1 to 10 messages and 0 to 20 seconds are possible.")
	}
	views := []messageView{}
	for _, r := range q.take(ctx, n, hidden, time.Duration(in.WaitTimeSeconds)*time.Second) {
		v := messageView{ID: r.id, Handle: r.handle, MD5: md5Hex(r.body), Body: string(r.body)}
		if len(in.AttributeNames)+len(in.MessageSystemAttributeNames) > 0 { // any name asks for all, here
			v.Attributes = map[string]string{"ApproximateReceiveCount": strconv.Itoa(r.received), "SenderId": "events.amazonaws.com",
				"SentTimestamp":                    strconv.FormatInt(r.sent.UnixMilli(), 10),
				"ApproximateFirstReceiveTimestamp": strconv.FormatInt(r.first.UnixMilli(), 10)}
		}
		views = append(views, v)
	}
	if len(views) == 0 {
		return struct{}{}, nil
	}
	return map[string]any{"Messages": views}, nil
}

func (q *Queue) deleteMessage(_ context.Context, in struct{ QueueURL, ReceiptHandle string }) (any, error) {
	if err := q.is(in.QueueURL); err != nil {
		return nil, err
	}
	return nil, q.remove(in.ReceiptHandle)
}

func (q *Queue) changeVisibility(_ context.Context, in struct {
	QueueURL, ReceiptHandle string
	VisibilityTimeout       int
}) (any, error) {
	if err := q.is(in.QueueURL); err != nil {
		return nil, err
	}
	return nil, q.setVisibility(in.ReceiptHandle, in.VisibilityTimeout)
}

type entry struct {
	ID                string
	ReceiptHandle     string
	VisibilityTimeout int
}

// each does a batch: what fails is said of each entry.
func (q *Queue) each(url string, entries []entry, do func(entry) error) (any, error) {
	if err := q.is(url); err != nil {
		return nil, err
	}
	if len(entries) == 0 || len(entries) > 10 {
		return nil, awsjson.Errorf("com.amazonaws.sqs#TooManyEntriesInBatchRequest", "1 to 10 entries are possible, not %d.", len(entries))
	}
	done, failed := []map[string]any{}, []map[string]any{}
	for _, e := range entries {
		if err := do(e); err != nil {
			failed = append(failed, map[string]any{"Id": e.ID, "SenderFault": true, "Code": code(err), "Message": err.Error()})
			continue
		}
		done = append(done, map[string]any{"Id": e.ID})
	}
	return map[string]any{"Successful": done, "Failed": failed}, nil
}

func code(err error) string {
	var e *awsjson.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return "InternalError"
}

func (q *Queue) deleteBatch(_ context.Context, in struct {
	QueueURL string
	Entries  []entry
}) (any, error) {
	return q.each(in.QueueURL, in.Entries, func(e entry) error { return q.remove(e.ReceiptHandle) })
}

func (q *Queue) changeVisibilityBatch(_ context.Context, in struct {
	QueueURL string
	Entries  []entry
}) (any, error) {
	return q.each(in.QueueURL, in.Entries, func(e entry) error { return q.setVisibility(e.ReceiptHandle, e.VisibilityTimeout) })
}

func (q *Queue) attributes(_ context.Context, in struct {
	QueueURL       string
	AttributeNames []string
}) (any, error) {
	if err := q.is(in.QueueURL); err != nil {
		return nil, err
	}
	waiting, inFlight := q.Len()
	all := map[string]string{"QueueArn": q.cfg.ARN, "ApproximateNumberOfMessages": strconv.Itoa(waiting),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(inFlight), "ApproximateNumberOfMessagesDelayed": "0",
		"VisibilityTimeout": strconv.Itoa(int(q.cfg.Visibility / time.Second)), "MessageRetentionPeriod": "345600", "ReceiveMessageWaitTimeSeconds": "0"}
	chosen := map[string]string{}
	for _, name := range in.AttributeNames {
		if name == "All" {
			chosen = all
			break
		}
		if value, ok := all[name]; ok {
			chosen[name] = value
		}
	}
	return map[string]any{"Attributes": chosen}, nil
}

func (q *Queue) url(_ context.Context, in struct{ QueueName string }) (any, error) {
	if len(q.cfg.URL) < len(in.QueueName) || in.QueueName == "" || q.cfg.URL[len(q.cfg.URL)-len(in.QueueName)-1:] != "/"+in.QueueName {
		return nil, q.is("")
	}
	return map[string]string{"QueueUrl": q.cfg.URL}, nil
}
