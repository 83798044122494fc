package salesforce

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"cordboard/crm"
)

// Inspect looks at everything in the org that Cordboard depends on, for a person who sets it up: signing in, the API
// version, the user, what is left of the limits, what workflows need of each object, and active duplicate rules. It costs
// some five requests, and one for each object. Whatever goes wrong is a finding, in the order in which to mend it.
func (c *Client) Inspect(ctx context.Context, needs ...Need) []Finding {
	if _, err := c.session.get(ctx); err != nil {
		return []Finding{signInRefused(err)}
	}
	flow := "client credentials"
	if !c.cfg.Key.IsZero() {
		flow = "JWT bearer"
	}
	findings := []Finding{{OK, "sign-in", "the org gives a token (" + flow + ")", ""}}
	findings = append(findings, c.inspectVersion(ctx), c.inspectUser(ctx))
	findings = append(findings, c.inspectLimits(ctx)...)
	found, err := c.Check(ctx, needs...)
	findings = append(findings, found...)
	if err != nil {
		findings = append(findings, unseen("objects", err, ""))
		if crm.KindOf(err) == crm.Denied {
			findings[len(findings)-1] = Finding{Missing, "objects", said(err), "give the user the permission API Enabled, which is in " + PermissionSet}
		}
	}
	return append(findings, c.inspectRules(ctx, needs))
}

func unseen(about string, err error, do string) Finding {
	return Finding{Unseen, about, "the org does not tell: " + said(err), do}
}

// said is the org's own word for what it refused.
func said(err error) string { return strings.TrimPrefix(err.Error(), "crm: ") }

// signInAdvice says what to do about an OAuth refusal ("OAuth 2.0 JWT Bearer Flow" and "OAuth 2.0 Client Credentials Flow",
// Salesforce Help), by a part of what the org said; the first that fits counts.
var signInAdvice = []struct{ part, do string }{
	{"invalid_client_id", "check client_id: it is the consumer key of the External Client App, and a new app takes some minutes to be known"},
	{"invalid_client:", "check client_secret"},
	{"hasn't approved", "let administrators pre-authorise users in the app's policies, and assign the app's permission set to the user; check username, and that the user is active"},
	{"no client credentials user", "choose the user to run as in the app's policies, and enable the client credentials flow"},
	{"audience", "leave audience out, or set https://login.salesforce.com, or https://test.salesforce.com for a sandbox"},
	{"invalid assertion", "check that key belongs to the certificate that was uploaded to the app"},
	{"expired", "check this machine's clock"},
	{"certificate", "the certificate of the org's address is not trusted here: check url, and what stands between"},
	{"no-answer", "check url and login_url, and that this machine may reach them"},
}

func signInRefused(err error) Finding {
	what := said(asError(err))
	for _, a := range signInAdvice {
		if strings.Contains(what, a.part) {
			return Finding{Missing, "sign-in", what, a.do}
		}
	}
	return Finding{Missing, "sign-in", what, "check the External Client App and the section salesforce of the configuration"}
}

func (c *Client) inspectVersion(ctx context.Context) Finding {
	const about = "API version"
	var served []struct {
		Version string `json:"version"`
	}
	if _, err := c.call(ctx, c.describes, http.MethodGet, "/services/data", nil, &served); err != nil || len(served) == 0 {
		return unseen(about, cmp.Or(err, error(&crm.Error{Kind: crm.Busy, Code: "empty"})), "check url: it is the org's My Domain")
	}
	newest := "v" + served[len(served)-1].Version
	for _, v := range served {
		if "v"+v.Version == c.cfg.Version {
			return Finding{OK, about, fmt.Sprintf("%s; the org's newest is %s", c.cfg.Version, newest), ""}
		}
	}
	return Finding{Missing, about, fmt.Sprintf("the org does not serve %s; its newest is %s", c.cfg.Version, newest), "set salesforce.version"}
}

