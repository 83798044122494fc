package connect

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"cordboard/platform"
)

// recordsAtOnce is how many records one read brings at most.
const recordsAtOnce = 1000

// shard reads one shard of the stream.
type shard struct {
	*stream
	id   string
	line *sequence
	met  bool    // it is read from its newest record on, once
	next *string // where the next read begins; nil when that is to be asked for
	last string  // the record read last by this reader
}

// keep reads the shard until it ends or ctx does.
func (s *shard) keep(ctx context.Context) {
	s.line = &sequence{moved: func(at string) { s.places.set(s.id, at) }}
	for failures := 0; ctx.Err() == nil; {
		more, over, err := s.step(ctx)
		if ctx.Err() != nil {
			return
		}
		if faulty(err, "ProvisionedThroughputExceededException") { // somebody else reads the shard, too
			if !platform.Pause(ctx, s.pace.throttled) {
				return
			}
			continue
		}
		s.set(s.id, err)
		switch {
		case over:
			s.finish(ctx)
			return
		case err != nil:
			failures++
			if !platform.Pause(ctx, s.backoff(failures, err)) {
				return
			}
		default:
			failures = 0
			if !more && !platform.Pause(ctx, s.pace.poll) {
				return
			}
		}
	}
}

// step reads once; more says that there is more to be read at once, over that the shard has ended.
func (s *shard) step(ctx context.Context) (more, over bool, err error) {
	if s.next == nil {
		if err := s.begin(ctx); err != nil {
			return false, false, err
		}
	}
	in := &kinesis.GetRecordsInput{ShardIterator: s.next, Limit: aws.Int32(recordsAtOnce)}
	_, in.StreamARN = s.name()
	out, err := s.aws.kinesis.GetRecords(ctx, in)
	err = judged("GetRecords", err)
	switch {
	case faulty(err, "ExpiredIteratorException"): // it is good for five minutes
		s.next = nil
		return true, false, nil
	case err != nil:
		return false, false, err
	}
	for i := range out.Records {
		rec := &out.Records[i]
		m := s.message(SourceAgentStream, rec.Data)
		if !s.deliver(ctx, heard{m: m, settled: s.line.add(*rec.SequenceNumber)}) {
			return false, false, errEnds
		}
		s.last = *rec.SequenceNumber
	}
	s.next = out.NextShardIterator
	return aws.ToInt64(out.MillisBehindLatest) > 0 && len(out.Records) > 0, s.next == nil, nil
}

// begin asks where to read: behind what this reader has read, or where the last one stopped, or from the start.
func (s *shard) begin(ctx context.Context) error {
	at := s.places.get(s.id)
	if s.last != "" {
		at = s.last
	}
	in := &kinesis.GetShardIteratorInput{ShardId: &s.id}
	in.StreamName, in.StreamARN = s.name()
	from, timed := strings.CutPrefix(at, since)
	when, err := time.Parse(time.RFC3339Nano, from)
	switch {
	case s.met && s.last == "":
		in.ShardIteratorType = types.ShardIteratorTypeLatest
	case at == "":
		in.ShardIteratorType = types.ShardIteratorTypeTrimHorizon
	case timed && err == nil:
		in.ShardIteratorType, in.Timestamp = types.ShardIteratorTypeAtTimestamp, &when
	default:
		in.ShardIteratorType, in.StartingSequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &at
	}
	out, err := s.aws.kinesis.GetShardIterator(ctx, in)
	err = judged("GetShardIterator", err)
	if at != "" && faulty(err, "InvalidArgumentException") { // the stream was deleted and made anew under its name
		s.log.Warn("the stream does not know how far it was read: it is read from its start", "connection", s.cfg.Name, "shard", s.id)
		s.places.set(s.id, "")
		s.last = ""
		return s.begin(ctx)
	}
	if err == nil {
		s.next, s.met = out.ShardIterator, false
	}
	return err
}

// finish waits until everything of the shard is durable, and lets its children begin.
func (s *shard) finish(ctx context.Context) {
	for !s.line.empty() {
		if !platform.Pause(ctx, s.pace.poll) {
			return
		}
	}
	s.end(s.id)
}

// backoff is the pause after so many failures in a row.
func (c *Connector) backoff(failures int, err error) time.Duration {
	wait := min(c.pace.retry<<min(failures-1, 10), c.pace.longestRetry)
	if errors.Is(err, platform.ErrRefused) {
		wait = 10 * c.pace.longestRetry
	}
	return wait/2 + rand.N(wait/2+1)
}
