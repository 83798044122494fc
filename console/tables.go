package console

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cordboard/table"
)

// tableRows is how many rows of a data table one page shows.
const tableRows = 50

// tableData is a data table's page.
type tableData struct {
	table.Definition
	table.Page
	Query table.Query
	// Edit is the row that is being edited, or added; nil when none is.
	Edit *rowEdit
	// Changing says that the definition is being edited; Source is its text.
	Changing bool
	Source   string
	// Problem says why something that was asked for was not done, Lines where in a file.
	Problem string
	Lines   []table.LineError
	Done    string
}

// rowEdit is a row in a form.
type rowEdit struct {
	Key     string
	Version int64 // 0 adds a row
	Cells   map[string]string
	// Now is the row as it is, when somebody else has changed it meanwhile.
	Now *table.Row
}

// Page addresses: where one row, the earlier and the later rows are.

// Self is the page with the same rows.
func (d *tableData) Self() string { return d.link(d.Query.After, d.Query.Before, "") }

// EditOf is the page with a row being edited. It names no part of the page: a browser would go there instead of giving the focus
// to the first field of the row.
func (d *tableData) EditOf(key string) string {
	return d.link(d.Query.After, d.Query.Before, key)
}

// SaveLink is where the row that is being edited is saved; it leads back to the same rows.
func (d *tableData) SaveLink() string {
	_, query, _ := strings.Cut(d.Self(), "?")
	return "/tables/" + url.PathEscape(d.Name) + "/row?" + query
}

// Editing reports whether a row is the one that is being edited.
func (d *tableData) Editing(r table.Row) bool {
	return d.Edit != nil && d.Edit.Version != 0 && d.ID(d.Edit.Key) == d.ID(r.Key)
}

// EditOnTop reports whether what is being edited is none of the rows of the page: a new row, or one of another page.
func (d *tableData) EditOnTop() bool { return d.Edit != nil && !slices.ContainsFunc(d.Rows, d.Editing) }

// LaterLink and EarlierLink are the pages behind and before.
func (d *tableData) LaterLink() string   { return d.link(d.Rows[len(d.Rows)-1].Key, "", "") }
func (d *tableData) EarlierLink() string { return d.link("", d.Rows[0].Key, "") }

func (d *tableData) link(after, before, edit string) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": d.Query.Search, "after": after, "before": before, "edit": edit} {
		if value != "" {
			q.Set(name, value)
		}
	}
	link := "/tables/" + url.PathEscape(d.Name)
	if len(q) > 0 {
		link += "?" + q.Encode()
	}
	return link
}

// Cell is a value of a row as it is shown.
func (d *tableData) Cell(r table.Row, column string) string { return table.Field(r.Values[column]) }

func (c *Console) tablesPage(w http.ResponseWriter, r *http.Request) {
	c.showTables(w, r, http.StatusOK, tablesData{})
}

// tablesData is the list of data tables, with a new one that has mistakes.
type tablesData struct {
	Tables   []table.Listed
	Source   string
	Problems []string
}

const newTable = `name: my_table
key: { name: code, ignore_case: true }
columns:
  - { name: wait, type: duration, required: true }
  - { name: max_attempts, type: number }
`

func (c *Console) showTables(w http.ResponseWriter, r *http.Request, status int, data tablesData) {
	var err error
	if data.Tables, err = c.cfg.Tables.List(r.Context()); err != nil {
		c.fail(w, r, err)
		return
	}
	if data.Source == "" {
		data.Source = newTable
	}
	c.renderAs(w, r, status, "tables", page{Title: "Tables", Place: "tables", Data: data})
}

// makeTable makes a table that a form describes, as a file would.
func (c *Console) makeTable(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	data := tablesData{Source: r.PostFormValue("source")}
	f, problems := table.ReadFile("line", []byte(data.Source))
	for _, p := range problems {
		data.Problems = append(data.Problems, p.Error())
	}
	if len(problems) == 0 {
		fresh, err := c.cfg.Tables.Make(r.Context(), f, author(r))
		if err == nil && fresh {
			http.Redirect(w, r, "/tables/"+url.PathEscape(f.Name), http.StatusSeeOther)
			return
		}
		if err != nil && problemOf(err).Status == http.StatusInternalServerError {
			c.fail(w, r, err)
			return
		}
		if err == nil {
			err = errors.New("there is a table of this name already")
		}
		data.Problems = []string{err.Error()}
	}
	c.showTables(w, r, http.StatusUnprocessableEntity, data)
}

func (c *Console) tablePage(w http.ResponseWriter, r *http.Request) {
	var edit *rowEdit
	q := r.URL.Query()
	if q.Has("add") {
		edit = &rowEdit{Cells: map[string]string{}}
	}
	done := ""
	if n := q.Get("imported"); n != "" {
		if _, err := strconv.Atoi(n); err == nil {
			done = n + " rows were taken in."
		}
	}
	c.showTable(w, r, http.StatusOK, tableData{Edit: edit, Changing: q.Has("change"), Done: done})
}