func (c *Client) inspectUser(ctx context.Context) Finding {
	const about = "user"
	var user struct {
		Username string `json:"preferred_username"`
		Active   *bool  `json:"active"`
	}
	switch _, err := c.call(ctx, c.describes, http.MethodGet, "/services/oauth2/userinfo", nil, &user); {
	case err != nil:
		return unseen(about, err, "the app's scope openid would show it; Cordboard does without")
	case user.Active != nil && !*user.Active:
		return Finding{Missing, about, user.Username + " is not active", "activate it, or choose another"}
	}
	return Finding{OK, about, "Cordboard works as " + user.Username, ""}
}

// lowStorage is the share of the org's storage below which writes may soon fail.
const lowStorage = 0.01

// inspectLimits looks at what is left of the daily requests and of the storage ("Limits", REST API Developer Guide). A user
// who may not ask for limits still sees the requests: every answer tells of them.
func (c *Client) inspectLimits(ctx context.Context) []Finding {
	var limits map[string]struct{ Max, Remaining int }
	_, err := c.call(ctx, c.describes, http.MethodGet, "/limits", nil, &limits)
	u := c.usage.now()
	if day, ok := limits["DailyApiRequests"]; ok {
		u = Usage{Used: day.Max - day.Remaining, Max: day.Max, At: time.Now()}
	}
	findings := []Finding{c.inspectRequests(u, err)}
	switch storage, ok := limits["DataStorageMB"]; {
	case !ok:
		findings = append(findings, Finding{Unseen, "storage", "the org does not tell what is left", "the permission View Setup and Configuration would show it; Cordboard does without"})
	case float64(storage.Remaining) < lowStorage*float64(storage.Max):
		findings = append(findings, Finding{Missing, "storage", fmt.Sprintf("%d of %d MB are left", storage.Remaining, storage.Max), "make room: without it the org takes no more records"})
	default:
		findings = append(findings, Finding{OK, "storage", fmt.Sprintf("%d of %d MB are left", storage.Remaining, storage.Max), ""})
	}
	return findings
}

func (c *Client) inspectRequests(u Usage, err error) Finding {
	const about = "daily requests"
	left := fmt.Sprintf("%d of %d are left in these 24 hours", u.Max-u.Used, u.Max)
	own := c.cfg.Budget * float64(u.Max)
	switch {
	case u.Max == 0 && err != nil && crm.KindOf(err) == crm.Limited:
		return Finding{Missing, about, said(err), "wait, or have the quota raised: records wait meanwhile and are not lost"}
	case u.Max == 0:
		return Finding{Unseen, about, "the org does not tell what is left", ""}
	case u.Share() >= c.cfg.PauseAt:
		return Finding{Missing, about, left + ": records wait until there are more", "find out what uses them, or have the quota raised"}
	case float64(u.Max-u.Used) < own:
		return Finding{Missing, about, left + fmt.Sprintf(", less than Cordboard's own budget of %.0f", own), "find out what uses them, lower salesforce.budget, or have the quota raised"}
	}
	return Finding{OK, about, left, ""}
}

// inspectRules looks for active duplicate rules of the objects that are written ("DuplicateRule", Object Reference).
func (c *Client) inspectRules(ctx context.Context, needs []Need) Finding {
	const about = "duplicate rules"
	var rows struct {
		Records []struct{ SobjectType, DeveloperName string }
	}
	soql := "SELECT SobjectType, DeveloperName FROM DuplicateRule WHERE IsActive = true"
	if _, err := c.call(ctx, c.describes, http.MethodGet, "/query?q="+url.QueryEscape(soql), nil, &rows); err != nil {
		return unseen(about, err, "the permission View Setup and Configuration would show them; look in Setup")
	}
	var ours []string
	for _, r := range rows.Records {
		if slices.ContainsFunc(needs, func(n Need) bool { return n.Write && n.Object == r.SobjectType }) {
			ours = append(ours, r.SobjectType+" "+r.DeveloperName)
		}
	}
	if len(ours) == 0 {
		return Finding{OK, about, "none is active for what workflows write", ""}
	}
	slices.Sort(ours)
	return Finding{OK, about, "active: " + strings.Join(ours, ", "), "where one blocks a create, the record that it names is updated in its place"}
}
