// Package workflows holds the workflow files that Cordboard ships: the vendor pages' recommended configurations, one
// file a platform and one document a pacing mode, and their unit tests.
package workflows

import "embed"

// Files holds the shipped files: *.yaml, and their tests under tests/.
//
//go:embed workflows.go
var Files embed.FS