// showTable reads the rows and shows the page.
func (c *Console) showTable(w http.ResponseWriter, r *http.Request, status int, data tableData) {
	query := r.URL.Query()
	var err error
	if data.Definition, err = c.cfg.Tables.Table(r.Context(), r.PathValue("table")); err == nil {
		data.Query, err = tableQuery(query, tableRows)
	}
	if err == nil {
		data.Page, err = c.cfg.Tables.Page(r.Context(), data.Definition, data.Query)
	}
	if err == nil && data.Changing && data.Source == "" {
		data.Source, err = data.YAML()
	}
	if key := query.Get("edit"); err == nil && key != "" && data.Edit == nil {
		data.Edit, err = c.editOf(r, data.Definition, key)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.renderAs(w, r, status, "table", page{Title: data.Name, Place: "tables", Data: &data})
}

func (c *Console) editOf(r *http.Request, d table.Definition, key string) (*rowEdit, error) {
	f, err := c.cfg.Tables.Get(r.Context(), d.Name, key)
	if err != nil || !f.There {
		return nil, err // a row that has gone is not edited
	}
	edit := &rowEdit{Key: f.Key, Version: f.Version, Cells: map[string]string{}}
	for name, v := range f.Values {
		edit.Cells[name] = table.Field(v)
	}
	return edit, nil
}

// saveRow stores or deletes the row of a form, if nobody else has changed it meanwhile.
func (c *Console) saveRow(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		c.fail(w, r, badRequest("The form names no version of a row, or is too large. Nothing was changed."))
		return
	}
	change := table.Change{Key: r.PostFormValue("key"), Whole: true, Set: table.Values{}, If: &version, Delete: r.PostFormValue("do") == "delete"}
	edit := &rowEdit{Key: change.Key, Version: version, Cells: map[string]string{}}
	d, err := c.cfg.Tables.Table(r.Context(), r.PathValue("table"))
	if err != nil {
		c.fail(w, r, err)
		return
	}
	for _, column := range d.Columns {
		edit.Cells[column.Name] = r.PostFormValue("c." + column.Name)
		change.Set[column.Name] = edit.Cells[column.Name]
	}
	f, err := c.cfg.Tables.Change(r.Context(), d.Name, author(r), change)
	data := tableData{Edit: edit, Definition: d}
	switch {
	case err == nil:
		data.Query, _ = tableQuery(r.URL.Query(), tableRows)
		http.Redirect(w, r, data.Self()+"#row-"+url.PathEscape(f.Key), http.StatusSeeOther)
		return
	case errors.Is(err, table.ErrValue):
		data.Problem = err.Error()
	case errors.Is(err, table.ErrChanged):
		data.Problem = changedWords(version, f)
		edit.Now, edit.Version = &f.Row, f.Version
		if !f.There {
			edit.Now, edit.Version = nil, 0
		}
	default:
		c.fail(w, r, err)
		return
	}
	c.showTable(w, r, problemOf(err).Status, data)
}

func changedWords(version int64, f table.Found) string {
	switch {
	case version == 0:
		return "There is a row with this key already. Nothing was changed: look at it below, and save again to replace it."
	case !f.There:
		return "Somebody deleted this row meanwhile. Save again to put it back."
	}
	return "Somebody changed this row meanwhile. Nothing was changed: look at it below, and save again to replace it."
}

// changeTable changes what a table is, or takes it away.
func (c *Console) changeTable(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	name := r.PathValue("table")
	if r.PostFormValue("do") == "drop" {
		if err := c.cfg.Tables.Drop(r.Context(), name, author(r)); err != nil {
			c.fail(w, r, err)
			return
		}
		http.Redirect(w, r, "/tables", http.StatusSeeOther)
		return
	}
	data := tableData{Changing: true, Source: r.PostFormValue("source")}
	f, problems := table.ReadFile("line", []byte(data.Source))
	err := problems.Err()
	switch {
	case err == nil && f.Name != name:
		err = errors.New("a table's name stays as it is")
	case err == nil:
		_, err = c.cfg.Tables.Define(r.Context(), f.Definition, author(r))
	}
	if err == nil {
		http.Redirect(w, r, "/tables/"+url.PathEscape(name), http.StatusSeeOther)
		return
	}
	if len(problems) == 0 && problemOf(err).Status == http.StatusNotFound {
		c.fail(w, r, err)
		return
	}
	data.Problem = err.Error()
	c.showTable(w, r, http.StatusUnprocessableEntity, data)
}

// importTable takes a CSV file of a form in.
func (c *Console) importTable(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxImport)
	var src io.Reader
	parts, err := r.MultipartReader()
	for err == nil && src == nil {
		part, next := parts.NextPart()
		if err = next; err == nil && part.FormName() == "file" && part.FileName() != "" {
			src = part
		}
	}
	if src == nil {
		c.showTable(w, r, http.StatusUnprocessableEntity, tableData{Problem: "Choose a CSV file first."})
		return
	}
	n, err := c.cfg.Tables.Import(r.Context(), r.PathValue("table"), author(r), src)
	if mistakes, ok := errors.AsType[*table.ImportError](err); ok {
		c.showTable(w, r, http.StatusUnprocessableEntity, tableData{Problem: "Nothing was taken in: the file has mistakes.", Lines: mistakes.Lines})
		return
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/tables/"+url.PathEscape(r.PathValue("table"))+"?imported="+strconv.Itoa(n), http.StatusSeeOther)
}
