package catalog

import (
	"strings"
	"testing"
	"testing/fstest"
)

const (
	supportedHeader   = "mode\tcall_type\tevent\tleg\tphase\tdescription\n"
	recommendedHeader = "mode\tcall_type\tevent\tsuggested\tsupported_as\tlegs\tdescription\n"
	goodRow           = "manual\tOUT\tACTIVE\tcustomer\tanswered\tWhen\n"
)

// A slip in a table must not load: the message says which platform and row.
func TestLoadRefusesASlip(t *testing.T) {
	for _, tt := range []struct{ why, supported, recommended, want string }{
		{"mode", supportedHeader + "manul\tOUT\tACTIVE\tcustomer\tanswered\tWhen\n", "", `of cisco, row 1: unknown mode "manul"`},
		{"leg", supportedHeader + "manual\tOUT\tACTIVE\tagent\tanswered\tWhen\n", "", `unknown leg "agent"`},
		{"phase", supportedHeader + goodRow + "manual\tOUT\tHELD\tcustomer\thold\tWhen\n", "", `row 2: unknown phase "hold"`},
		{"empty", supportedHeader + "manual\t\tHELD\tcustomer\theld\tWhen\n", "", "must not be empty"},
		{"twice", supportedHeader + goodRow + strings.ToLower(goodRow), "", "row 2: listed twice for one leg"},
		{"columns", supportedHeader + "manual\tOUT\n", "", "wrong number of fields"},
		{"header", goodRow, "", "the header must be mode, call_type"},
		{"action", supportedHeader + goodRow, recommendedHeader + "manual\tOUT\tACTIVE\tPray\tOUT\tcustomer\tWhen\n", `row 1: no action in "Pray"`},
		{"row", supportedHeader + goodRow, recommendedHeader + "manual\tOUT\tACTIVE\tObject Creation\tOUT\tconsult\tWhen\n", "no supported row manual OUT ACTIVE on the consult leg"},
	} {
		files := fstest.MapFS{"supported/cisco.tsv": {Data: []byte(tt.supported)}}
		if tt.recommended != "" {
			files["recommended/cisco.tsv"] = &fstest.MapFile{Data: []byte(tt.recommended)}
		}
		if _, err := load(files); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.why, err, tt.want)
		}
	}
}

func TestLoadRefusesASlipInOwnWords(t *testing.T) {
	const header = "# where from\nmode\tcall_type\tevent\tleg\tphase\trecommended\tdescription\n"
	const good = "manual\tOutbound\tdialing\tcustomer\tdialing\tpop+page\tWhen\n"
	for _, tt := range []struct{ why, words, want string }{
		{"action", header + "manual\tOutbound\tdialing\tcustomer\tdialing\tpray\tWhen\n", `of genesys, row 1: unknown action "pray"`},
		{"phase", header + "manual\tOutbound\tdialing\tcustomer\thold\t-\tWhen\n", `row 1: unknown phase "hold"`},
		{"twice", header + good + strings.ToLower(good), "row 2: listed twice for one leg"},
	} {
		if _, err := load(fstest.MapFS{"words/genesys.tsv": {Data: []byte(tt.words)}}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.why, err, tt.want)
		}
	}
	both := fstest.MapFS{"words/cisco.tsv": {Data: []byte(header + good)}, "supported/cisco.tsv": {Data: []byte(supportedHeader + goodRow)}}
	if _, err := load(both); err == nil || !strings.Contains(err.Error(), "vendor's table") {
		t.Errorf("words beside a vendor's table: %v", err)
	}
}

func TestLoadParsesTheEmbeddedTables(t *testing.T) {
	if _, err := Load(); err != nil {
		t.Fatal(err)
	}
}
