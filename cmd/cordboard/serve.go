package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"cordboard/platform"
	"cordboard/server"
)

type serveCmd struct {
	Config string `short:"c" default:"cordboard.yaml" help:"The configuration file."`
}

func (c serveCmd) Run(ctx context.Context, io streams, log *slog.Logger) error {
	return serve(ctx, io, log, c.Config, nil)
}

// serve runs a server until ctx ends. SIGHUP reloads its workflows.
func serve(ctx context.Context, io streams, log *slog.Logger, file string, tap func(platform.Message)) error {
	server.TuneMemory()
	cfg, problems := server.LoadConfig(file)
	if err := problems.Err(); err != nil {
		return err
	}
	s, err := server.New(ctx, cfg, server.Options{Log: log, Version: version, Tap: tap})
	if err != nil {
		return err
	}
	fmt.Fprintf(io.err, "Cordboard %s\n  console   %s/\n  desks     %s/desk/\n  journal   %s (durable: every acknowledged event is on disk)\n  workflows %d\n",
		version, s.URL(), s.URL(), cfg.Data, len(s.Rules().Workflows()))
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
