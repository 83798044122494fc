package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"testing"

	"cordboard/desk"
)

// component is what a page developer writes into the page around the panel, after Genesys's "Events in Salesforce": it waits for
// the handshake, subscribes, keeps what it hears, and answers to the source of the handshake.
const component = `
	window.heard = [];
	window.addEventListener('message', (event) => {
		if (event.data.type === 'Handshake') {
			window.client = event.source;
			window.clientOrigin = event.origin;
			for (const type of ['Interaction', 'Notification', 'UserAction']) ask({ type: 'PureCloud.subscribe', data: { type } });
			return;
		}
		if (['Interaction', 'Notification', 'UserAction'].includes(event.data.type)) window.heard.push(event.data);
	});
	window.ask = (message) => window.client.postMessage(message, window.clientOrigin);
	window.categories = (type) => window.heard.filter(e => e.type === type).map(e => e.category).join(' ');
	document.querySelector('section.panel iframe').src += '&again';
`

// pageWorld is a world with such a page; the agent's orders come out of the channel.
func pageWorld(t *testing.T) (*world, *tab, <-chan desk.Order) {
	orders := make(chan desk.Order, 16)
	w := newWorld(t, func(w *world, _ *http.ServeMux) {
		w.pages = &desk.Pages{Prefix: "PureCloud.", ConsolePrefix: "inin.salesforce.constants.consoleevent."}
		w.order = func(_ context.Context, _ string, o desk.Order) error {
			orders <- o
			if o.To == "nobody" {
				return errors.New("the platform knows nobody of that name")
			}
			return nil
		}
	})
	page := w.open(address(w.console))
	w.online(1)
	w.panel(page).until(shows("Connected")) // its handshake is over: the page is there for the next one
	page.do(component)
	page.until(`window.client && heard.some(e => e.category === 'login')`)
	return w, page, orders
}

func (w *world) interaction(phase string, more map[string]any) {
	i := map[string]any{"id": "1234", "call": "pure:1234", "phase": phase, "mode": "inbound", "customer": "··· 0123", "name": "Ines Roth", "controls": []string{"Hold", "Drop"}}
	for k, v := range more {
		i[k] = v
	}
	w.state(map[string]any{"interactions": []any{i}})
}

// TestPagesHearOfCalls takes a call through its life and wants each event that it brings.
func TestPagesHearOfCalls(t *testing.T) {
	w, page, orders := pageWorld(t)
	w.interaction("ringing", nil)
	page.until(`categories('Interaction') === 'add' && categories('Notification') === 'interactionSelection'`)
	w.interaction("answered", nil)
	page.until(`categories('Interaction') === 'add connect change'`)
	if got := eval[string](page, `(() => { const { old, new: now } = heard.findLast(e => e.category === 'change').data; return [old.state, now.state, now.id, now.isConnected, now.direction, now.phone].join(); })()`); got != "ALERTING,CONNECTED,1234,true,Inbound," {
		t.Errorf("the change is told as %s", got)
	}
	w.interaction("held", map[string]any{"number": "+15555550123"})
	page.until(`heard.at(-1).data.new?.state === 'HELD' && heard.at(-1).data.new.phone === 'tel:+15555550123'`)
	page.do(`ask({ type: 'PureCloud.Interaction.updateState', data: { action: 'blindTransfer', id: '1234', participantContext: { transferTarget: 'sip%3AAuditor', transferTargetType: 'address' } } })`)
	if o := <-orders; o.Name != "BlindTransfer" || o.Call != "1234" || o.To != "sip:Auditor" || o.Args["type"] != "address" {
		t.Errorf("ordered %+v", o)
	}
	page.until(`heard.some(e => e.category === 'blindTransfer' && e.data === '1234')`)
	w.interaction("wrapup", nil)
	page.until(`categories('Interaction').endsWith('disconnect acw change')`)
	w.state(map[string]any{})
	page.until(`heard.some(e => e.category === 'deallocate' && e.data === '1234')`)
	page.wantNoBadCalls()
}

