package server

import (
	"maps"
	"testing"
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
