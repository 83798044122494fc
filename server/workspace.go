package server

import (
	"context"
	"errors"
	"maps"

	"github.com/prometheus/client_golang/prometheus"

	"cordboard/desk"
	"cordboard/platform"
	"cordboard/workspace"
)

// workspacePath is where agents' own pages hear of calls and give orders.
const workspacePath = "/v1/workspace"

// openWorkspace makes the workspace: it follows what is committed, on whichever node, and its orders go to the connections.
func (s *Server) openWorkspace(managed []platform.Managed) {
	to := commandersOf(managed, s.connections)
	cfg := workspace.Config{
		Redeem: s.redeem, Origins: s.cfg.Desk.Origins, Watch: s.watch(), Journal: s.store, Orders: to, Log: s.log,
	}
	if s.news != nil {
		cfg.Present, to.far = s.news.page, s.news.orders
		s.news.orders.mine = func(o order) bool { return s.takes(to, o) && !to.standsBy(o.Connection) }
		s.news.orders.obey = func(ctx context.Context, o order) error { return s.obey(ctx, to, o) }
	}
	s.workspace = workspace.New(cfg)
	s.metrics.MustRegister(newWorkspaceMetrics(s.workspace.Stats))
}

// redeem returns the agent of a ticket, "" when it opens nothing.
func (s *Server) redeem(ctx context.Context, ticket string) (string, error) {
	agent, err := s.tickets.Redeem(ctx, ticket)
	if errors.Is(err, desk.ErrTicket) {
		return "", nil
	}
	return agent, err
}

// The names of the metrics about agents' own pages.
const (
	metricPages    = "cordboard_workspace_pages"
	metricTold     = "cordboard_workspace_messages_total"
	metricOrders   = "cordboard_workspace_orders_total"
	metricRefusals = "cordboard_workspace_refused_total"
)

// workspaceMetrics shows what the workspace does.
type workspaceMetrics struct {
	stats func() workspace.Stats
	desc  map[string]*prometheus.Desc
}

func newWorkspaceMetrics(stats func() workspace.Stats) *workspaceMetrics {
	m := &workspaceMetrics{stats: stats, desc: map[string]*prometheus.Desc{}}
	m.desc[metricPages] = prometheus.NewDesc(metricPages, "Pages with an open workspace.", nil, nil)
	m.desc[metricTold] = prometheus.NewDesc(metricTold, "Messages about calls that were sent to pages.", nil, nil)
	m.desc[metricOrders] = prometheus.NewDesc(metricOrders, "Orders of pages that a platform took.", []string{"command"}, nil)
	m.desc[metricRefusals] = prometheus.NewDesc(metricRefusals, "Requests and sockets of pages that were refused, by reason.", []string{"reason"}, nil)
	return m
}

// Describe implements prometheus.Collector.
func (m *workspaceMetrics) Describe(ch chan<- *prometheus.Desc) {
	for d := range maps.Values(m.desc) {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (m *workspaceMetrics) Collect(ch chan<- prometheus.Metric) {
	s := m.stats()
	ch <- prometheus.MustNewConstMetric(m.desc[metricPages], prometheus.GaugeValue, float64(s.Pages))
	ch <- prometheus.MustNewConstMetric(m.desc[metricTold], prometheus.CounterValue, float64(s.Messages))
	for command, n := range s.Orders {
		ch <- prometheus.MustNewConstMetric(m.desc[metricOrders], prometheus.CounterValue, float64(n), command)
	}
	for reason, n := range s.Refused {
		ch <- prometheus.MustNewConstMetric(m.desc[metricRefusals], prometheus.CounterValue, float64(n), reason)
	}
}
