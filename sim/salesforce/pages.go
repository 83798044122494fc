package salesforce

import (
	"html/template"
	"net/http"
	"strings"
)

// servePage shows people what a pop would show: a record (/lightning/r/{Object}/{Id}/view, /{Id}), a form for a new
// one (/lightning/o/{Object}/new, with defaultFieldValues) or a Visualforce page's parameters (/apex/{Page}). There is no
// login, and the pages may be framed: they stand for the browser of an agent who is logged in.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	steps := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(steps) == 5 && steps[0] == "lightning" && steps[1] == "r" && steps[4] == "view":
		s.recordPage(w, steps[3], steps[2])
	case len(steps) == 4 && steps[0] == "lightning" && steps[1] == "r" && steps[3] == "view":
		s.recordPage(w, steps[2], "")
	case len(steps) == 4 && steps[0] == "lightning" && steps[1] == "o" && steps[3] == "new":
		s.newPage(w, r, steps[2])
	case len(steps) == 2 && steps[0] == "apex":
		p := page{Kind: "Visualforce page", Title: steps[1]}
		for name, values := range r.URL.Query() {
			p.Rows = append(p.Rows, pageRow{name, strings.Join(values, ", "), ""})
		}
		p.write(w, http.StatusOK)
	case len(steps) == 1 && steps[0] == "":
		page{Kind: "Simulated org", Title: "Nothing is open", Note: "A screen pop opens a record here."}.write(w, http.StatusOK)
	case len(steps) == 1:
		s.recordPage(w, steps[0], "")
	default:
		noPage(w)
	}
}

func noPage(w http.ResponseWriter) {
	page{Kind: "Simulated org", Title: "Page not found", Note: "The record is gone or never was here."}.write(w, http.StatusNotFound)
}

func (s *Server) recordPage(w http.ResponseWriter, id, objectName string) {
	long, ok := longID(id)
	if !ok {
		noPage(w)
		return
	}
	s.mu.RLock()
	r := s.lookup(long)
	p := page{}
	if r != nil && (objectName == "" || strings.EqualFold(objectName, r.obj.name)) {
		p = s.describeRecord(r)
	}
	s.mu.RUnlock()
	if p.Title == "" {
		noPage(w)
		return
	}
	p.write(w, http.StatusOK)
}

func (s *Server) describeRecord(r *record) page {
	p := page{Kind: r.obj.label, ID: r.id, Object: r.obj.name}
	for _, name := range []string{"Name", "Subject", "CaseNumber"} {
		if p.Title == "" {
			p.Title = r.text(name)
		}
	}
	p.Title = or(p.Title, r.id)
	for _, f := range r.obj.fields {
		v := r.value(f)
		if v == nil || v == false || f.name == "Id" || f.name == "SystemModstamp" {
			continue
		}
		row := pageRow{Label: f.label, Value: textOf(v)}
		if at, ok := parseTime(row.Value); ok && f.typ == typeDateTime {
			row.Value = at.UTC().Format("2 Jan 2006, 15:04 UTC")
		}
		if f.typ == typeReference {
			row.Label = strings.TrimSuffix(f.label, " ID")
			if target := s.lookup(row.Value); target != nil {
				row.Link = "/lightning/r/" + target.obj.name + "/" + target.id + "/view"
				row.Value = or(or(target.text("Name"), target.text("Subject")), target.id)
			}
		}
		p.Rows = append(p.Rows, row)
	}
	p.Activities = s.activities(r)
	return p
}

// activities are the newest tasks about a record: the call logs an agent looks for.
func (s *Server) activities(r *record) []pageRow {
	t := s.table("Task")
	var rows []pageRow
	for _, lookup := range []string{"WhoId", "WhatId"} {
		ids := t.exact[t.obj.byName[lookup]][strings.ToLower(r.id)]
		for i := len(ids) - 1; i >= 0 && len(rows) < 10; i-- {
			a := t.rows[ids[i]]
			about := []string{}
			for _, name := range []string{"CallType", "Status", "CallDisposition"} {
				if v := a.text(name); v != "" {
					about = append(about, v)
				}
			}
			rows = append(rows, pageRow{strings.Join(about, " · "), or(a.text("Subject"), "Task"), "/lightning/r/Task/" + a.id + "/view"})
		}
	}
	return rows
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return "Yes"
	case interface{ String() string }:
		return v.String()
	}
	return ""
}

func (s *Server) newPage(w http.ResponseWriter, r *http.Request, objectName string) {
	t := s.table(objectName)
	if t == nil {
		noPage(w)
		return
	}
	p := page{Kind: "New record", Title: "New " + t.obj.label, Object: t.obj.name, Note: "This simulated form does not save."}
	given := map[string]string{}
	for pair := range strings.SplitSeq(r.URL.Query().Get("defaultFieldValues"), ",") {
		if name, v, ok := strings.Cut(pair, "="); ok {
			given[strings.ToLower(name)] = v
		}
	}
	for _, f := range t.obj.fields {
		if v := given[strings.ToLower(f.name)]; v != "" || f.required && f.createable {
			p.Rows = append(p.Rows, pageRow{f.label, v, ""})
		}
	}
	p.write(w, http.StatusOK)
}

type page struct {
	Kind, Title, ID, Object, Note string
	Rows, Activities              []pageRow
}

type pageRow struct{ Label, Value, Link string }

func (p page) write(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	pageTemplate.Execute(w, p)
}

var pageTemplate = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{{.Title}} | {{.Kind}} | Simulated org</title>
<style>
:root{color-scheme:light dark;--ink:light-dark(#1b2733,#e6ebf0);--soft:light-dark(#5b6b7b,#9aa7b4);--paper:light-dark(#fff,#1a2129);--ground:light-dark(#f3f5f7,#11161b);--line:light-dark(#dfe4e9,#2c3640);--accent:light-dark(#0b6e75,#6cc5cb)}
*{box-sizing:border-box}
body{margin:0;padding:24px;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:760px;margin:auto;background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:24px}
p{margin:0;color:var(--soft)}h1{margin:2px 0 18px;font-size:24px;font-weight:600;overflow-wrap:anywhere}
h2{margin:22px 0 8px;font-size:16px;font-weight:600}
dl{margin:0;display:grid;grid-template-columns:minmax(120px,34%) 1fr}
dt,dd{margin:0;padding:8px 0;border-top:1px solid var(--line)}dt{color:var(--soft)}dd{overflow-wrap:anywhere;white-space:pre-line}
a{color:var(--accent)}footer{margin-top:18px;color:var(--soft);font-size:13px}
</style></head>
<body><main data-object="{{.Object}}" data-record="{{.ID}}"><p>{{.Kind}}</p><h1>{{.Title}}</h1>
{{with .Note}}<p>{{.}}</p>{{end}}<dl>{{range .Rows}}<dt>{{.Label}}</dt><dd>{{if .Link}}<a href="{{.Link}}">{{.Value}}</a>{{else}}{{.Value}}{{end}}</dd>{{end}}</dl>
{{with .Activities}}<h2>Activities</h2><dl>{{range .}}<dt>{{.Label}}</dt><dd><a href="{{.Link}}">{{.Value}}</a></dd>{{end}}</dl>{{end}}
<footer>Simulated org, not Salesforce{{with .ID}} · {{.}}{{end}}</footer></main></body></html>
`))
