package desk_test

import (
	"fmt"
	"testing"
	"time"

	"cordboard/crm"
	"cordboard/screen"
)

// TestPanelLooks walks the panel through its states at three sizes, light and dark: nothing may stick out sideways, and
// what can be pressed must be large enough. With CORDBOARD_SHOTS=folder it leaves pictures.
func TestPanelLooks(t *testing.T) {
	w := newWorld(t)
	page := w.open(address(w.server) + "/desk/?host=plain&org=sim&agent=" + anna)
	page.until(shows("Connected"))
	page.do(`window.open = () => window`) // records open nowhere, but well
	walk(page, w.scenes(page), [][2]int64{{320, 420}, {240, 300}, {400, 700}})
}

// walk takes the panel through scenes and looks at each.
func walk(page *tab, scenes []scene, sizes [][2]int64) {
	t := page.t
	for _, s := range scenes {
		s.set()
		page.until(shows(s.see))
		for _, size := range sizes {
			for _, scheme := range []string{"light", "dark"} {
				page.look(size[0], size[1], scheme)
				name := fmt.Sprintf("panel-%s-%dx%d-%s", s.name, size[0], size[1], scheme)
				page.shoot(name)
				if out := eval[string](page, sticksOut); out != "" {
					t.Errorf("%s: %s", name, out)
				}
			}
		}
	}
}

// sticksOut names what is wider than the panel or too small to press; "" when all is well.
const sticksOut = `(() => {
	const root = document.querySelector('cordboard-panel').shadowRoot, bad = [];
	for (const el of root.querySelectorAll('.panel *')) {
		const box = el.getBoundingClientRect();
		if (!box.width || el.closest('.recent ul, [popover]')) continue;
		if (box.right > innerWidth + 0.5 || box.left < -0.5) bad.push(el.tagName + '.' + el.getAttribute('class') + ' sticks out');
		if (el.tagName === 'BUTTON' && (box.width < 24 || box.height < 24)) bad.push(el.textContent + ' is too small');
	}
	return bad.join('; ');
})()`

type scene struct {
	name, see string
	set       func()
}

