package desk_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"cordboard/config"
	"cordboard/desk"
	"cordboard/desk/signin"
	"cordboard/screen"
	"cordboard/sim/salesforce"
	"cordboard/sim/stage/stagetest"
)

// withOrg lets the panels of a world sign in at a simulated org.
func withOrg(t *testing.T) (org *salesforce.Server, add func(*world, *http.ServeMux)) {
	t.Helper()
	org = salesforce.New(salesforce.Config{ClientID: "app", ClientSecret: "s3cret", Username: anna})
	stagetest.Run(t, org)
	return org, func(w *world, mux *http.ServeMux) {
		cfg := signin.Config{Issuer: org.URL(), ClientID: "app", ClientSecret: config.NewSecret("s3cret"), URL: w.panelAddress()}
		office, err := signin.New(cfg, desk.Files(), w.tickets, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		mux.Handle("GET "+signin.Path, office)
		mux.Handle("GET "+signin.Path+"/", office)
		mux.Handle("POST "+signin.SessionPath, office)
		w.signIn = signin.Path
	}
}

// window attaches to a window that a panel has opened, and which is at an address by now.
func (w *world) window(from *tab, at string) *tab {
	w.t.Helper()
	var id target.ID
	await(w.t, "the window", func() bool {
		list, err := chromedp.Targets(from.ctx)
		if err != nil {
			return false
		}
		for _, i := range list {
			if i.Type == "page" && strings.HasPrefix(i.URL, at) {
				id = i.TargetID
			}
		}
		return id != ""
	})
	ctx, cancel := chromedp.NewContext(from.ctx, chromedp.WithTargetID(id))
	w.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		w.t.Fatal(err)
	}
	return &tab{t: w.t, ctx: ctx}
}

// An agent whose panel stands in a frame of another site signs in at the org in a window of its own, and stays signed in over
// a reload and a lost socket, without a cookie in the frame.
func TestSignInFromAFrame(t *testing.T) {
	org, add := withOrg(t)
	w := newWorld(t, add)
	page := w.open(address(w.console))
	panel := w.panel(page)
	panel.until(shows("A window opens for it"))
	page.shoot("panel-signin-provider")

	panel.until(press("signin") + `, true`)
	login := w.window(page, org.URL())
	login.until(`document.querySelector('[name=deny]') !== null`)
	login.do(`document.querySelector('[name=deny]').click()`)
	panel.until(shows("The log-in service said no."))
	w.window(page, w.panelAddress()+signin.Path).do(`window.close()`)

	panel.until(press("signin") + `, true`)
	login = w.window(page, org.URL())
	login.until(`document.querySelector('[name=username]') !== null`)
	login.do(`document.querySelector('[name=username]').value = '` + anna + `'; document.querySelector('button').click()`)
	panel.until(shows("Connected"))
	if tabs := w.hub.Tabs(); len(tabs) != 1 || tabs[0].Agent != anna {
		t.Fatalf("at the hub: %+v", tabs)
	}
	outcome(t, w.show(contactPop("first")), screen.Shown)

	page.run(chromedp.Reload())
	await(t, "the reloaded panel", func() bool { return len(w.hub.Tabs()) == 1 })
	outcome(t, w.show(contactPop("second")), screen.Shown)
	kept := `document.cookie + Object.entries(localStorage).flat().filter((s) => s.includes(sessionStorage['cordboard.session']))`
	if secret := eval[string](w.panel(page), kept); secret != "" {
		t.Errorf("the frame keeps %s where other windows find it", secret)
	}
}
