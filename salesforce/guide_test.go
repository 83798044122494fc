package salesforce_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	crm "cordboard/crm/salesforce"
	"cordboard/server"
)

var mapped = regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\| (.*) \\|$")

func guide(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/guides/salesforce.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestGuideMapsEveryField looks whether the guide has a place in Call_Log__c for every field of Task that the recommended
// workflows set, and whether that place is in the package.
func TestGuideMapsEveryField(t *testing.T) {
	text := guide(t)
	places := map[string]string{}
	for _, m := range mapped.FindAllStringSubmatch(text, -1) {
		places[m[1]] = m[2]
	}
	set, _, err := server.LoadWorkflows([]string{"recommended"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ours := append(crm.ShippedFields()["Call_Log__c"], "Name")
	for _, need := range server.OrgNeeds(set) {
		if need.Object != "Task" {
			continue
		}
		for _, field := range slices.Concat(need.Create, need.Update) {
			place, ok := places[field]
			if !ok {
				t.Errorf("the guide does not say where %s goes", field)
			}
			for _, name := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(place, -1) {
				if !slices.Contains(ours, name[1]) {
					t.Errorf("the guide sends %s to %s, which the package does not have", field, name[1])
				}
			}
		}
	}
	for _, name := range crm.ShippedFields()["Call_Log__c"] {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("the guide does not tell of %s", name)
		}
	}
}
