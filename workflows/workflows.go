// Package workflows holds the workflow files that Cordboard ships: the recommended configurations of the vendor pages
// "Cisco" and "Amazon Connect", one file a platform and one document a pacing mode, those of ours for Webex Contact
// Center and Genesys Cloud, and their unit tests.
package workflows

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
)

// FS holds the shipped files, *.yaml, and their tests, tests/*.yaml.
//
//go:embed *.yaml tests/*.yaml
var FS embed.FS

// OnlyNamed reports whether a shipped file is in force only where a configuration names it: what it does changes more than
// records of its own.
func OnlyNamed(file string) bool { return file == "preview-retry.yaml" }

// Recommended returns the names of the files that "recommended" stands for.
func Recommended() ([]string, error) {
	names, err := fs.Glob(FS, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("shipped workflows: %w", err)
	}
	return slices.DeleteFunc(names, OnlyNamed), nil
}
