package salesforce_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// component is one thing of the package, as Salesforce's tools name it.
type component struct{ Type, Name string }

// kinds are the types of metadata by the suffix of their files ("Metadata Types", Metadata API Developer Guide).
var kinds = map[string]string{
	"callCenter": "CallCenter", "cls": "ApexClass", "cspTrustedSite": "CspTrustedSite", "md": "CustomMetadata",
	"externalCredential": "ExternalCredential", "namedCredential": "NamedCredential", "js": "LightningComponentBundle",
	"messageChannel": "LightningMessageChannel", "object": "CustomObject", "field": "CustomField", "permissionset": "PermissionSet",
}

// components is what the package holds, told by the names of its files alone.
func components(t *testing.T) map[component]bool {
	t.Helper()
	all := map[component]bool{}
	for path := range texts(t, source) {
		base, ok := strings.CutSuffix(filepath.Base(path), "-meta.xml")
		if !ok {
			continue
		}
		read(t, filepath.Join(source, path)) // well-formed
		name, suffix := base[:strings.LastIndexByte(base, '.')], base[strings.LastIndexByte(base, '.')+1:]
		if kinds[suffix] == "" {
			t.Errorf("%s: no kind of metadata has this suffix", path)
		}
		if suffix == "field" {
			name = filepath.Base(filepath.Dir(filepath.Dir(path))) + "." + name
		}
		all[component{kinds[suffix], name}] = true
	}
	return all
}

// TestConverted lets Salesforce's own library do what "sf project convert source" does, and compares what it found, and
// what stands in package.xml, with the files.
func TestConverted(t *testing.T) {
	want := components(t)
	out := filepath.Join(t.TempDir(), "out")
	var got struct{ Components []component }
	node(t, &got, "convert.mjs", absolute(t, "."), absolute(t, "force-app"), out)
	found := map[component]bool{}
	for _, c := range got.Components {
		if found[c] {
			t.Errorf("%v is there twice", c)
		}
		found[c] = true
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("the converter found something else (-files +found):\n%s", diff)
	}
	manifest, listed := read(t, filepath.Join(out, "package.xml")), map[component]bool{}
	for _, of := range manifest.all("types") {
		for _, member := range of.all("members") {
			listed[component{of.get("name"), member.Text}] = true
		}
	}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("package.xml lists something else (-files +listed):\n%s", diff)
	}
	if version := manifest.get("version"); !strings.Contains(texts(t, ".")["sfdx-project.json"], `"sourceApiVersion": "`+version+`"`) {
		t.Errorf("package.xml says version %s", version)
	}
	for _, path := range slices.Sorted(maps.Keys(texts(t, out))) {
		if ext := filepath.Ext(path); ext != ".cls" && ext != ".js" && ext != ".html" {
			read(t, filepath.Join(out, path))
		}
	}
}
