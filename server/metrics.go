package server

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"cordboard/engine"
	"cordboard/platform"
)

// The names of our metrics, as dashboards and alerts use them.
const (
	metricEvents      = "cordboard_events_total"
	metricDuplicates  = "cordboard_events_duplicate_total"
	metricKept        = "cordboard_messages_undecoded_total"
	metricAttempts    = "cordboard_step_attempts_total"
	metricHot         = "cordboard_calls_in_memory"
	metricQueue       = "cordboard_intake_queue"
	metricConnection  = "cordboard_connection_up"
	metricSessions    = "cordboard_connection_sessions"
	metricDesks       = "cordboard_desk_tabs"
	metricUptime      = "cordboard_uptime_seconds"
	metricGroupFailed = "cordboard_groups_failed_total"
)

// gauges reads its values when it is asked, so that nothing is counted twice.
type gauges struct {
	born        time.Time
	stats       func() engine.Stats
	connections func() []platform.Status
	tabs        func() int
	desc        map[string]*prometheus.Desc
}

func newMetrics(stats func() engine.Stats, connections func() []platform.Status, tabs func() int) *prometheus.Registry {
	r := prometheus.NewRegistry()
	g := &gauges{born: time.Now(), stats: stats, connections: connections, tabs: tabs, desc: map[string]*prometheus.Desc{}}
	for name, help := range map[string]string{
		metricEvents:      "Events stored since the start.",
		metricDuplicates:  "Events that were heard again and changed nothing.",
		metricKept:        "Messages that could not be decoded and were kept.",
		metricHot:         "Calls held in memory.",
		metricQueue:       "Inputs waiting for the next commit.",
		metricDesks:       "Browser tabs with an open desk.",
		metricUptime:      "Seconds since the start.",
		metricGroupFailed: "Commits that the journal did not take.",
	} {
		g.desc[name] = prometheus.NewDesc(name, help, nil, nil)
	}
	g.desc[metricAttempts] = prometheus.NewDesc(metricAttempts, "Attempts at steps, by what became of them.", []string{"state"}, nil)
	g.desc[metricConnection] = prometheus.NewDesc(metricConnection, "1 while the connection is in the state.", []string{"connection", "platform", "state"}, nil)
	g.desc[metricSessions] = prometheus.NewDesc(metricSessions, "Agents' sessions of the connection that are up.", []string{"connection", "platform"}, nil)
	r.MustRegister(g, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range g.desc {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	s := g.stats()
	count := func(name string, v int64) {
		ch <- prometheus.MustNewConstMetric(g.desc[name], prometheus.CounterValue, float64(v))
	}
	gauge := func(name string, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(g.desc[name], prometheus.GaugeValue, v, labels...)
	}
	count(metricEvents, s.Events)
	count(metricDuplicates, s.Doubles)
	count(metricKept, s.Kept)
	count(metricGroupFailed, s.Failed)
	for state, n := range s.Attempts {
		ch <- prometheus.MustNewConstMetric(g.desc[metricAttempts], prometheus.CounterValue, float64(n), string(state))
	}
	gauge(metricHot, float64(s.Hot))
	gauge(metricQueue, float64(s.Queue))
	gauge(metricDesks, float64(g.tabs()))
	gauge(metricUptime, time.Since(g.born).Seconds())
	for _, c := range g.connections() {
		up := 0.0
		if c.State == platform.Up || c.State == platform.Degraded {
			up = 1
		}
		gauge(metricConnection, up, c.Connection, c.Platform, string(c.State))
		gauge(metricSessions, float64(c.SessionsUp), c.Connection, c.Platform)
	}
}
