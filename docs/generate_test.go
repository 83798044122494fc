package docs_test

import (
	"fmt"
	"go/ast"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/server"
	"cordboard/workflow"
)

// generators make the generated parts of the pages, by name. What they return ends with a newline.
var generators = map[string]func(t *testing.T) string{
	"configuration":            func(t *testing.T) string { return settings(t, "server", "Config", "") },
	"configuration-finesse":    func(t *testing.T) string { return settings(t, "platform/finesse", "Config", "") },
	"configuration-dialer":     func(t *testing.T) string { return settings(t, "platform/dialer", "Config", "") },
	"configuration-signin":     func(t *testing.T) string { return settings(t, "desk/signin", "Config", "") },
	"configuration-http":       func(t *testing.T) string { return settings(t, "action/http", "Config", "") },
	"configuration-genesys":    func(t *testing.T) string { return settings(t, "platform/genesys", "Config", "") },
	"configuration-connect":    func(t *testing.T) string { return settings(t, "platform/connect", "Config", "") },
	"configuration-webex":      func(t *testing.T) string { return settings(t, "platform/webex", "Config", "") },
	"configuration-salesforce": func(t *testing.T) string { return settings(t, "crm/salesforce", "Config", "") },
	"metrics":                  metrics,
	"catalog-counts":           catalogCounts,
	"phases":                   phases,
	"steps":                    steps,
	"variables":                variables,
	"commands":                 commands,
	"calling-rules":            callingRules,
}

// metrics reads names, help and labels from the source, because a metric without a value yet is not served.
func metrics(t *testing.T) string {
	names, help, labels, counter := map[string]string{}, map[string]string{}, map[string]string{}, map[string]bool{}
	read := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			if len(n.Values) == 1 && strings.HasPrefix(text(n.Values[0]), "cordboard_") {
				names[n.Names[0].Name] = text(n.Values[0])
			}
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok && text(n.Value) != "" {
				help[id.Name] = text(n.Value)
			}
		case *ast.CallExpr:
			describeMetric(n, help, labels, counter)
		}
		return true
	}
	for _, name := range []string{"server/metrics.go", "server/budget.go", "server/nodes.go", "server/retention.go", "server/workspace.go"} {
		ast.Inspect(files(t)[name], read)
	}
	var b strings.Builder
	b.WriteString("| metric | kind | labels | meaning |\n|---|---|---|---|\n")
	for _, id := range slices.SortedFunc(maps.Keys(names), func(a, b string) int { return strings.Compare(names[a], names[b]) }) {
		if help[id] == "" {
			t.Errorf("the metric %s has no help", names[id])
		}
		kind := "gauge"
		if counter[id] || strings.HasSuffix(names[id], "_total") {
			kind = "counter"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", names[id], kind, labels[id], help[id])
	}
	return b.String()
}

func describeMetric(n *ast.CallExpr, help, labels map[string]string, counter map[string]bool) {
	if fun, ok := n.Fun.(*ast.Ident); ok && fun.Name == "count" && len(n.Args) > 0 {
		if id, ok := n.Args[0].(*ast.Ident); ok {
			counter[id.Name] = true
		}
	}
	fun, ok := n.Fun.(*ast.SelectorExpr)
	if !ok || fun.Sel.Name != "NewDesc" || len(n.Args) < 3 {
		return
	}
	id, ok := n.Args[0].(*ast.Ident)
	if !ok || text(n.Args[1]) == "" {
		return
	}
	help[id.Name] = text(n.Args[1])
	if list, ok := n.Args[2].(*ast.CompositeLit); ok {
		var all []string
		for _, e := range list.Elts {
			all = append(all, "`"+text(e)+"`")
		}
		labels[id.Name] = strings.Join(all, " ")
	}
}