// TestPagesAct sends every action as the vendor's examples have it, and some as pages in the field write them.
func TestPagesAct(t *testing.T) {
	w, page, orders := pageWorld(t)
	w.interaction("answered", nil)
	page.until(`categories('Interaction').includes('connect')`)
	state := func(action, more string) string {
		return `{"type":"PureCloud.Interaction.updateState","data":{"action":"` + action + `","id":"1234"` + more + `}}`
	}
	for _, c := range []struct {
		message, order, to string
		args               map[string]string
	}{
		{state("pickup", ""), "Accept", "", nil},
		{`{"type":"PureCloud.interaction.updateState","data":{"action":"hold","id":"1234"}}`, "Hold", "", nil},
		{state("mute", ""), "Mute", "", nil},
		{state("securePause", ""), "PauseRecording", "", nil},
		{state("consultTransfer", `,"participantContext":{"transferTarget":"u1","transferTargetType":"userId"}`), "Consult", "u1", map[string]string{"type": "userId"}},
		{state("concludeTransfer", ""), "Transfer", "", nil},
		{state("secureSession", `,"secureSessionContext":{"flowId":"f1","userData":"hello","disconnect":false}`), "SecureSession", "f1", map[string]string{"user_data": "hello", "disconnect": "false"}},
		{state("disconnect", ""), "Drop", "", nil},
		{`{"type":"PureCloud.Interaction.addCustomAttributes","data":{"id":"1234","attributes":{"record_url":"/0000413456"}}}`, "SetData", "", map[string]string{"record_url": "/0000413456"}},
		{`{"type":"PureCloud.Interaction.createConference","data":{"interactionIds":["1234","5","6"]}}`, "Conference", "", map[string]string{"with": "5,6"}},
		{`{"type":"PureCloud.User.updateStatus","data":{"id":"p1"}}`, "SetStatus", "p1", nil},
		{`'{"type":"purecloud.user.UPDATESTATUS","data":"Break"}'`, "SetStatus", "Break", nil},
		{`{"type":"PureCloud.addAssociation","data":{"type":"contact","id":"003","text":"John Smith"}}`, "SetData", "", map[string]string{"cordboard_contact": "003", "cordboard_contact_name": "John Smith"}},
	} {
		page.do(`ask(` + c.message + `)`)
		want := desk.Order{Name: c.order, Call: "1234", To: c.to, Args: c.args}
		if c.order == "SetStatus" {
			want.Call = ""
		}
		if want.Args == nil {
			want.Args = map[string]string{}
		}
		if got := <-orders; encoded(t, got) != encoded(t, want) {
			t.Errorf("%s\nordered %+v\nwant    %+v", c.message, got, want)
		}
	}
	page.until(`heard.some(e => e.category === 'status' && e.data.id === 'Break')`)
	page.until(`['consultTransfer', 'completeConsultTransfer', 'secureSession'].every(c => categories('Interaction').includes(c))`)
	page.do(`ask(` + state("mute", "") + `)`) // to and fro
	if o := <-orders; o.Name != "Unmute" {
		t.Errorf("ordered %+v", o)
	}
	page.do(`ask({ type: 'PureCloud.User.updateStatus', data: { id: 'nobody' } })`)
	<-orders
	w.panel(page).until(shows("knows nobody of that name"))
	w.interaction("answered", map[string]any{"log": map[string]any{}}) // where calls have logs, that is where a record goes
	w.panel(page).until(shows("Related to"))
	page.do(`ask({ type: 'PureCloud.addAssociation', data: { type: 'contact', id: '` + ines + `', text: 'Ines Roth', select: true } })`)
	if o := <-orders; o.Name != "SaveLog" || o.Call != "1234" || o.Args["record"] != ines || o.Args["label"] != "Ines Roth" {
		t.Errorf("ordered %+v", o)
	}
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestPagesThatMayNot sends what is no action, what is none that can be done, what is too long, and an action from where none may
// come: nothing is ordered, all is counted here and at the hub, and what comes after it is done.
func TestPagesThatMayNot(t *testing.T) {
	w, page, orders := pageWorld(t)
	w.interaction("answered", nil)
	page.until(`categories('Interaction').includes('connect')`)
	for _, message := range []string{
		`null`, `7`, `"PureCloud."`, `{"type":7}`, `{"type":"Interaction.updateState","data":{"action":"hold","id":"1234"}}`,
		`{"type":"PureCloud.Sing"}`, `{"type":"PureCloud.Interaction.updateState","data":{"action":"sing","id":"1234"}}`, `{"type":"PureCloud.Interaction.updateState"}`,
		`{"type":"PureCloud.subscribe","data":{"type":"Weather"}}`, `{"type":"PureCloud.Interaction.addCustomAttributes","data":{"id":"1234","attributes":"x"}}`,
		`{"type":"PureCloud.Interaction.createConference","data":{"interactionIds":["1234",{}]}}`,
		`(() => { const all = { type: 'PureCloud.subscribe', data: {} }; all.data.all = all; return all; })()`,
		`{ type: 'PureCloud.User.updateStatus', data: { id: 'x'.repeat(70000) } }`, `JSON.stringify({ type: 'PureCloud.User.updateStatus', data: { id: 'x'.repeat(70000) } })`,
	} {
		page.do(`ask(` + message + `)`)
	}
	panel := w.panel(page)
	panel.do(`window.postMessage({ type: 'PureCloud.User.updateStatus', data: { id: 'evil' } }, '*')`) // not from the page around it
	page.do(`ask({ type: 'PureCloud.User.updateStatus', data: { id: 'good' } })`)
	if o := <-orders; o.To != "good" {
		t.Errorf("ordered %+v", o)
	}
	w.interaction("held", nil)
	panel.until(`document.querySelector('cordboard-panel').shadowRoot.querySelector('.facts').textContent.includes('4 taken, 0 refused, 5 ignored, 7 malformed, 2 oversized, 1 foreign')`)
	await(t, "the hub has counted", func() bool { return w.hub.PageMessages()[desk.PageTaken] == 4 })
	want := map[desk.PageOutcome]int64{desk.PageTaken: 4, desk.PageRefused: 0, desk.PageIgnored: 5, desk.PageMalformed: 7, desk.PageOversized: 2, desk.PageForeign: 1}
	if got := w.hub.PageMessages(); !maps.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
}

// TestPagesToAndFro holds and retrieves faster than the platform tells of it.
func TestPagesToAndFro(t *testing.T) {
	w, page, orders := pageWorld(t)
	w.interaction("answered", nil)
	page.until(`categories('Interaction').includes('connect')`)
	page.do(`for (let i = 0; i < 3; i++) ask({ type: 'PureCloud.Interaction.updateState', data: { action: 'hold', id: '1234' } })`)
	for _, want := range []string{"Hold", "Retrieve", "Hold"} {
		if o := <-orders; o.Name != want {
			t.Errorf("ordered %s, want %s", o.Name, want)
		}
	}
	w.interaction("held", nil)
	page.until(`heard.at(-1).data.new?.state === 'HELD'`)
	page.do(`ask({ type: 'PureCloud.changestate', data: { state: 'HOLD', interactionId: '1234' } })`)
	if o := <-orders; o.Name != "Retrieve" {
		t.Errorf("ordered %s, want Retrieve", o.Name)
	}
}
