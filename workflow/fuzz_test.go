package workflow_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"cordboard/call"
	"cordboard/catalog"
	"cordboard/workflow"
	"cordboard/workflows"
)

// Whatever a person types, Parse answers, every problem has a place within the file, and what has no errors can be
// compiled, matched and explained.
func FuzzParse(f *testing.F) {
	broken, _ := filepath.Glob("testdata/broken/*.yaml")
	for _, name := range broken {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(src))
	}
	shipped, _ := fs.Glob(workflows.FS, "*.yaml")
	for _, name := range shipped {
		src, err := workflows.FS.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(src))
	}
	f.Add(predictive)
	f.Add("name: &a [*a]\nrules: *a\n")
	f.Add("---\n~\n---\n{}\n---\n[]\n")
	f.Add("name: x\nrules:\n- on: a\n  do:\n  - page: '${[[[[[[1]]]]]].map(x, x)}$${'\n")
	f.Fuzz(func(t *testing.T, src string) {
		ws, problems := workflow.Parse("f.yaml", []byte(src), specs())
		for _, w := range ws {
			problems = append(problems, w.Check(catalog.Default())...)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Message == "" || p.Severity == "" {
				t.Errorf("%+v", p)
			}
		}
		set, err := workflow.Compile(ws)
		if err != nil {
			return
		}
		m := talk("ACTIVE", call.Answered, nil)
		matched := 0
		for _, v := range set.Explain(m) {
			if v.Matched {
				matched++
			}
		}
		plans := set.Match(m)
		if len(plans) != matched {
			t.Errorf("Match fires %d rules, Explain %d", len(plans), matched)
		}
		for _, plan := range plans {
			for _, step := range plan.Steps {
				workflow.Resolve(step, workflow.Results{})
			}
		}
	})
}