func catalogCounts(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| platform | keys (mode, call type, event) | rows (a key has one for each kind of leg) | rows of recommendations |\n|---|---|---|---|\n")
	cat := catalog.Default()
	for _, p := range call.Platforms() {
		if !cat.HasRows(p) {
			fmt.Fprintf(&b, "| `%s` | no table is published: any word is taken | | |\n", p)
			continue
		}
		of, keys := cat.Of(p), map[string]bool{}
		for _, r := range of.Rows() {
			keys[strings.ToLower(fmt.Sprint(r.Mode, "|", r.CallType, "|", r.Event))] = true
		}
		recommended := fmt.Sprint(len(of.Recommended()))
		if cat.Own(p) {
			recommended = "no table is published: the words and recommendations are ours"
		}
		fmt.Fprintf(&b, "| `%s` | %d | %d | %s |\n", p, len(keys), len(of.Rows()), recommended)
	}
	return b.String()
}

// phases lists the phases with the comments of their constants.
func phases(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| phase | meaning |\n|---|---|\n")
	for _, decl := range files(t)["call/words.go"].Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			v, ok := spec.(*ast.ValueSpec)
			if !ok || v.Type == nil || v.Comment == nil {
				continue
			}
			if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "Phase" {
				fmt.Fprintf(&b, "| `%s` | %s |\n", text(v.Values[0]), strings.TrimSpace(v.Comment.Text()))
			}
		}
	}
	return b.String()
}

func steps(t *testing.T) string {
	var b strings.Builder
	for i, s := range server.Specs() {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "#### `%s`: %s\n\n%s Lane: %s.", s.Kind, s.Title, s.Doc, s.Lane)
		if s.Primary != "" {
			fmt.Fprintf(&b, " A value written right after `%s:` is its `%s`.", s.Kind, s.Primary)
		}
		b.WriteString("\n\n| argument | type | default | meaning | example |\n|---|---|---|---|---|\n")
		for _, a := range s.Args {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | `%s` |\n", a.Name, typeOf(a), defaultOf(a), a.Doc, a.Example)
		}
	}
	return b.String()
}

func typeOf(a workflow.Arg) string {
	word := string(a.Type)
	if len(a.Enum) > 0 {
		word = "`" + strings.Join(a.Enum, "` `") + "`"
	}
	if a.Required {
		word += ", required"
	}
	return word
}

func defaultOf(a workflow.Arg) string {
	switch d := a.Default.(type) {
	case nil:
		return ""
	case []string:
		return "`[" + strings.Join(d, ", ") + "]`"
	default:
		return fmt.Sprintf("`%v`", d)
	}
}

// commands is what the program says about itself. It is built as people build it.
func commands(t *testing.T) string {
	program := filepath.Join(t.TempDir(), "cordboard")
	build := exec.Command("go", "build", "-o", program, "./cmd/cordboard")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	help := func(args ...string) string {
		cmd := exec.Command(program, append(args, "--help")...)
		cmd.Env = append(os.Environ(), "COLUMNS=100")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	all := help()
	var b strings.Builder
	fmt.Fprintf(&b, "```\n%s```\n", all)
	_, list, _ := strings.Cut(all, "Commands:\n")
	for line := range strings.Lines(list) {
		if name := commandName.FindStringSubmatch(line); name != nil {
			fmt.Fprintf(&b, "\n## cordboard %s\n\n```\n%s```\n", name[1], withoutCommonFlags(help(strings.Fields(name[1])...)))
		}
	}
	return b.String()
}

var (
	commandName = regexp.MustCompile(`^  ([a-z]+(?: [a-z]+)?)  `)
	commonFlag  = regexp.MustCompile(`(?m)^  (?:-h, --help|    --log-format|-v, --verbose).*\n(?: {20,}.*\n)*`)
	blankLines  = regexp.MustCompile(`\n{3,}`)
	noFlags     = regexp.MustCompile(`\nFlags:\n\n*$`)
	flagsGap    = regexp.MustCompile(`Flags:\n\n`)
)

// withoutCommonFlags leaves out what every command has.
func withoutCommonFlags(help string) string {
	help = blankLines.ReplaceAllString(commonFlag.ReplaceAllString(help, ""), "\n\n")
	return flagsGap.ReplaceAllString(noFlags.ReplaceAllString(help, ""), "Flags:\n")
}
