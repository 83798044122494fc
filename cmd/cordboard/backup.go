package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"cordboard/server"
)

type backupCmd struct {
	Config string `short:"c" default:"cordboard.yaml" help:"The configuration whose journal it is."`
	File   string `arg:"" help:"The copy to write; it must not exist."`
}

func (c backupCmd) Run(ctx context.Context, io streams) error {
	cfg, problems := server.LoadConfig(c.Config)
	if err := problems.Err(); err != nil {
		return err
	}
	began := time.Now()
	if err := server.Backup(ctx, cfg, c.File); err != nil {
		return err
	}
	info, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(io.out, "%s: %d MiB in %s, checked\n", c.File, info.Size()>>20, time.Since(began).Round(time.Millisecond))
	return err
}

type restoreCmd struct {
	Config string `short:"c" default:"cordboard.yaml" help:"The configuration whose journal to replace. Its server must not run."`
	File   string `arg:"" help:"A copy that the command backup made."`
}

func (c restoreCmd) Run(ctx context.Context, io streams) error {
	cfg, problems := server.LoadConfig(c.Config)
	if err := problems.Err(); err != nil {
		return err
	}
	kept, err := server.Restore(ctx, cfg, c.File)
	if kept != "" {
		fmt.Fprintln(io.err, "what was there is kept as", kept)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(io.out, "restored", c.File)
	return err
}
