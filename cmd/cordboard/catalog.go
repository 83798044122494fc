package main

import (
	"cordboard/call"
	"cordboard/catalog"
	"cordboard/server"
)

type catalogCmd struct {
	Format   string `enum:"table,csv,json" default:"table" help:"How to print: ${enum}."`
	Platform string `help:"Only this platform: cisco, connect-tethered, connect-hvoc."`
}

func (c catalogCmd) Run(io streams) error {
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

type schemaCmd struct{}

func (schemaCmd) Run(io streams) error {
	_, err := io.out.Write(server.Schema())
	return err
}
