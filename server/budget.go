package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"cordboard/crm/salesforce"
)

// The names of the metrics about the org's API requests.
const (
	metricRequests = "cordboard_salesforce_requests_24h"
	metricAllowed  = "cordboard_salesforce_requests_allowed"
	metricOrgUsed  = "cordboard_salesforce_org_requests_used"
	metricOrgMax   = "cordboard_salesforce_org_requests_max"
	metricPressure = "cordboard_salesforce_budget_pressure"
	metricWindow   = "cordboard_salesforce_window_seconds"
	metricWriting  = "cordboard_salesforce_writing"
	metricLooking  = "cordboard_salesforce_looking_up"
)

var budgetHelp = map[string]string{
	metricAllowed:  "API requests that Cordboard may make in 24 hours.",
	metricOrgUsed:  "API requests that everybody made in the last 24 hours, as the org says.",
	metricOrgMax:   "API requests that the org allows in 24 hours.",
	metricPressure: "How near the nearer limit is; 1 when it is reached.",
	metricWindow:   "How long a record waits for company.",
	metricWriting:  "1 while records are written, 0 while they are parked.",
	metricLooking:  "1 while numbers are looked up in the org.",
}

// budgetMetrics shows how Cordboard stands with the org's daily API requests.
type budgetMetrics struct {
	client   *salesforce.Client
	desc     map[string]*prometheus.Desc
	requests *prometheus.Desc
}

func newBudgetMetrics(client *salesforce.Client) *budgetMetrics {
	m := &budgetMetrics{client: client, desc: map[string]*prometheus.Desc{},
		requests: prometheus.NewDesc(metricRequests, "API requests that Cordboard made in the last 24 hours, by purpose.", []string{"purpose"}, nil)}
	for name, help := range budgetHelp {
		m.desc[name] = prometheus.NewDesc(name, help, nil, nil)
	}
	return m
}

// Describe implements prometheus.Collector.
func (m *budgetMetrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.requests
	for _, d := range m.desc {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (m *budgetMetrics) Collect(ch chan<- prometheus.Metric) {
	b := m.client.Budget()
	for purpose, n := range b.ByPurpose {
		ch <- prometheus.MustNewConstMetric(m.requests, prometheus.GaugeValue, float64(n), purpose)
	}
	for name, v := range map[string]float64{
		metricAllowed: float64(b.Allowed), metricOrgUsed: float64(b.Org.Used), metricOrgMax: float64(b.Org.Max), metricPressure: b.Pressure,
		metricWindow: b.Window.Seconds(), metricWriting: oneIf(b.Writing), metricLooking: oneIf(b.LookingUp),
	} {
		ch <- prometheus.MustNewConstMetric(m.desc[name], prometheus.GaugeValue, v)
	}
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
