package workflow_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/workflow"
)

func TestHostileFilesEndSoon(t *testing.T) {
	for name, src := range map[string]string{
		"brackets":  strings.Repeat("[", 1<<20-1),
		"braces":    strings.Repeat("{a: ", 200_000),
		"dashes":    strings.Repeat("- ", 300_000),
		"quotes":    strings.Repeat("'", 1<<20-1),
		"anchors":   strings.Repeat("&a ", 300_000),
		"colons":    strings.Repeat("a: \n", 200_000),
		"documents": strings.Repeat("---\na: b\n", 80_000),
		"empty":     strings.Repeat("---\n", 250_000),
		"template":  "name: x\nrules:\n- on: a\n  do:\n  - page: " + strings.Repeat("${", 100_000) + "\n",
		"cel":       "name: x\nrules:\n- on: a\n  when: " + strings.Repeat("(", 4000) + "\n  do: [{page: /x}]\n",
		"indent": func() string {
			var b strings.Builder
			for i := range 1000 {
				b.WriteString(strings.Repeat(" ", i) + "a:\n")
			}
			return b.String()
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			_, problems := workflow.Parse("f.yaml", []byte(src), specs())
			t.Log(len(problems), time.Since(begin))
			if !problems.Errors() {
				t.Error("no error")
			}
		})
	}
}
