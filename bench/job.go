package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
	"time"

	"cordboard/engine"
)

// JobOptions say how the plain job of an integration tool is measured.
type JobOptions struct {
	Clients int           // each sends the next job when the one before it is done
	Length  time.Duration // how long it is measured
	Warmup  time.Duration // how long the clients work before that
	Dir     string        // where the journal's folder is made; "" is the folder for temporary files
	Profile string        // the file for a processor profile of the server while it is measured; "" for none
	// Server makes the command that runs [Serve] on a configuration file, with the profile's file when that is not "".
	Server func(config, profile string) *exec.Cmd
	Stderr io.Writer // where the server process says what went wrong
}

// JobReport is what one run of the plain job measured.
type JobReport struct {
	Machine Machine `json:"machine"`
	Clients int     `json:"clients"`
	Seconds float64 `json:"seconds"`

	JobsPerSecond float64 `json:"jobs_per_second"` // done, and the sender was told so
	Took          Spread  `json:"sent_to_done_ms"`
	JobsPerCommit float64 `json:"jobs_per_commit"`

	Jobs    int64 `json:"jobs"`    // in all, the warm-up's included; so are the next three
	Lost    int64 `json:"lost"`    // told as done, but the stub was not asked, or the journal does not have it
	Doubled int64 `json:"doubled"` // the stub was asked twice
	Early   int64 `json:"early"`   // told as done before the stub had answered

	Server Cost `json:"server"` // of 1,000 jobs
	Load   Cost `json:"load"`   // the clients and the stub, likewise

	BytesPerJob float64 `json:"bytes_on_disk_per_job"`
	Floor       Floor   `json:"floor"`
}

// jobRule is the condition and the request.
const jobRule = `name: Jobs
platform: connect-tethered
rules:
  - on: CustAnswered
    when: call.vars.Tier == "gold" && call.campaign.startsWith("Spring")
    do:
      - http: http://%s/jobs
        body: { job: "${call.vars.Job}", call: "${call.id}", customer: "${call.customer}", campaign: "${call.campaign}" }
`

const jobConfig = `listen: 127.0.0.1:0
data: data
workflows: [jobs.yaml]
http: { internal_origins: ["http://%s"] }
connections:
  - { name: jobs, platform: connect-tethered, settings: { token_file: token } }
`

const jobToken = "the token of the bench"

// RunJob measures the plain job of an integration tool: a message comes in by HTTPS (here without the S), a condition holds, one
// request goes out to a stub, and the sender is answered when that is done. Message, step and outcome are on disk before
// the answer. The clients and the stub are this process, the server is one of its own.
func RunJob(ctx context.Context, o JobOptions) (r JobReport, err error) {
	if o.Clients < 1 || o.Length < time.Second || o.Warmup < 0 || o.Server == nil {
		return r, errors.New("bench: it takes at least one client, one second, and a server")
	}
	dir, err := os.MkdirTemp(o.Dir, "cordboard-bench-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	r = JobReport{Machine: machine(), Clients: o.Clients, Seconds: o.Length.Seconds()}
	if r.Floor, err = measureFloor(dir); err != nil {
		return r, fmt.Errorf("bench: the floor: %w", err)
	}
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return r, err
	}
	asked := &stub{}
	defer asked.serve(listen)()
	for name, text := range map[string]string{
		"cordboard.yaml": fmt.Sprintf(jobConfig, listen.Addr()), "jobs.yaml": fmt.Sprintf(jobRule, listen.Addr()), "token": jobToken,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return r, err
		}
	}
	server, err := startServer(o.Server(filepath.Join(dir, "cordboard.yaml"), o.Profile), o.Stderr)
	if err != nil {
		return r, err
	}
	err = r.measure(ctx, o, server, asked)
	if err := errors.Join(err, server.stop()); err != nil {
		return r, err
	}
	size, err := sizeOf(filepath.Join(dir, "data"))
	r.BytesPerJob = float64(size) / float64(max(1, r.Jobs))
	return r, err
}

// measure lets the clients work and fills the report.
func (r *JobReport) measure(ctx context.Context, o JobOptions, server *serverChild, asked *stub) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	clients := newClients(server.url, o.Clients, asked)
	if err := clients.await(ctx); err != nil {
		return err
	}
	working := make(chan error, 1)
	go func() { working <- clients.work(ctx) }()
	var begin, end, mineBegin, mineEnd usage
	for _, m := range []struct {
		after    time.Duration
		mine     *usage
		question string
		answer   *usage
	}{{o.Warmup, &mineBegin, askBegin, &begin}, {o.Length, &mineEnd, askEnd, &end}} {
		select {
		case err := <-working:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(m.after):
		}
		clients.measure(m.question == askBegin)
		*m.mine = usageNow()
		if err := server.ask(m.question, m.answer); err != nil {
			return err
		}
	}
	stop()
	if err := <-working; err != nil {
		return err
	}
	var counts engine.Counts
	if err := server.ask(askCounts, &counts); err != nil {
		return err
	}
	wall := mineEnd.At.Sub(mineBegin.At).Seconds()
	took := clients.took()
	r.JobsPerSecond, r.Took = float64(len(took))/wall, spreadOf(took)
	r.Jobs, r.Early = clients.told()
	missing, twice := asked.judge(r.Jobs)
	r.Lost = missing + max(0, r.Jobs-counts.Events) + max(0, r.Jobs-counts.Steps[engine.Done])
	r.Doubled = twice + max(0, counts.Events-r.Jobs)
	jobs := max(1, end.Events-begin.Events)
	r.Server, r.Load = costOf(begin, end, jobs), costOf(mineBegin, mineEnd, jobs)
	r.JobsPerCommit = float64(jobs) / float64(max(1, end.Commits-begin.Commits))
	return nil
}

// Print writes the report for people.
func (r JobReport) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "machine\t%d CPUs, %s/%s, %s, load %.1f before\n", r.Machine.CPUs, r.Machine.OS, r.Machine.Arch, r.Machine.Go, r.Machine.Load)
	fmt.Fprintf(w, "jobs\t%.0f/s from %d clients for %g s, %.1f a commit\n", r.JobsPerSecond, r.Clients, r.Seconds, r.JobsPerCommit)
	fmt.Fprintf(w, "sent to done\tp50 %.1f, p99 %.1f, p99.9 %.1f, max %.1f ms\n", r.Took.P50, r.Took.P99, r.Took.P999, r.Took.Max)
	fmt.Fprintf(w, "of all %d jobs\t%d doubled, %d lost, %d told too early\n", r.Jobs, r.Doubled, r.Lost, r.Early)
	fmt.Fprintf(w, "server\t%.2f CPU s per 1,000 jobs, %.2f CPUs, %d MiB\n", r.Server.CPUPer1000, r.Server.CPUShare, r.Server.RSS>>20)
	fmt.Fprintf(w, "clients and stub\t%.2f CPU s per 1,000 jobs, %.2f CPUs, %d MiB\n", r.Load.CPUPer1000, r.Load.CPUShare, r.Load.RSS>>20)
	fmt.Fprintf(w, "disk\t%.0f bytes a job kept; %s\n", r.BytesPerJob, r.Server.pages())
	fmt.Fprintf(w, "floor\t%.0f fsync/s, %.0f JSON decodes/s\n", r.Floor.Fsyncs, r.Floor.Decodes)
	return w.Flush()
}