func (w *world) scenes(page *tab) []scene {
	call := func(phase string, more map[string]any) map[string]any {
		c := map[string]any{
			"id": "call-1", "phase": phase, "customer": "+1 ··· ··· 0123", "name": "Ines Roth", "campaign": "Winback",
			"mode": "preview", "since": time.Now().Add(-192 * time.Second),
		}
		state := map[string]any{"call": c}
		for k, v := range more {
			state[k] = v
		}
		return state
	}
	line := func(id, phase, role string, controls ...string) map[string]any {
		return map[string]any{
			"id": id, "call": id, "phase": phase, "role": role, "customer": "··· 0123", "name": "Ines Roth", "since": time.Now().Add(-192 * time.Second), "controls": controls,
		}
	}
	lines := func(all ...map[string]any) map[string]any { return map[string]any{"interactions": all} }
	ring := func(id string) string {
		w.state(map[string]any{"call": map[string]any{"id": id, "phase": "ringing", "customer": "+1 ··· ··· 0123", "campaign": "Renewal 26", "mode": "predictive", "since": time.Now()}})
		return id
	}
	pop := func(p screen.Pop) { <-w.show(p) }
	return []scene{
		{"idle", "No call", func() {}},
		{"ringing", "Ringing", func() { w.state(call("ringing", nil)) }},
		{"talking", "Opened: Contact Ines Roth", func() {
			pop(contactPop("k1"))
			pop(screen.Pop{Key: "k1b", Call: "call-1", Kind: screen.KindPage, URL: "/apex/CallScript", Title: "Call script Winback"})
			w.state(call("answered", map[string]any{"log": map[string]any{"state": "saved", "detail": "Saved 14:03", "url": "https://org.example/lightning/r/Task/00T/view"}}))
		}},
		{"failed", "Phone field rejected", func() {
			w.state(call("held", map[string]any{"log": map[string]any{"state": "failed", "detail": "Phone field rejected: fix", "url": "https://org.example/x"}}))
		}},
		{"limit", "saved later", func() {
			w.state(call("wrapup", map[string]any{"log": map[string]any{"state": "waiting", "detail": "Salesforce limit, saved later"}}))
		}},
		{"controls-preview", "Accept", func() {
			w.state(call("offered", lines(line("call-1", "offered", "reservation", "Accept", "Skip", "Reject"))))
		}},
		{"controls-ringing", "Answer", func() { w.state(call("ringing", lines(line("call-1", "ringing", "customer", "Answer", "Drop")))) }},
		{"controls-talking", "Pause recording", func() {
			w.state(call("answered", lines(line("call-1", "answered", "customer", "Hold", "Consult", "BlindTransfer", "Drop", "Mute", "Unmute", "PauseRecording", "ResumeRecording"))))
		}},
		{"controls-target", "Consult to", func() { page.do(press("do Consult")) }},
		{"controls-refused", "no platform takes orders here", func() { page.do(press("do Hold")) }},
		{"controls-consult", "Complete transfer", func() {
			held := line("call-1", "held", "customer", "Retrieve", "Transfer", "Conference", "EndConsult", "Drop")
			held["consulting"] = true
			w.state(call("held", lines(held, line("call-1b", "consulting", "consult", "Drop"))))
		}},
		{"controls-wrapup", "Finish", func() { w.state(call("wrapup", lines(line("call-1", "wrapup", "customer", "WrapUp")))) }},
		{"controls-offline", "Reconnecting", func() {
			w.state(call("answered", lines(line("call-1", "answered", "customer", "Hold", "Drop"))))
			page.until(shows("Hold"))
			w.wire.set(true)
			w.wire.cut()
		}},
		{"controls-none", "Connected", func() {
			w.wire.set(false)
			page.do(press("retry"))
			w.state(map[string]any{"controls": []string{"Ready", "NotReady"}})
			page.until(shows("Not ready"))
		}},
		{"several", "3 records match", func() {
			p := severalPop("k2")
			p.Call = ring("call-2")
			pop(p)
		}},
		{"offered", "Open", func() {
			page.do(`window.open = () => null`)
			p := contactPop("k3")
			p.Record = &crm.Record{Object: "Opportunity", ID: "006Wy00000AbCdEIAV", Name: "Maximiliane Featherstonehaugh-Oberhausen GmbH & Co. KG renewal"}
			p.Call = ring("call-3")
			pop(p)
		}},
		{"declined", "was not opened", func() {
			pop(screen.Pop{Key: "k4", Call: ring("call-4"), Kind: screen.KindPage, URL: "ftp://nowhere.example/", Title: "Call script"})
		}},
		{"nothing", "Nothing found", func() {
			pop(screen.Pop{Key: "k5", Call: ring("call-5"), Kind: screen.KindNote, Why: "no Contact or Lead has this number"})
		}},
		{"recent", "Recent", func() { w.state(map[string]any{}) }},
		{"offline", "Reconnecting", func() { w.wire.set(true); w.wire.cut() }},
	}
}

// TestPanelLooksWithALog has the log of a call, from the first choice to the call that is over.
func TestPanelLooksWithALog(t *testing.T) {
	w := newWorld(t)
	page := w.open(address(w.server) + "/desk/?host=plain&org=sim&agent=" + anna)
	page.until(shows("Connected"))
	walk(page, w.logScenes(page), [][2]int64{{320, 420}, {240, 300}})
}

