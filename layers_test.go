package cordboard_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// floors is the drawing of docs/ARCHITECTURE.md as data: a package may import only what stands on a lower floor.
// A folder that is not here has no place in the house yet: give it one.
var floors = map[string]int{
	"call":      0,
	"config":    0,
	"webhook":   1,
	"socket":    1,
	"catalog":   1,
	"platform":  1,
	"calling":   1,
	"crm":       1,
	"table":     1,
	"screen":    2,
	"workflow":  2,
	"workflows": 2,
	"tables":    2,
	"engine":    3,
	"desk":      4,
	"workspace": 4,
	"console":   4,
	"action":    4, // its children
	"store":     5,
	"server":    6,
	"demo":      7,
	"bench":     7,
	"cmd":       8,
	"docs":      9,

	"store/postgres/pgcost": 3, // for measurements and tests

	"salesforce": 7, // the package for the org
}

// families are rooms whose children stand on a floor of their own and never know each other.
var families = map[string]int{
	"platform/": 4,
	"crm/":      4,
	"action/":   4,
	"store/":    5,
	"cmd/":      8,
}

// suites are contract suites: packages of tests that stand beside the contract they hold.
var suites = map[string]int{
	"platform/platformtest": 4,
	"crm/crmtest":           4,
	"engine/journaltest":    4,
	"table/tabletest":       4,
	"calling/callingtest":   4,
	"engine/enginetest":     4,
	"desk/desktest":         5,

	"store/postgres/pgtest": 4, // no contract, but for tests only: a server of their own
}

const module = "cordboard/"

// TestLayers reads the import lines of every file in the tree itself, so that a cached result cannot hide a new arrow.
func TestLayers(t *testing.T) {
	for file, imports := range sources(t) {
		from := filepath.ToSlash(filepath.Dir(file))
		for _, imp := range imports {
			to, ours := strings.CutPrefix(imp, module)
			if !ours {
				continue
			}
			if why := forbidden(from, to, strings.HasSuffix(file, "_test.go")); why != "" {
				t.Errorf("%s imports %s: %s", file, to, why)
			}
		}
	}
}

// TestLayersCanFail holds the test itself to account.
func TestLayersCanFail(t *testing.T) {
	for _, c := range []struct {
		from, to string
		test     bool
	}{
		{"call", "catalog", false},
		{"platform/finesse", "platform/webex", false},
		{"platform/finesse", "sim/finesse", false},
		{"sim/finesse", "call", false},
		{"sim/finesse", "sim/stage/stagetest", false},
		{"sim/finesse", "sim/salesforce", false},
		{"sim/connect/kinesis", "sim/finesse", false},
		{"sim/finesse", "platform/finesse", true},
		{"engine", "desk", false},
		{"nowhere", "call", false},
	} {
		if forbidden(c.from, c.to, c.test) == "" {
			t.Errorf("%s → %s passes, but it is forbidden", c.from, c.to)
		}
	}
	for _, c := range []struct {
		from, to string
		test     bool
	}{
		{"workflow", "catalog", false},
		{"platform/finesse", "platform", false},
		{"platform/finesse", "sim/finesse", true},
		{"sim/finesse", "sim/scenario", false},
		{"sim/finesse", "sim/stage", false},
		{"sim/finesse", "sim/stage/stagetest", true},
		{"sim/connect/kinesis", "sim/connect/awsjson", false},
		{"server", "sim/finesse", false},
	} {
		if why := forbidden(c.from, c.to, c.test); why != "" {
			t.Errorf("%s → %s is refused, but it is allowed: %s", c.from, c.to, why)
		}
	}
}

// forbidden says why the arrow from → to may not be; "" when it may.
func forbidden(from, to string, test bool) string {
	if from == to || from == "." {
		return ""
	}
	if simFrom, simTo := isSim(from), isSim(to); simFrom || simTo {
		return forbiddenSim(from, to, simFrom, simTo, test)
	}
	a, okA := floor(from)
	b, okB := floor(to)
	switch {
	case !okA:
		return from + " has no floor in layers_test.go"
	case !okB:
		return to + " has no floor in layers_test.go"
	case test && isSuite(to):
		return ""
	case b < a:
		return ""
	case strings.HasPrefix(to, root(from)+"/internal/"):
		return "" // a room's own internal is half a floor below it
	case test && b <= a+2:
		return "" // an outside test may use what is built on top of the room it tests
	}
	return "it does not stand on a lower floor"
}

// forbiddenSim keeps simulators strangers: they share their script language and what stands behind
// the curtain, and the house knows them only
// where everything is put together, or in a test that uses one as the far end.
func forbiddenSim(from, to string, simFrom, simTo, test bool) string {
	if simFrom {
		if to == "sim/scenario" || to == "sim/stage" || test && to == "sim/stage/stagetest" || simTo && simulator(from) == simulator(to) {
			return ""
		}
		return "a simulator knows nothing of ours but sim/scenario and sim/stage"
	}
	f, _ := floor(from)
	if test || f >= floors["server"] {
		return ""
	}
	return "only the server, the command and tests use simulators"
}

// simulator is the simulator that a package belongs to: sim/connect of sim/connect/kinesis.
func simulator(p string) string {
	_, rest, _ := strings.Cut(p, "/")
	return "sim/" + root(rest)
}

func root(p string) string { r, _, _ := strings.Cut(p, "/"); return r }

func isSim(p string) bool   { return p == "sim" || strings.HasPrefix(p, "sim/") }
func isSuite(p string) bool { _, ok := suites[p]; return ok }

func floor(p string) (int, bool) {
	if f, ok := suites[p]; ok {
		return f, true
	}
	if f, ok := floors[p]; ok {
		return f, true
	}
	for room, f := range families {
		if strings.HasPrefix(p, room) {
			return f, true
		}
	}
	room, _, _ := strings.Cut(p, "/")
	f, ok := floors[room]
	return f, ok
}

func sources(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if ignored(path, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		imports := []string{}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports = append(imports, name)
		}
		found[filepath.ToSlash(path)] = imports
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 20 {
		t.Fatalf("only %d Go files found: the walk is wrong", len(found))
	}
	return found
}

func ignored(path, name string) bool {
	if path == "." {
		return false
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules" || err == nil
}
