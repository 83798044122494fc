package contact

import (
	"cordboard/calling"
	"cordboard/workflow"
)

// The kinds of the steps.
const (
	kindGet    = "contact.get"
	kindCheck  = "contact.check"
	kindSubmit = "contact.submit"
)

// Specs describes what a workflow may write about the steps.
func Specs() []workflow.Spec {
	contact := workflow.Arg{Name: "contact", Type: workflow.Expression, Required: true, Doc: "The contact as `contact.get` has read it.", Example: "reply.contact.body"}
	var purposes []string
	for _, p := range calling.Purposes() {
		purposes = append(purposes, string(p))
	}
	whom := []workflow.Arg{
		{Name: "purpose", Type: workflow.Enum, Enum: purposes, Doc: "What the call is for; without it the rules of all purposes hold.", Example: "service"},
		{Name: "country", Type: workflow.Text, Doc: "The country of the person's address, if it is known: the number's own counts in any case.", Example: "${reply.contact.body.data.Country}"},
		{Name: "state", Type: workflow.Text, Doc: "The state of the address.", Example: "${reply.contact.body.data.State}"},
		{Name: "zone", Type: workflow.Text, Doc: "The time zone of the address: those of the list and of the number count in any case.", Example: "${reply.contact.body.data.TimeZone}"},
		{Name: "mode", Type: workflow.Text, Default: "${call.mode}", Doc: "How the contact is called.", Example: "preview"},
		{Name: "hours", Type: workflow.Text, Doc: "At which hours of each day, by the contact's clock, beside what the calling policy allows.", Example: "${reply.policy.row.window}"},
		{Name: "most", Type: workflow.Text, Doc: "How often the contact may be submitted in its life, where the calling policy allows more.", Example: "${reply.policy.row.attempts}"},
		{Name: "per_day", Type: workflow.Text, Doc: "The same for any 24 hours.", Example: "2"},
	}
	return []workflow.Spec{
		{
			Kind: kindGet, Lane: workflow.LaterLane, Title: "Read the contact",
			Doc: "Reads a contact of a platform's list. Lists are told of attempts late: with `attempt` it is read again, with growing pauses, until its newest attempt is not older than that.",
			Args: []workflow.Arg{
				{Name: "list", Type: workflow.Text, Default: "${call.vars.dialerContactListId}", Doc: "The list's id.", Example: "${call.vars.dialerContactListId}"},
				{Name: "id", Type: workflow.Text, Default: "${call.vars.dialerContactId}", Doc: "The contact's id.", Example: "${call.vars.dialerContactId}"},
				{Name: "connection", Type: workflow.Text, Default: "${call.connection}", Doc: "The connection whose list it is.", Example: "genesys"},
				{Name: "attempt", Type: workflow.Text, Doc: "How new its newest attempt has to be: a time as in RFC 3339.", Example: "${call.startedAt}"},
				{Name: "within", Type: workflow.Duration, Default: "15m", Doc: "For how long to wait for that attempt; then the rule ends.", Example: "5m"},
				{Name: "as", Type: workflow.Name, Doc: "A name for the contact. Later steps of the workflow on the same leg see it as `reply.NAME.body`: `id`, `list`, `callable`, `created`, `lastAttempt`, `lastResult`, `data`, `zones`.", Example: "contact"},
			},
		},
		{
			Kind: kindCheck, Lane: workflow.LaterLane, Title: "May be called again?", Primary: "contact",
			Doc:  "Asks the calling policy about a time to come, for the story of the call: whoever may not be called at all is not waited for. What counts is what `contact.submit` asks when the time has come.",
			Args: append([]workflow.Arg{contact, {Name: "in", Type: workflow.Duration, Doc: "About when: in how long.", Example: "240m"}}, whom...),
		},
		{
			Kind: kindSubmit, Lane: workflow.LaterLane, Title: "Submit the contact again", Primary: "contact",
			Doc: "Puts the contact into its list again, with its id and its data, so that the dialer takes it once more. It is read again right before: one that is gone, not callable any more, or was called or changed by somebody else since it was read is left alone. The calling policy is asked, and what it says counts: outside the hours it is moved to the next minute that is allowed. It is done once, also after a crash.",
			Args: append([]workflow.Arg{
				contact,
				{Name: "priority", Type: workflow.Bool, Default: false, Doc: "Puts it at the front of the queue.", Example: "true"},
				{Name: "clear_system_data", Type: workflow.Bool, Default: false, Warn: "clear_system_data makes the platform forget its attempts: its own limits on attempts and callable times begin anew", Doc: "Makes the platform forget its attempts, and with them its own limits. The calling policy's limits stay.", Example: "true"},
				{Name: "expires", Type: workflow.Duration, Default: "24h", Doc: "How late it may still be submitted.", Example: "2h"},
			}, whom...),
		},
	}
}
