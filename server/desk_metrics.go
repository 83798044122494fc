package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"cordboard/desk"
)

// The names of the metrics about what browsers send.
const (
	metricPictures     = "cordboard_desk_pictures_total"
	metricPageMessages = "cordboard_desk_page_messages_total"
	metricRefused      = "cordboard_desk_refused_total"
)

// deskMetrics shows what became of what browsers have sent to desks.
type deskMetrics struct {
	hub                      *desk.Hub
	pictures, pages, refused *prometheus.Desc
}

func newDeskMetrics(hub *desk.Hub) *deskMetrics {
	desc := func(name, help, label string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{label}, nil)
	}
	return &deskMetrics{
		hub:      hub,
		pictures: desc(metricPictures, "Pictures of the platform's own client that browsers have sent, by what became of them.", "outcome"),
		pages:    desc(metricPageMessages, "Messages that pages have sent to agents' panels, by what became of them, as the panels tell.", "outcome"),
		refused:  desc(metricRefused, "Desk sockets that were refused or ended, by what was wrong.", "reason"),
	}
}

// Describe implements prometheus.Collector.
func (m *deskMetrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.pictures
	ch <- m.pages
	ch <- m.refused
}

// Collect implements prometheus.Collector.
func (m *deskMetrics) Collect(ch chan<- prometheus.Metric) {
	counted(ch, m.pictures, m.hub.Pictures())
	counted(ch, m.pages, m.hub.PageMessages())
	counted(ch, m.refused, m.hub.Refusals())
}

func counted[K ~string](ch chan<- prometheus.Metric, desc *prometheus.Desc, all map[K]int64) {
	for name, n := range all {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), string(name))
	}
}
