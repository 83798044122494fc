package server

import (
	"maps"
	"testing"

	"cordboard/crm/salesforce"
)

// A page that is told no numbers finds the customer's in no variable either.
func TestWithoutNumber(t *testing.T) {
	vars := map[string]string{"LCMKey": "57|1", "ANI": "+14155550123", "Phone": "(415) 555-0123", "Order": "4155550100", "Note": "call 555 0123 back"}
	want := map[string]string{"LCMKey": "57|1", "ANI": "··· 0123", "Phone": "··· 0123", "Order": "4155550100", "Note": "··· 0123"}
	if got := withoutNumber(vars, "+14155550123"); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if got := withoutNumber(vars, "2001"); !maps.Equal(got, vars) {
		t.Errorf("an extension hides something: %v", got)
	}
}

// A number is dialed in the form that every platform takes; what is none is left to the platform.
func TestDialable(t *testing.T) {
	s := &Server{cfg: Config{Salesforce: &salesforce.Config{Region: "US"}}}
	for typed, want := range map[string]string{
		"(202) 555-0143": "+12025550143", "+49 30 901820": "+4930901820", " 2001 ": "2001", "sip:anna@example.com": "sip:anna@example.com",
	} {
		if got := s.dialable(typed); got != want {
			t.Errorf("%q is dialed as %q, want %q", typed, got, want)
		}
	}
}
