package bench

// Report is what one run measured.
type Report struct {
	Machine  Machine  `json:"machine"`
	Settings Settings `json:"settings"`
	// Generator says whether the load was what was asked for.
	Generator Generator `json:"generator"`

	EventsPerSecond float64 `json:"events_per_second"` // accepted durably while it was measured
	Calls           int     `json:"calls"`             // played, the warm-up's included; so are the next three
	Events          int64   `json:"events"`            // stored
	Duplicates      int     `json:"duplicates"`        // pops shown twice, records with one key, events stored twice
	Lost            int     `json:"lost"`              // pops, pages, finished call logs and events that should be there
	Misplaced       int     `json:"misplaced"`         // pops and pages at a desk where nobody had that call, or of somebody else
	Dead            int64   `json:"dead"`              // steps that need a person

	// Latencies in milliseconds, of what was received while it was measured.
	Told         Spread `json:"told_to_acknowledged_ms,omitzero"` // from when the dialer sent it; of Finesse there is none
	Acknowledged Spread `json:"received_to_acknowledged_ms"`
	Pop          Spread `json:"received_to_pop_ms"`  // the looked-up record, at the browser's socket
	Page         Spread `json:"received_to_page_ms"` // the page after it
	Record       Spread `json:"received_to_record_ms"`

	Desks      int    `json:"desks"`  // open all the time
	Server     Cost   `json:"server"` // all nodes; the memory is that of the largest
	Nodes      []Cost `json:"nodes"`
	Simulators Cost   `json:"simulators"` // the site and the org
	Browsers   Cost   `json:"browsers"`   // all desks
	// Database is the PostgreSQL server's part; nil without one.
	Database *DatabaseCost `json:"database,omitempty"`

	BytesPerEvent   float64        `json:"bytes_on_disk_per_event,omitempty"` // of an SQLite journal
	EventsPerCommit float64        `json:"events_per_commit"`
	APICallsPer1000 float64        `json:"api_calls_per_1000_calls"`
	APICalls        map[string]int `json:"api_calls"`
	Floor           Floor          `json:"floor"`
	HeldOff         int            `json:"held_off"` // events that wait for the message that tells their mode, not in the figures
}

// Machine is where it ran.
type Machine struct {
	CPUs int     `json:"cpus"`
	OS   string  `json:"os"`
	Arch string  `json:"arch"`
	Go   string  `json:"go"`
	Load float64 `json:"load_before"` // average of the last minute before the run; 0 where it is not known
}

// Settings are what was asked for.
type Settings struct {
	Platform string  `json:"platform"`
	Agents   int     `json:"agents"`
	Rate     int     `json:"rate"`
	Mix      string  `json:"mix"`
	Seconds  float64 `json:"seconds"`
	Warmup   float64 `json:"warmup"`
	Store    string  `json:"store"` // sqlite or postgres
	Nodes    int     `json:"nodes"`
	People   int     `json:"people"`
	IDs      bool    `json:"ids"`
}

// Generator is how well the load kept its own time.
type Generator struct {
	LateP99 float64 `json:"late_p99_ms"` // a call began, or a dialer's message left, this much after its time
	LateMax float64 `json:"late_max_ms"`
	Behind  bool    `json:"behind"` // more than 100 ms late at least once: the rate was not what was asked for
}

// Cost is what a process used.
type Cost struct {
	CPUPer1000 float64 `json:"cpu_seconds_per_1000_events"`
	CPUShare   float64 `json:"cpus_used"`           // processors, on average
	RSS        int64   `json:"rss_bytes,omitempty"` // at the end; 0 where it is not known
	// Written is towards the disk: every page as often as it was written. 0 where it is not known.
	Written float64 `json:"written_bytes_per_event,omitempty"`
}

// Floor is what the machine could do at best, measured just before.
type Floor struct {
	Fsyncs  float64 `json:"fsync_per_second"`       // one page appended and synced, in the journal's folder
	Decodes float64 `json:"json_decode_per_second"` // a usual stored event, one processor
}

func (o Options) settings() Settings {
	s := Settings{
		Platform: o.Platform, Agents: o.Agents, Rate: o.Rate, Mix: o.Mix, Seconds: o.Length.Seconds(), Warmup: o.Warmup.Seconds(),
		Store: "sqlite", Nodes: o.Nodes, People: o.People, IDs: o.IDs,
	}
	if o.shared() {
		s.Store = "postgres" // the address may hold a password
	}
	return s
}
