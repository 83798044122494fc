package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"cordboard/server"
)

type serveCmd struct {
	Config string `short:"c" default:"cordboard.yaml" help:"The configuration file."`
	Store  string `placeholder:"URL" help:"The PostgreSQL database that several nodes share, in place of the file's store.url: postgres://user@host/database."`
	Node   string `placeholder:"NAME" help:"This node's name among them, in place of the file's store.node."`
}

func (c serveCmd) Run(ctx context.Context, io streams, log *slog.Logger) error {
	return serve(ctx, io, log, c, server.Options{})
}

// load reads the configuration file, and what the command line says in its place.
func (c serveCmd) load() (server.Config, error) {
	cfg, problems := server.LoadConfig(c.Config)
	if err := problems.Err(); err != nil {
		return cfg, err
	}
	cfg.Store.URL, cfg.Store.Node = cmp.Or(c.Store, cfg.Store.URL), cmp.Or(c.Node, cfg.Store.Node)
	if err := cfg.Store.Check(); err != nil {
		return cfg, fmt.Errorf("--store: %w", err)
	}
	return cfg, nil
}

// serve runs a server until ctx ends. SIGHUP reloads its workflows. The log and the version go into the options.
func serve(ctx context.Context, io streams, log *slog.Logger, c serveCmd, o server.Options) error {
	server.TuneMemory()
	cfg, err := c.load()
	if err != nil {
		return err
	}
	o.Log, o.Version = log, version
	s, err := server.New(ctx, cfg, o)
	if err != nil {
		return err
	}
	where := cfg.Data
	if cfg.Store.URL != "" {
		where = cfg.Store.String()
	}
	fmt.Fprintf(io.err, "Cordboard %s\n  console   %s/\n  desks     %s/desk/\n  journal   %s (durable: every acknowledged event is on disk)\n  workflows %d\n",
		version, s.URL(), s.URL(), where, len(s.Rules().Workflows()))
	go reloadOnHangup(ctx, s, log)
	return s.Run(ctx)
}

func reloadOnHangup(ctx context.Context, s *server.Server, log *slog.Logger) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			if err := s.Reload(); err != nil {
				log.Error("workflows not reloaded, the old ones stay in force", "error", err)
			}
		}
	}
}
