package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	simsalesforce "cordboard/sim/salesforce"
)

// world is everything of a measurement: the site, the org, the servers, and agents' desks.
type world struct {
	opts    Options
	mix     mix
	site    site
	org     *simsalesforce.Server
	people  []simsalesforce.Person
	servers []*serverChild
	desks   desks
	tasks   sync.WaitGroup
	failed  chan error

	database database
}

func newWorld(o Options, m mix) (*world, error) {
	w := &world{opts: o, mix: m, failed: make(chan error, 2), org: simsalesforce.New(simsalesforce.Config{})}
	var err error
	if o.Platform == "cisco" {
		w.site, err = openCisco(o)
	} else {
		w.site = openDialer(o.connection)
	}
	w.people = w.org.Seed(o.People)
	return w, errors.Join(err, w.org.Listen())
}

// configure writes the configuration that an engineer would write for this site, every setting that is not needed left
// out, so that the server is measured as it comes. It returns the files of the nodes.
func (w *world) configure(dir string) (all []string, err error) {
	o, org := w.opts, w.org.Ready()
	files := w.site.files()
	files["org.secret"] = fmt.Sprint(org["client_secret"])
	for i := range o.Nodes {
		store := ""
		if o.shared() {
			store = fmt.Sprintf("store: { url: %q, node: node-%d }\n", o.Store, i+1)
		}
		name := fmt.Sprintf("node-%d.yaml", i+1)
		files[name] = fmt.Sprintf(`listen: 127.0.0.1:0
data: data-%d
%sworkflows: [recommended]
desk: { open_tickets: true }
salesforce: { url: "%v", client_id: "%v", client_secret_file: org.secret }
connections:
  - { name: %s, platform: %s, settings: %s }
`, i+1, store, org["url"], org["client_id"], o.connection, w.site.platform(), w.site.settings())
		all = append(all, filepath.Join(dir, name))
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// start runs a part of the world until ctx ends.
func (w *world) start(ctx context.Context, name string, run func(context.Context) error) {
	w.tasks.Go(func() {
		if err := run(ctx); err != nil && ctx.Err() == nil {
			w.failed <- fmt.Errorf("bench: %s: %w", name, err)
		}
	})
}

// startServers starts a process for every node.
func (w *world) startServers(configs []string) error {
	for i, config := range configs {
		profile := ""
		if i == 0 {
			profile = w.opts.Profile
		}
		s, err := startServer(w.opts.Server(config, profile), w.opts.Stderr)
		if err != nil {
			return err
		}
		w.servers = append(w.servers, s)
	}
	return nil
}

// stop ends all processes: the desks first, which do not come back to a server that stops.
func (w *world) stop() error {
	err := w.desks.close()
	for _, s := range w.servers {
		err = errors.Join(err, s.stop())
	}
	return err
}

// eachServer asks every server the same question.
func eachServer[A any](w *world, question string) (all []A, err error) {
	for _, s := range w.servers {
		var a A
		if err := s.ask(question, &a); err != nil {
			return all, err
		}
		all = append(all, a)
	}
	return all, nil
}
