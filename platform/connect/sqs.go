package connect

import (
	"context"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"cordboard/platform"
)

const (
	pollers     = 2  // requests for messages under way
	messageWait = 20 // seconds for which a request waits for messages; the most there is ("Amazon SQS long polling")
	messageMax  = 10 // of one request, and of one deletion
)

// queue takes contact events out of the SQS queue. Each is deleted when everything of it is durable; one that is not becomes
// visible again after a while, and is taken once more.
type queue struct {
	*run
	wake chan struct{}

	mu       sync.Mutex
	receipts []*string // of messages that can be deleted
	failing  int       // requests that failed since one succeeded
	heard    bool      // the queue has answered
}

func newQueue(r *run) *queue { return &queue{run: r, wake: make(chan struct{}, 1)} }

// keep takes messages until ctx ends.
func (q *queue) keep(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { q.deleteAll(ctx) })
	for range pollers {
		all.Go(func() {
			for ctx.Err() == nil {
				if err := q.receive(ctx); !q.went(ctx, err) {
					return
				}
			}
		})
	}
}

// went notes how a request went, and waits after a failure; false means that ctx ended.
func (q *queue) went(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	q.mu.Lock()
	if err == nil {
		q.failing, q.heard = 0, true
	} else {
		q.failing++
		q.heard = false
	}
	failures := q.failing
	q.mu.Unlock()
	if err == nil {
		q.tally.set(queueSource, platform.Up, nil)
		return true
	}
	q.tally.set(queueSource, lost(err), err)
	return platform.Pause(ctx, q.backoff(failures, err))
}

// receive takes some messages. Until the queue has answered it waits for none, so that it is soon known that it does.
func (q *queue) receive(ctx context.Context) error {
	q.mu.Lock()
	wait := int32(0)
	if q.heard {
		wait = messageWait
	}
	q.mu.Unlock()
	out, err := q.aws.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.cfg.Queue, MaxNumberOfMessages: messageMax, WaitTimeSeconds: wait})
	if err != nil {
		return judged("ReceiveMessage", err)
	}
	for i := range out.Messages {
		receipt := out.Messages[i].ReceiptHandle
		settled := func(err error) {
			if err == nil {
				q.delete(receipt)
			}
		}
		if !q.deliver(ctx, heard{m: q.message(SourceEventBridge, []byte(aws.ToString(out.Messages[i].Body))), settled: settled}) {
			return errEnds
		}
	}
	return nil
}

// delete notes a message that can be deleted. It does not wait.
func (q *queue) delete(receipt *string) {
	q.mu.Lock()
	q.receipts = append(q.receipts, receipt)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// deleteAll deletes what can be deleted until ctx ends. What is not deleted comes again, and tells nothing new.
func (q *queue) deleteAll(ctx context.Context) {
	for {
		select {
		case <-q.wake:
		case <-ctx.Done():
			return
		}
		for batch := q.next(); len(batch) > 0; batch = q.next() {
			_, err := q.aws.sqs.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.cfg.Queue, Entries: batch})
			if err != nil && ctx.Err() == nil {
				q.log.Debug("messages are not deleted", "connection", q.cfg.Name, "error", judged("DeleteMessageBatch", err))
			}
		}
	}
}

// next are the messages of one deletion.
func (q *queue) next() []types.DeleteMessageBatchRequestEntry {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.receipts), messageMax)
	entries := make([]types.DeleteMessageBatchRequestEntry, n)
	for i := range n {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: q.receipts[i]}
	}
	q.receipts = q.receipts[n:]
	return entries
}
