package server

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cordboard/action/contact"
	"cordboard/action/http"
	"cordboard/action/page"
	"cordboard/action/pop"
	"cordboard/action/record"
	"cordboard/action/table"
	"cordboard/action/wait"
	"cordboard/action/when"
	"cordboard/catalog"
	"cordboard/workflow"
	"cordboard/workflows"
)

// recommended stands in a list of workflow files for the ones that ship with Cordboard.
const recommended = "recommended"

// Specs are the kinds of steps that workflows may hold. A new action adds a line here and one in actions.
func Specs() []workflow.Spec {
	return slices.Concat([]workflow.Spec{pop.Spec(), page.Spec(), http.Spec(), when.Spec(), wait.Spec()}, contact.Specs(), record.Specs(), table.Specs())
}

// LoadWorkflows reads, checks and compiles workflow files. The names may be patterns; "recommended" stands for the
// files that ship with Cordboard. The problems hold warnings, too, also when there is no error.
func LoadWorkflows(names []string, resolve func(string) string) (*workflow.Set, workflow.Problems, error) {
	var all []*workflow.Workflow
	var problems workflow.Problems
	ship, err := workflows.Recommended()
	if err != nil {
		return nil, nil, err
	}
	files, err := filesOf("workflows", names, resolve, shipped{workflows.FS, ship})
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		ws, found := workflow.Parse(f.name, f.src, Specs())
		problems = append(problems, found...)
		for _, w := range ws {
			problems = append(problems, w.Check(catalog.Default())...)
		}
		all = append(all, ws...)
	}
	if problems.Errors() {
		return nil, problems, errors.New("the workflows have mistakes")
	}
	set, err := workflow.Compile(all)
	return set, problems, err
}

// sourceFile is a file that the configuration names, or one that ships.
type sourceFile struct {
	name string
	src  []byte
}

// shipped are files that ship with Cordboard, and the names of those that "recommended" stands for.
type shipped struct {
	fs.FS
	names []string
}

// filesOf reads the files of a list in the configuration: patterns of files, "recommended" for those that ship, and
// "recommended/" with a file's name for one of them.
func filesOf(key string, names []string, resolve func(string) string, ship shipped) ([]sourceFile, error) {
	var files []sourceFile
	for _, name := range names {
		one, named := strings.CutPrefix(name, recommended+"/")
		if name == recommended || named {
			ships := ship.names
			if named {
				ships = []string{one}
			}
			found, err := ship.read(ships)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			files = append(files, found...)
			continue
		}
		paths, err := filepath.Glob(resolve(name))
		if err != nil {
			return nil, fmt.Errorf("%s: %q is not a pattern of files: %w", key, name, err)
		}
		if len(paths) == 0 {
			return nil, fmt.Errorf("%s: no file is called %s", key, resolve(name))
		}
		slices.Sort(paths)
		for _, path := range paths {
			src, err := os.ReadFile(path)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			files = append(files, sourceFile{path, src})
		}
	}
	return files, nil
}

func (ship shipped) read(names []string) ([]sourceFile, error) {
	var files []sourceFile
	for _, name := range names {
		src, err := fs.ReadFile(ship, name)
		if err != nil {
			return nil, fmt.Errorf("no file %s ships", recommended+"/"+name)
		}
		files = append(files, sourceFile{recommended + "/" + name, src})
	}
	return files, nil
}

// Schema is the JSON Schema of workflow files, with every kind of step that this release has.
func Schema() []byte { return workflow.Schema(Specs()) }

// CheckWorkflows returns everything that is wrong, or questionable, with one workflow file.
func CheckWorkflows(file string, src []byte) workflow.Problems {
	ws, problems := workflow.Parse(file, src, Specs())
	for _, w := range ws {
		problems = append(problems, w.Check(catalog.Default())...)
	}
	return problems
}

// CheckConfig returns what is wrong with a configuration and with the workflows that it names, one line each. It
// connects to nothing.
func CheckConfig(file string) []string {
	var lines []string
	cfg, problems := LoadConfig(file)
	for _, p := range problems {
		lines = append(lines, p.Error())
	}
	for _, c := range cfg.Connections {
		open, ok := connectors[c.Platform]
		if !ok || c.Settings.IsZero() {
			continue // said already
		}
		_, found := open(c.Settings, openOptions{name: c.Name, path: cfg.path, log: slog.New(slog.DiscardHandler)})
		for _, p := range found {
			lines = append(lines, p.Error())
		}
	}
	_, problems = cfg.readPolicy()
	for _, p := range problems {
		lines = append(lines, p.Error())
	}
	if _, err := loadTables(cfg.Tables, cfg.path); err != nil {
		lines = append(lines, strings.Split(err.Error(), "\n")...)
	}
	_, wrong, err := LoadWorkflows(cfg.Workflows, cfg.path)
	for _, p := range wrong {
		lines = append(lines, p.String())
	}
	if err != nil && len(wrong) == 0 {
		lines = append(lines, err.Error())
	}
	return lines
}
