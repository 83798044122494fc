package workflow_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"cordboard/workflow"
	"cordboard/workflows"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestCommittedSchemaIsCurrent(t *testing.T) {
	want := workflow.Schema(specs())
	if *update {
		if err := os.WriteFile("schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("schema.json is not what Schema returns: run go test ./workflow -update")
	}
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(workflow.Schema(specs())))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(workflow.SchemaID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(workflow.SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate returns the schema's answer for every document of a file.
func validate(t *testing.T, s *jsonschema.Schema, src []byte) []error {
	t.Helper()
	var errs []error
	dec := yaml.NewDecoder(bytes.NewReader(src))
	for {
		var doc any
		if err := dec.Decode(&doc); err != nil {
			return errs
		}
		if doc == nil {
			continue
		}
		raw, err := yaml.MarshalWithOptions(doc, yaml.JSON())
		if err != nil {
			t.Fatal(err)
		}
		plain, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		errs = append(errs, s.Validate(plain))
	}
}

func TestSchemaAcceptsTheShippedFiles(t *testing.T) {
	s := schema(t)
	names, _ := fs.Glob(workflows.FS, "*.yaml")
	for _, name := range names {
		src, err := workflows.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		errs := validate(t, s, src)
		if len(errs) == 0 {
			t.Errorf("%s: no document", name)
		}
		for i, err := range errs {
			if err != nil {
				t.Errorf("%s, document %d: %v", name, i+1, err)
			}
		}
	}
	for _, err := range validate(t, s, []byte(predictive)) {
		if err != nil {
			t.Error(err)
		}
	}
}

// What the schema refuses, Parse refuses too: an editor that knows the schema never disagrees with the server.
func TestSchemaIsNoStricterThanParse(t *testing.T) {
	s := schema(t)
	files, _ := filepath.Glob("testdata/broken/*.yaml")
	refused := 0
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, problems := workflow.Parse(name, src, specs())
		for _, err := range validate(t, s, src) {
			if err != nil {
				refused++
				if !problems.Errors() {
					t.Errorf("%s: the schema refuses what Parse accepts: %v", name, err)
				}
			}
		}
	}
	if refused < 5 {
		t.Errorf("the schema refused %d broken files", refused)
	}
}
