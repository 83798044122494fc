package desk_test

import (
	"testing"

	"cordboard/screen"
)

func TestPanelPopsInTheConsole(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	receipt := outcome(t, w.show(contactPop("k1")), screen.Shown)
	if receipt.Detail != "Contact Ines Roth" {
		t.Errorf("the receipt says %q", receipt.Detail)
	}
	console.until(`host.tabs.length === 1 && host.front.record.id === '` + ines + `'`)
	if bad := eval[string](console, `JSON.stringify(host.calls.filter(c => !c.ok))`); bad != "[]" {
		t.Errorf("the host refused calls: %s", bad)
	}
	console.shoot("host-pop")
}
