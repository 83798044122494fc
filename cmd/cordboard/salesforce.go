package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	client "cordboard/crm/salesforce"
	"cordboard/salesforce"
	"cordboard/server"
)

type salesforceCmd struct {
	Check   salesforceCheckCmd   `cmd:"" help:"Look whether the org is ready, and say what to do about what is missing."`
	Package salesforcePackageCmd `cmd:"" help:"Write the metadata package for the org into a folder."`
}

type salesforceCheckCmd struct {
	Config string `short:"c" default:"cordboard.yaml" help:"The configuration file."`
	JSON   bool   `help:"Print the findings as JSON, one object a line."`
}

// inspectFor is how long the org has for all its answers.
const inspectFor = 2 * time.Minute

// Run prints one line for each thing that was looked at, and fails when something is missing. What the user may not see is
// no failure: it may be as it should be.
func (c salesforceCheckCmd) Run(ctx context.Context, io streams, log *slog.Logger) error {
	cfg, problems := server.LoadConfig(c.Config)
	if err := problems.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, inspectFor)
	defer cancel()
	findings, err := server.InspectOrg(ctx, cfg, log)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Config, err)
	}
	missing := false
	for _, f := range findings {
		missing = missing || f.State == client.Missing
		c.print(io, f)
	}
	if missing {
		return errFindings
	}
	return nil
}

func (c salesforceCheckCmd) print(io streams, f client.Finding) {
	if c.JSON {
		json.NewEncoder(io.out).Encode(f)
		return
	}
	fmt.Fprintf(io.out, "%-10s  %s: %s\n", f.State, f.About, f.What)
	if f.Do != "" {
		fmt.Fprintf(io.out, "%-10s  → %s\n", "", f.Do)
	}
}

type salesforcePackageCmd struct {
	Folder string `arg:"" help:"The folder to write: one that is not there yet, or is empty."`
	Server string `required:"" placeholder:"https://HOST" help:"The Cordboard server's address as agents' browsers and the org reach it."`

	Channel string `default:"Cordboard_Client_Event__c" help:"The message channel that the bridge speaks on: its own, or one that the org has already, such as purecloud__ClientEvent__c."`
}

func (c salesforcePackageCmd) Run(io streams) error {
	if err := salesforce.Write(c.Folder, c.Server, c.Channel); err != nil {
		return err
	}
	fmt.Fprintf(io.err, "%s is written. Next: sf project deploy start, in that folder.\n", c.Folder)
	return nil
}
