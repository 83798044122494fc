// Package tables holds the data tables that Cordboard ships, each in a file with the rows that it begins with.
package tables

import "embed"

// FS holds the shipped files, *.yaml.
//
//go:embed *.yaml
var FS embed.FS
