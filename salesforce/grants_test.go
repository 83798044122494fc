package salesforce_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	crm "cordboard/crm/salesforce"
	"cordboard/server"
	sim "cordboard/sim/salesforce"
)

// described is what the simulated org says of an object: what the product's tests are held to.
func described(t *testing.T) map[string][]describedField {
	t.Helper()
	org := httptest.NewServer(sim.New(sim.Config{}))
	t.Cleanup(org.Close)
	get := func(path, token string, into any) {
		req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, org.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := org.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	resp, err := org.Client().PostForm(org.URL+"/services/oauth2/token", map[string][]string{
		"grant_type": {"client_credentials"}, "client_id": {"3MVG9simulated.consumer.key"}, "client_secret": {"simulated-consumer-secret"}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var signedIn struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&signedIn); err != nil || signedIn.Token == "" {
		t.Fatalf("no token: %v", err)
	}
	all := map[string][]describedField{}
	for _, object := range []string{"Task", "Contact", "Lead", "Account", "Case", "Opportunity", "Call_Log__c"} {
		var answer struct{ Fields []describedField }
		get("/services/data/v67.0/sobjects/"+object+"/describe", signedIn.Token, &answer)
		all[object] = answer.Fields
	}
	return all
}

type describedField struct {
	Name, Type                                 string
	Length                                     int
	ExternalID, Unique, Custom, Permissionable bool
}

// types are describe's words for the package's.
var types = map[string]string{"Text": "string", "Lookup": "reference", "Phone": "phone", "Picklist": "picklist", "DateTime": "datetime",
	"Number": "double", "LongTextArea": "textarea"}

// TestFieldsAreThoseOfTheSimulatedOrg holds the package to what every other test of the product runs against: each custom
// field of the one is a field of the other, of the same kind.
func TestFieldsAreThoseOfTheSimulatedOrg(t *testing.T) {
	inOrg, inPackage := map[string]describedField{}, map[string]bool{}
	for object, list := range described(t) {
		for _, f := range list {
			if f.Custom {
				inOrg[object+"."+f.Name] = f
			}
		}
	}
	for _, f := range fields(t) {
		if f.object == "User" || strings.HasSuffix(f.object, "__mdt") {
			continue // the server never sees those
		}
		if f.object == "Activity" {
			f.object = "Task" // custom fields of tasks are fields of activities
		}
		inPackage[f.full()] = true
		of, ok := inOrg[f.full()]
		switch {
		case !ok:
			t.Errorf("the simulated org has no %s", f.full())
		case of.Type != types[f.get("type")] || f.get("externalId") == "true" != of.ExternalID || f.get("unique") == "true" != of.Unique:
			t.Errorf("%s is %s in the package, %+v in the simulated org", f.full(), f.get("type"), of)
		}
	}
	for name := range inOrg {
		if !inPackage[name] {
			t.Errorf("the package lacks %s", name)
		}
	}
}

// TestRecommendedWorkflowsNeedNothingElse looks whether every custom field that the shipped workflows write is in the
// package and may be written with its permission set, and every object created and edited.
func TestRecommendedWorkflowsNeedNothingElse(t *testing.T) {
	set, _, err := server.LoadWorkflows([]string{"recommended"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	needs := server.OrgNeeds(set)
	if len(needs) == 0 {
		t.Fatal("the shipped workflows write nothing")
	}
	shipped := crm.ShippedFields()
	granted := grants(t, "Cordboard_Integration")
	for _, need := range needs {
		if need.Write && !granted.edits[need.Object] {
			t.Errorf("%s may not be created and edited with the permission set", need.Object)
		}
		if need.Write && !slices.Contains(shipped[need.Object], "Cordboard_Key__c") {
			t.Errorf("the package has no key field for %s", need.Object)
		}
		for _, name := range slices.Concat(need.Create, need.Update) {
			if strings.HasSuffix(name, "__c") && !slices.Contains(shipped[need.Object], name) {
				t.Errorf("the package lacks %s.%s, which a workflow writes", need.Object, name)
			}
		}
	}
}

// TestPermissionSetGrantsEverything looks whether whoever has the permission set may do all that the product does: write
// each field of the package, and read the numbers that people are found by.
func TestPermissionSetGrantsEverything(t *testing.T) {
	granted := grants(t, "Cordboard_Integration")
	want := map[string]bool{}
	for object, names := range crm.ShippedFields() {
		if !granted.edits[object] {
			t.Errorf("%s may not be created and edited", object)
		}
		for _, name := range names {
			want[object+"."+name] = true
		}
	}
	for object, list := range described(t) {
		for _, f := range list {
			people := object == "Contact" || object == "Lead" || object == "Account"
			if people && f.Type == "phone" && f.Name != "Fax" {
				if _, readable := granted.fields[object+"."+f.Name]; !readable {
					t.Errorf("%s.%s may not be read: nobody is found by it", object, f.Name)
				}
			}
		}
	}
	for name := range want {
		if !granted.fields[name] {
			t.Errorf("%s may not be written", name)
		}
	}
	for name, edit := range granted.fields {
		if edit && !want[name] {
			t.Errorf("%s may be written, but nothing of the product does", name)
		}
	}
}

// TestShippedFieldsAreThePackages holds the list that the check advises from to the files.
func TestShippedFieldsAreThePackages(t *testing.T) {
	files := map[string]bool{}
	for _, f := range fields(t) {
		files[filepath.ToSlash(filepath.Join("salesforce", source, "objects", f.object, "fields", f.name+".field-meta.xml"))] = true
	}
	for object, names := range crm.ShippedFields() {
		for _, name := range names {
			if path := crm.FieldFile(object, name); !files[path] {
				t.Errorf("%s.%s is said to be in %s, which is not there", object, name, path)
			}
		}
	}
	if path := crm.FieldFile("Task", "Not_Ours__c"); path != "" {
		t.Errorf("a field of somebody else is said to be in %s", path)
	}
	if p := crm.PermissionSet; !strings.Contains(read(t, source+"/permissionsets/"+p+".permissionset-meta.xml").get("label"), "Cordboard") {
		t.Errorf("there is no permission set %s", p)
	}
}

// granted is what a permission set gives.
type granted struct {
	edits  map[string]bool // objects that may be created and edited
	fields map[string]bool // fields that may be read: whether written as well
}

func grants(t *testing.T, name string) granted {
	t.Helper()
	set := read(t, source+"/permissionsets/"+name+".permissionset-meta.xml")
	g := granted{edits: map[string]bool{}, fields: map[string]bool{}}
	for _, o := range set.all("objectPermissions") {
		g.edits[o.get("object")] = o.get("allowCreate") == "true" && o.get("allowEdit") == "true" && o.get("allowRead") == "true"
	}
	for _, f := range set.all("fieldPermissions") {
		if f.get("readable") == "true" {
			g.fields[f.get("field")] = f.get("editable") == "true"
		}
	}
	for _, p := range set.all("userPermissions") { // no object permission exists for tasks: a user permission stands for it
		if p.get("name") == "EditTask" && p.get("enabled") == "true" {
			g.edits["Task"] = true
		}
	}
	return g
}
