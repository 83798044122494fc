// Package http holds the step that sends a request to somebody else's server and makes the answer known to the steps after
// it.
//
// Where requests may go is the administrator's to say ([Config]): a workflow cannot reach an origin that is not listed,
// whatever a call's data says, and a listed name that resolves to an address inside the network is refused when the
// connection is made, unless it is listed as internal. Redirects are not followed. Credentials are named in workflows and
// bound to one origin in the configuration, so that no workflow can send them elsewhere.
//
// A step may be performed again after a crash or a lost answer. It then sends the same Idempotency-Key, and the receiver
// that knows it does the work once.
package http

import "cordboard/workflow"

// Spec describes what a workflow may write about the step.
func Spec() workflow.Spec {
	return workflow.Spec{
		Kind: "http", Lane: workflow.WorkLane, Title: "HTTP request", Primary: "url",
		Doc: "Sends a request to an address of an origin that the configuration allows. 2xx is success; 408, 425, 429 and 5xx are tried again, not before the answer's Retry-After; any other answer needs a person. A request may be sent more than once, always with the same `Idempotency-Key`.",
		Args: []workflow.Arg{
			{Name: "url", Type: workflow.URL, Required: true, Doc: "The address. Its origin has to be among `http.origins` or `http.internal_origins` of the configuration.", Example: "https://api.example.com/calls/${call.id}"},
			{Name: "method", Type: workflow.Enum, Enum: []string{"GET", "POST", "PUT", "PATCH", "DELETE"}, Default: "POST", Doc: "The method.", Example: "PUT"},
			{Name: "headers", Type: workflow.Map, Doc: "Further headers. Credentials do not belong here, see `auth`.", Example: "{ X-Tenant: acme }"},
			{Name: "body", Type: workflow.JSON, Doc: "What is sent: a mapping or a list as JSON, a text as it is. A field that is only an expression and turns out empty is left out.", Example: `{ number: "${call.customer}", tags: [winback] }`},
			{Name: "auth", Type: workflow.Text, Doc: "The name of one of `http.credentials` of the configuration, which belongs to the address's origin.", Example: "billing"},
			{Name: "ok", Type: workflow.Words, Doc: "Further statuses that are no failure.", Example: "[404, 409]"},
			{Name: "timeout", Type: workflow.Duration, Default: "10s", Doc: "How long the whole answer may take; at most a minute.", Example: "3s"},
			{Name: "as", Type: workflow.Name, Doc: "A name for the answer. Later steps of the workflow on the same leg see it as `reply.NAME.status`, `reply.NAME.body` (JSON of up to 16 KiB) and `reply.NAME.headers`.", Example: "score"},
		},
	}
}
