package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"cordboard/table"
)

// historyRows is how many changes one page shows.
const historyRows = 50

// historyData is the history of a data table, or of one row.
type historyData struct {
	table.Definition
	Key     string
	Changes []changeShown
	Older   string // the address of older ones; empty when there are none
}

// changeShown is one change for people.
type changeShown struct {
	table.Entry
	What  string // of the whole row or table: "added", "deleted"
	Cells []cellShown
}

// cellShown is what a change did to one column.
type cellShown struct{ Column, Old, New string }

func (c *Console) tableHistoryPage(w http.ResponseWriter, r *http.Request) {
	d, entries, err := c.history(r, historyRows+1)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	data := historyData{Definition: d, Key: r.URL.Query().Get("key")}
	if len(entries) > historyRows {
		entries = entries[:historyRows]
		q := url.Values{"before": {strconv.FormatInt(entries[historyRows-1].Number, 10)}}
		if data.Key != "" {
			q.Set("key", data.Key)
		}
		data.Older = "/tables/" + url.PathEscape(d.Name) + "/history?" + q.Encode()
	}
	for _, e := range entries {
		data.Changes = append(data.Changes, shown(e))
	}
	c.render(w, r, "tablehistory", page{Title: "History of " + d.Name, Place: "tables", Data: data})
}

func shown(e table.Entry) changeShown {
	out := changeShown{Entry: e, What: "changed"}
	switch {
	case e.New == nil:
		out.What = "deleted"
	case e.Old == nil:
		out.What = "added"
	}
	if e.Key == "" { // the table itself: its definition is a text of many lines
		if e.Old == nil {
			out.What = "made"
		}
		return out
	}
	columns := maps.Clone(e.Old)
	if columns == nil {
		columns = table.Values{}
	}
	maps.Copy(columns, e.New)
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		if e.Old[name] != e.New[name] {
			out.Cells = append(out.Cells, cellShown{name, table.Field(e.Old[name]), table.Field(e.New[name])})
		}
	}
	return out
}
