package salesforce

import (
	"strconv"
	"sync"
	"time"
)

// meter counts API calls by kind and against the rolling daily quota, in 24 buckets of an hour.
type meter struct {
	mu      sync.Mutex
	max     int
	base    int // usage said by SetQuota
	buckets [24]int
	hour    int64
	byKind  map[string]int
}

// SetQuota sets the daily number of API calls and how many of them count as used now.
func (s *Server) SetQuota(maximum, used int) {
	m := &s.calls
	m.mu.Lock()
	defer m.mu.Unlock()
	m.max, m.base, m.buckets = maximum, used, [24]int{}
}

func (m *meter) count(kind string) {
	m.mu.Lock()
	m.byKind[kind]++
	m.mu.Unlock()
}

// spend counts one API call; ok is false where the quota was used up before it.
func (m *meter) spend(now time.Time) (header string, ok bool) {
	m.mu.Lock()
	m.roll(now)
	used := m.used()
	if ok = used < m.max; ok {
		m.buckets[m.hour%24]++
		used++
	}
	maximum := m.max
	m.mu.Unlock()
	return "api-usage=" + strconv.Itoa(used) + "/" + strconv.Itoa(maximum), ok
}

// perApp is the header's second half where an app has a quota of its own: it counts what the org counts, because
// the simulated org has one app.
func (s *Server) perApp() string {
	if s.cfg.AppName == "" {
		return ""
	}
	used, maximum := s.Usage()
	return "; per-app-api-usage=" + strconv.Itoa(used) + "/" + strconv.Itoa(maximum) + "(appName=" + s.cfg.AppName + ")"
}

func (m *meter) roll(now time.Time) {
	hour := now.Unix() / 3600
	if hour-m.hour > 24 {
		m.hour = hour - 24
	}
	for ; m.hour < hour; m.hour++ {
		m.buckets[(m.hour+1)%24] = 0
	}
}

func (m *meter) used() int {
	sum := m.base
	for _, n := range m.buckets {
		sum += n
	}
	return sum
}

// Usage returns the API calls counted against the quota in the last 24 hours, and the quota.
func (s *Server) Usage() (used, maximum int) {
	m := &s.calls
	m.mu.Lock()
	defer m.mu.Unlock()
	m.roll(s.cfg.Now())
	return m.used(), m.max
}

// limits answers GET /limits: the daily calls are real, the others are numbers of an Enterprise org.
func (s *Server) limits() answer {
	used, maximum := s.Usage()
	still := func(n int) map[string]int { return map[string]int{"Max": n, "Remaining": n} }
	return answer{status: 200, body: map[string]map[string]int{
		"DailyApiRequests":                  {"Max": maximum, "Remaining": max(0, maximum-used)},
		"ConcurrentAsyncGetReportInstances": still(200),
		"DailyBulkV2QueryJobs":              still(10000),
		"DailyAsyncApexExecutions":          still(250000),
		"DailyDurableStreamingApiEvents":    still(200000),
		"DataStorageMB":                     still(11264),
		"FileStorageMB":                     still(11264),
		"HourlyPublishedPlatformEvents":     still(250000),
		"MonthlyPlatformEvents":             still(1500000),
		"SingleEmail":                       still(5000),
	}}
}
