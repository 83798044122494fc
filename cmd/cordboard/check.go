package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	stdio "io"
	"os"

	"cordboard/catalog"
	"cordboard/server"
	"cordboard/table"
	"cordboard/workflow"
)

type checkCmd struct {
	Files []string `arg:"" help:"Workflow files, files of data tables, or a configuration (cordboard.yaml)." type:"existingfile"`
	JSON  bool     `help:"Print the problems as JSON, one object a line."`
}

func (c checkCmd) Run(io streams) error {
	failed := false
	for _, file := range c.Files {
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if isConfiguration(src) {
			failed = c.configuration(io, file) || failed
			continue
		}
		if isTable(src) {
			failed = c.table(io, file, src) || failed
			continue
		}
		problems := server.CheckWorkflows(file, src)
		for _, p := range problems {
			c.print(io, p)
		}
		failed = failed || problems.Errors()
		if len(problems) == 0 && !c.JSON {
			fmt.Fprintf(io.out, "%s: fine\n", file)
		}
	}
	if failed {
		return errFindings
	}
	return nil
}

func (c checkCmd) print(io streams, p workflow.Problem) {
	if c.JSON {
		json.NewEncoder(io.out).Encode(p)
		return
	}
	if p.Severity == workflow.Warning {
		fmt.Fprintf(io.out, "%s [warning]\n", p)
	} else {
		fmt.Fprintln(io.out, p)
	}
	if p.Snippet != "" {
		fmt.Fprintln(io.out, p.Snippet)
	}
}

// isConfiguration tells a configuration from a workflow by its keys: a workflow has rules.
func isConfiguration(src []byte) bool {
	for line := range bytes.Lines(src) {
		for _, key := range []string{"connections:", "salesforce:", "listen:", "workflows:", "tables:"} {
			if bytes.HasPrefix(line, []byte(key)) {
				return !bytes.Contains(src, []byte("\ntests:"))
			}
		}
	}
	return false
}

// isTable tells a data table from a workflow by its keys: a workflow has no columns.
func isTable(src []byte) bool {
	return bytes.HasPrefix(src, []byte("columns:")) || bytes.Contains(src, []byte("\ncolumns:"))
}

// table checks a file of a data table; it reports whether it found mistakes.
func (c checkCmd) table(io streams, file string, src []byte) bool {
	_, problems := table.ReadFile(file, src)
	for _, p := range problems {
		c.print(io, workflow.Problem{File: p.File, Line: p.Line, Column: p.Column, Severity: workflow.Error, Message: p.Message, Suggestion: p.Nearest})
	}
	if len(problems) == 0 && !c.JSON {
		fmt.Fprintf(io.out, "%s: fine\n", file)
	}
	return len(problems) > 0
}

// configuration checks a configuration and the workflows that it names; it reports whether it found mistakes.
func (c checkCmd) configuration(io streams, file string) bool {
	problems := server.CheckConfig(file)
	for _, p := range problems {
		fmt.Fprintln(io.out, p)
	}
	if len(problems) == 0 {
		fmt.Fprintf(io.out, "%s: fine\n", file)
	}
	return len(problems) > 0
}

type testCmd struct {
	Files []string `arg:"" help:"Files with workflow unit tests." type:"existingfile"`
	JUnit string   `name:"junit" help:"Also write the results as JUnit XML to this file."`
}

func (c testCmd) Run(io streams) error {
	var all []workflow.TestReport
	failed := false
	for _, file := range c.Files {
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		report, problems := workflow.RunTests(file, src, os.ReadFile, server.Specs(), catalog.Default())
		for _, p := range problems {
			fmt.Fprintln(io.out, p)
		}
		if err := report.WriteText(io.out); err != nil {
			return err
		}
		all = append(all, report)
		failed = failed || problems.Errors() || report.Failed() > 0
	}
	if c.JUnit != "" {
		write := func(w stdio.Writer) error { return workflow.WriteJUnit(w, all) }
		if err := writeFile(c.JUnit, write); err != nil {
			return err
		}
	}
	if failed {
		return errFindings
	}
	return nil
}
