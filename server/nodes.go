package server

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cordboard/engine"
)

// The names of the metrics about this node among others.
const (
	metricLease  = "cordboard_node_lease_seconds"
	metricTerms  = "cordboard_node_terms_total"
	metricFenced = "cordboard_groups_fenced_total"
)

var nodeHelp = map[string]string{
	metricLease:  "For how long this node may go on without hearing from the database; 0 when others may have taken over.",
	metricTerms:  "How often this node forgot what it held because another may have taken over. A few are normal.",
	metricFenced: "Commits that the journal refused because another node had taken over.",
}

// nodeMetrics shows how this node stands among the others.
type nodeMetrics struct {
	tenure engine.Tenure
	stats  func() engine.Stats
	desc   map[string]*prometheus.Desc
}

func newNodeMetrics(tenure engine.Tenure, stats func() engine.Stats) *nodeMetrics {
	m := &nodeMetrics{tenure: tenure, stats: stats, desc: map[string]*prometheus.Desc{}}
	for name, help := range nodeHelp {
		m.desc[name] = prometheus.NewDesc(name, help, nil, nil)
	}
	return m
}

// Describe implements prometheus.Collector.
func (m *nodeMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range m.desc {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (m *nodeMetrics) Collect(ch chan<- prometheus.Metric) {
	s := m.stats()
	ch <- prometheus.MustNewConstMetric(m.desc[metricLease], prometheus.GaugeValue, leaseLeft(m.tenure).Seconds())
	ch <- prometheus.MustNewConstMetric(m.desc[metricTerms], prometheus.CounterValue, float64(s.Terms))
	ch <- prometheus.MustNewConstMetric(m.desc[metricFenced], prometheus.CounterValue, float64(s.Fenced))
}

// leaseLeft is for how long this node may still go on by itself.
func leaseLeft(t engine.Tenure) time.Duration {
	_, until := t.Tenure()
	return max(0, time.Until(until))
}
