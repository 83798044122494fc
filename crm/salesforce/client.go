package salesforce

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// The lanes' limits: how many requests may be in flight and how long one may take, including the wait for its turn.
const (
	lookupsAtOnce = 64
	urgentAtOnce  = 16
	batchesAtOnce = 4
	lookupTimeout = 5 * time.Second
	writeTimeout  = 30 * time.Second
)

// Client talks to one org. It is a crm.Finder at once and a crm.Writer while Run runs. It is safe for concurrent use.
type Client struct {
	cfg     Config
	log     *slog.Logger
	session *session
	usage   meter
	tally   tally

	lookups, describes, indexing, urgent, bulk *lane

	cache   cache
	gather  gathering
	finding flights[found]
	schema  schema
	queue   queue
	index   index

	afterTimeout time.Duration // how long a key is left alone when the org did not answer in time
}

// New returns a client for the org of cfg; it sends nothing yet. The error says what cfg lacks.
func New(cfg Config, log *slog.Logger) (*Client, error) {
	if err := cfg.Check(); err != nil {
		return nil, fmt.Errorf("salesforce: %w", err)
	}
	cfg = cfg.withDefaults()
	c := &Client{
		cfg: cfg, log: log,
		lookups:  newLane(forLookup, lookupsAtOnce, lookupTimeout),
		indexing: newLane(forIndex, 1, indexTimeout),
		urgent:   newLane(forWrite, urgentAtOnce, writeTimeout),
		bulk:     newLane(forWrite, batchesAtOnce, writeTimeout),
		queue:    newQueue(),
		index:    index{book: newBook(cfg.Region), wake: make(chan struct{}, 1)},

		afterTimeout: writeTimeout,
	}
	c.describes = c.lookups.as(forDescribe)
	if cfg.noIndex() {
		c.index.state.off = "phone_index is false"
	}
	c.cache.ttl = cfg.CacheFor.Std()
	var err error
	c.session, err = newSession(cfg, newLane(forLookup, 1, tokenTimeout).http)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Close lets go of idle connections. Call it when Run has returned and nobody looks anything up any more.
func (c *Client) Close() {
	for _, client := range []*http.Client{c.lookups.http, c.indexing.http, c.urgent.http, c.bulk.http, c.session.http} {
		client.CloseIdleConnections()
	}
}

// Usage returns what the org last said about its daily quota.
func (c *Client) Usage() Usage { return c.usage.now() }
