// Command cordboard plugs every call of a contact centre into the CRM. See README.md; `cordboard --help` lists what it
// can do.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set at release time with -ldflags "-X main.version=…".
var version = "dev"

// The exit codes, for scripts.
const (
	exitOK          = 0
	exitFailed      = 1 // it found mistakes, or it did not work
	exitUsage       = 2
	exitInterrupted = 130
)

// commands is the command line: one field, one command.
type commands struct {
	Serve      serveCmd      `cmd:"" help:"Run the server with a configuration file."`
	Demo       demoCmd       `cmd:"" help:"Show everything at work with a simulated contact centre and CRM."`
	Sim        simCmd        `cmd:"" help:"Run one simulator alone."`
	Check      checkCmd      `cmd:"" help:"Check workflow files, or a configuration, for mistakes."`
	Test       testCmd       `cmd:"" help:"Run the unit tests of workflows."`
	Catalog    catalogCmd    `cmd:"" help:"Print which events there are and what is recommended for them."`
	Schema     schemaCmd     `cmd:"" help:"Print the JSON Schema of workflow files."`
	Decode     decodeCmd     `cmd:"" help:"Print the events that a recorded trace brings."`
	Record     recordCmd     `cmd:"" help:"Run the connections of a configuration and write what they hear as a trace."`
	Replay     replayCmd     `cmd:"" help:"Run a recorded trace through workflows and show what they would do."`
	Explain    explainCmd    `cmd:"" help:"Tell what happened to a call, and why."`
	Salesforce salesforceCmd `cmd:"" help:"Look at the Salesforce org, or write the package for it."`
	Backup     backupCmd     `cmd:"" help:"Write a copy of the journal, also while the server runs."`
	Restore    restoreCmd    `cmd:"" help:"Put a copy in the place of the journal of a server that does not run."`
	Bench      benchCmd      `cmd:"" help:"Measure the whole path on this machine."`
	Version    versionCmd    `cmd:"" help:"Print the version."`

	BenchServer benchServerCmd `cmd:"" hidden:""`
	BenchDesks  benchDesksCmd  `cmd:"" hidden:""`

	LogFormat string `enum:"auto,text,json" default:"auto" help:"How to log: ${enum}." env:"CORDBOARD_LOG_FORMAT"`
	Verbose   bool   `short:"v" help:"Log more."`
}

// streams are where a command reads and writes, so that tests can run commands like people do.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run parses the arguments, runs the command and returns its exit code.
func run(ctx context.Context, args []string, io streams) int {
	var cmd commands
	exit := -1
	parser, err := kong.New(&cmd,
		kong.Name("cordboard"), kong.Description("Plugs every call of a contact centre into the CRM."),
		kong.UsageOnError(), kong.Writers(io.out, io.err), kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(io.err, "cordboard:", err)
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	switch {
	case exit >= 0: // --help was printed
		return exit
	case err != nil:
		fmt.Fprintln(io.err, "cordboard:", err)
		return exitUsage
	}
	log := newLog(io.err, cmd.LogFormat, cmd.Verbose)
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.Bind(io, log)
	switch err := parsed.Run(); {
	case err == nil:
		return exitOK
	case errors.Is(err, errFindings): // already printed
		return exitFailed
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	default:
		fmt.Fprintln(io.err, "cordboard:", err)
		return exitFailed
	}
}

// errFindings ends a command that printed what it found wrong.
var errFindings = errors.New("there are mistakes")

func newLog(w io.Writer, format string, verbose bool) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if verbose {
		o.Level = slog.LevelDebug
	}
	if format == "json" || (format == "auto" && !isTerminal(w)) {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

type versionCmd struct{}

func (versionCmd) Run(io streams) error {
	_, err := fmt.Fprintln(io.out, "cordboard", version)
	return err
}
