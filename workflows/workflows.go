// Package workflows holds the workflow files that Cordboard ships: the recommended configurations of the vendor pages
// "Cisco" and "Amazon Connect", one file a platform and one document a pacing mode, those of ours for Webex Contact
// Center and Genesys Cloud, and their unit tests.
package workflows

import "embed"

// FS holds the shipped files, *.yaml, and their tests, tests/*.yaml.
//
//go:embed *.yaml tests/*.yaml
var FS embed.FS
