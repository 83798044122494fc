package connect

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	kinesisapi "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"cordboard/sim/connect/awsjson"
	"cordboard/sim/connect/kinesis"
)

// StreamTarget is the Kinesis data stream that the agent event stream goes to.
type StreamTarget struct {
	Endpoint string // of a Kinesis API; "" means the simulator's own
	Name     string // of the stream; "" means agent-events
	Shards   int    // of the simulator's own; 0 means 2
}

// recordWriter puts records into the stream: at once into the simulator's own, or in batches, in the order of their making,
// into one that somebody else serves. A batch of which the stream refuses a part is tried again from the first refused record
// on, so that what comes after it may come twice: at least once, as the vendor has it.
type recordWriter struct {
	own    *kinesis.Stream  // nil when somebody else serves the stream
	api    *awsjson.Service // of the own one
	target StreamTarget
	region string
	keys   aws.CredentialsProvider
	log    *slog.Logger

	mu      sync.Mutex
	waiting []types.PutRecordsRequestEntry
	wake    chan struct{}

	underway underway // records that are not in the stream yet
}

// mostInBatch is how many records one request puts (PutRecords); with records of this size that is far below its 5 MiB.
const mostInBatch = 400

func newRecordWriter(s *Server) *recordWriter {
	w := &recordWriter{target: s.cfg.Stream, region: s.cfg.Region, log: s.cfg.Log, wake: make(chan struct{}, 1)}
	w.keys = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: s.cfg.AccessKey, SecretAccessKey: s.cfg.Secret}, nil
	})
	if w.target.Endpoint == "" {
		w.own = kinesis.New(kinesis.Config{Name: w.target.Name, ARN: s.streamARN(), Shards: w.target.Shards})
		w.api = w.own.Handler()
	}
	return w
}

func (s *Server) streamARN() string {
	return "arn:aws:kinesis:" + s.cfg.Region + ":" + s.cfg.Account + ":stream/" + s.cfg.Stream.Name
}

// put never waits.
func (w *recordWriter) put(key string, data []byte) {
	if w.own != nil {
		w.own.Put(key, data)
		return
	}
	w.underway.add(1)
	w.mu.Lock()
	w.waiting = append(w.waiting, types.PutRecordsRequestEntry{PartitionKey: &key, Data: data})
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run writes to somebody else's stream until ctx ends.
func (w *recordWriter) run(ctx context.Context, web *http.Client) error {
	if w.own != nil {
		return nil
	}
	defer web.CloseIdleConnections()
	api := kinesisapi.New(kinesisapi.Options{Region: w.region, BaseEndpoint: &w.target.Endpoint, Credentials: w.keys, HTTPClient: web})
	pause := firstPause
	for ctx.Err() == nil {
		batch := w.next()
		if len(batch) == 0 {
			select {
			case <-ctx.Done():
			case <-w.wake:
			}
			continue
		}
		n, err := w.write(ctx, api, batch)
		w.mu.Lock()
		w.waiting = w.waiting[n:]
		w.mu.Unlock()
		w.underway.add(-n)
		if err == nil {
			pause = firstPause
			continue
		}
		w.log.Debug("records not written", "error", err)
		t := time.NewTimer(pause)
		pause = min(2*pause, longestPause)
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
	return nil
}

func (w *recordWriter) next() []types.PutRecordsRequestEntry {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.waiting[:min(len(w.waiting), mostInBatch)]
}

// write puts a batch and says how many records at its beginning are in the stream.
func (w *recordWriter) write(ctx context.Context, api *kinesisapi.Client, batch []types.PutRecordsRequestEntry) (int, error) {
	out, err := api.PutRecords(ctx, &kinesisapi.PutRecordsInput{StreamName: &w.target.Name, Records: batch})
	if err != nil {
		return 0, err
	}
	for i, r := range out.Records {
		if r.ErrorCode != nil {
			return i, fmt.Errorf("record refused: %s", *r.ErrorCode)
		}
	}
	return len(batch), nil
}
