package workflow_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/catalog"
	"cordboard/workflow"
)

// Every file under testdata/broken has one mistake (or two), and beside it the messages that people get.
func TestBrokenFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			ws, problems := workflow.Parse(filepath.Base(file), src, specs())
			for _, w := range ws {
				problems = append(problems, w.Check(catalog.Default())...)
			}
			if len(problems) == 0 {
				t.Fatal("there is no problem")
			}
			var got strings.Builder
			for _, p := range problems {
				got.WriteString(string(p.Severity) + " " + p.String() + "\n" + p.Snippet + "\n")
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Error(diff)
			}
			_, syntax := workflow.Parse(file, src, specs())
			if _, err := workflow.Compile(ws); err == nil && len(ws) > 0 && syntax.Errors() {
				t.Error("Compile takes a file that Parse has errors for")
			}
		})
	}
}