func (w *world) logScenes(page *tab) []scene {
	call := func(phase string, state map[string]any) map[string]any {
		state["call"] = map[string]any{"id": "call-1", "phase": phase, "customer": "··· 0123", "name": "Ines Roth", "campaign": "Winback", "mode": "preview", "since": time.Now().Add(-192 * time.Second)}
		return state
	}
	return []scene{
		{"log", "Related to", func() {
			saved := map[string]any{"state": "saved", "url": "https://org.example/lightning/r/Task/00T/view"}
			log := map[string]any{
				"name": map[string]any{"object": "Contact", "id": ines, "name": "Ines Roth"}, "saved": saved, "notes": "Wants the blue one, delivered before Friday.",
				"related": map[string]any{"object": "Opportunity", "id": "006Wy00000AbCdEIAV", "name": "Maximiliane Featherstonehaugh-Oberhausen GmbH & Co. KG renewal"},
			}
			w.state(call("answered", open(logged("answered", log, map[string]any{"controls": []string{"Hold", "Consult", "BlindTransfer", "Drop", "Mute"}}))))
		}},
		{"log-unsaved", "Not saved yet", func() {
			page.do(field("notes") + `.value = 'Call back'; ` + field("notes") + `.dispatchEvent(new Event('input'))`)
		}},
		{"log-lead", "the name is a lead", func() {
			log := map[string]any{"name": map[string]any{"object": "Lead", "id": tomo, "name": "Tomo Roth"}, "saved": map[string]any{"state": "waiting", "detail": "Salesforce limit, saved later"}}
			w.state(call("held", open(logged("held", log, nil))))
		}},
		{"log-finish", "Finish", func() {
			codes := map[string]any{"list": []map[string]any{{"id": "1", "name": "Sale"}, {"id": "2", "name": "Call back later"}}}
			failed := map[string]any{"saved": map[string]any{"state": "failed", "detail": "crm-refused: Description is too long"}}
			w.state(call("wrapup", open(logged("wrapup", failed, map[string]any{"controls": []string{"WrapUp"}, "codes": codes}))))
		}},
		{"log-over", "Log of the call with Ines Roth", func() {
			done := logged("ended", map[string]any{"notes": "blue", "saved": map[string]any{"state": "saved"}}, map[string]any{"over": true})
			before := logged("ended", map[string]any{"saved": map[string]any{"state": "failed"}}, map[string]any{"over": true, "id": "8", "name": "", "customer": "··· 0177"})
			w.state(map[string]any{"over": []map[string]any{done, before}})
		}},
	}
}

// TestPanelLooksBeforeItIsConnected has the states in which there is no desk.
func TestPanelLooksBeforeItIsConnected(t *testing.T) {
	w := newWorld(t)
	alone := w.open(address(w.server) + "/desk/?host=plain&org=sim")
	alone.until(shows("Your agent id"))
	p := contactPop("k1")
	p.Until = time.Now().Add(-14 * time.Second)
	outcome(t, w.show(p), screen.Late)
	late := w.open(address(w.server) + "/desk/?host=plain&org=sim&agent=" + anna)
	late.until(shows("late, not opened"))
	late.do(`document.querySelector('cordboard-panel').shadowRoot.querySelector('.dots').click()`)
	second := w.open(address(w.server) + "/desk/?host=plain&org=sim&agent=" + anna)
	second.until(shows("Calls are handled in another tab"))
	for name, page := range map[string]*tab{"signin": alone, "late": late, "second": second} {
		for _, scheme := range []string{"light", "dark"} {
			page.look(320, 420, scheme)
			page.shoot(fmt.Sprintf("panel-%s-320x420-%s", name, scheme))
			if out := eval[string](page, sticksOut); out != "" {
				t.Errorf("%s: %s", name, out)
			}
		}
	}
}

func TestConsoleLooks(t *testing.T) {
	w := newWorld(t)
	console := w.open(address(w.console))
	w.online(1)
	w.state(map[string]any{
		"call": map[string]any{"id": "call-1", "phase": "answered", "customer": "+1 ··· ··· 0123", "name": "Ines Roth", "campaign": "Winback", "mode": "preview", "since": time.Now().Add(-192 * time.Second)},
		"log":  map[string]any{"state": "saved", "detail": "Saved 14:03"},
	})
	outcome(t, w.show(contactPop("k1")), screen.Shown)
	w.panel(console).until(shows("Opened: Contact Ines Roth"))
	for _, scheme := range []string{"light", "dark"} {
		console.look(1280, 800, scheme)
		console.shoot("host-" + scheme)
	}
	console.do(`document.querySelector('.log').click()`)
	console.shoot("host-calls")
	if wide := eval[bool](console, `document.documentElement.scrollWidth > innerWidth`); wide {
		t.Error("the console is wider than the window")
	}
}
