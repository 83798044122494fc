package strangers

import (
	"testing"

	"github.com/chromedp/chromedp"

	"cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
)

// TestCCPByHand: the page alone, with nobody around it: a person accepts, holds, hangs up and clears with its buttons.
func TestCCPByHand(t *testing.T) {
	in := browser(t)
	s := serve(t, connect.Config{Agents: 1})
	ctx, cancel := chromedp.NewContext(in)
	t.Cleanup(cancel)
	d := &desk{t, s, anna, ctx}
	if err := chromedp.Do(ctx, chromedp.Navigate(s.Ready()["ccp_url"].(string)+"?agent="+anna)); err != nil {
		t.Fatal(err)
	}
	wait := func(js string) {
		t.Helper()
		stagetest.Until(t, ctx, limit, js, `document.body.innerText`)
	}
	wait(`document.querySelector("#state").textContent === "Available"`)
	ring(t, s, "inbound")
	for _, button := range []string{"Accept", "Hold", "Resume", "Hang up", "Clear"} {
		find := `[...document.querySelectorAll("button")].find((b) => b.textContent === "` + button + `")`
		wait(find + ` !== undefined`)
		eval[chromedp.Void](d, find+`.click()`)
	}
	wait(`document.querySelector("#contacts").textContent === ""`)
	var methods []string
	for _, o := range s.Orders() {
		methods = append(methods, o.What)
	}
	if len(methods) != 5 || methods[0] != "acceptContact" || methods[1] != "holdConnection" || methods[4] != "clearContact" {
		t.Errorf("orders: %v", methods)
	}
}
