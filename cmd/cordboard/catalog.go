package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/demo"
	"cordboard/server"
)

type catalogCmd struct {
	Format   string `enum:"table,csv,json" default:"table" help:"How to print: ${enum}."`
	Platform string `help:"Only this platform: cisco, connect-tethered, connect-hvoc, webex, genesys."`
	Coverage bool   `help:"Play every kind of call on the simulated platforms, and print for each row the one that brought it over the wire. Fails when a row has none."`
}

func (c catalogCmd) Run(ctx context.Context, io streams, log *slog.Logger) error {
	if c.Coverage {
		return c.coverage(ctx, io, log)
	}
	cat := catalog.Default()
	if c.Platform != "" {
		cat = cat.Of(call.Platform(c.Platform))
	}
	switch c.Format {
	case "csv":
		return cat.WriteCSV(io.out)
	case "json":
		return cat.WriteJSON(io.out)
	}
	return cat.WriteTable(io.out)
}

// coverage plays the calls and prints who brought what.
func (c catalogCmd) coverage(ctx context.Context, io streams, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	var rows []demo.Covered
	verdict, err := inDemo(ctx, demo.Options{Log: log, Version: version}, func(w *demo.World) (v demo.Verdict, err error) {
		rows, v, err = w.Coverage(ctx, 0.02)
		return v, err
	})
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(r demo.Covered) bool { return c.Platform != "" && string(r.Platform) != c.Platform })
	missing := c.printCoverage(io, rows)
	for _, wrong := range verdict.Wrong {
		fmt.Fprintln(io.err, "wrong:", wrong)
	}
	if missing > 0 || !verdict.Right() {
		return errFindings
	}
	return nil
}

// printCoverage prints the rows and counts those that nothing brought.
func (c catalogCmd) printCoverage(io streams, rows []demo.Covered) (missing int) {
	for _, r := range rows {
		if r.Script == "" {
			missing++
		}
	}
	if c.Format == "json" {
		json.NewEncoder(io.out).Encode(rows)
		return missing
	}
	w := csv.NewWriter(io.out)
	w.Write([]string{"platform", "mode", "call_type", "event", "leg", "phase", "scenario"})
	for _, r := range rows {
		w.Write([]string{string(r.Platform), string(r.Mode), r.CallType, r.Event, string(r.Leg), string(r.Phase), r.Script})
	}
	w.Flush()
	if brought, all := demo.OfPages(rows); all > 0 {
		fmt.Fprintf(io.err, "%d of %d events of the vendors' pages came over the wire\n", brought, all)
	}
	fmt.Fprintf(io.err, "%d of %d rows came over the wire, one for each leg, our own words for other vendors included\n", len(rows)-missing, len(rows))
	return missing
}

type schemaCmd struct{}

func (schemaCmd) Run(io streams) error {
	_, err := io.out.Write(server.Schema())
	return err
}
