// Package catalog knows which events each platform can send to a workflow, what they mean and what is recommended
// for them.
//
// Its facts are the two tables, "Supported Events for Salesforce Workflow Configuration" and "Recommended Workflow
// Configurations", of Acqueon's pages "Cisco" and "Amazon Connect" (tethered, and HVOC or untethered). They are
// embedded as tab-separated files: supported/<platform>.tsv and recommended/<platform>.tsv. Call types and events are
// spelled as the pages spell them and compared without case. Legs, phases and the folding of recommendations onto rows
// are our reading of the pages; everything else is theirs.
//
// Webex and Genesys publish no such table. Their rows, words/<platform>.tsv, are our words for what their notifications
// show, with our own recommendations; each file names its sources, and [Catalog.Own] tells such rows from a vendor's.
//
// # Rows, keys and legs
//
// A key is (platform, mode, call type, event). The pages name 132 keys: Cisco 76, Connect tethered 30, Connect HVOC
// 26. Where a page gives one key several meanings (several bullets, or the key listed twice), each meaning that
// happens on another leg is a [Row] of its own; bullets about the same leg are joined by "; ". So a key has one row
// per leg, the customer's first.
//
// Leg decisions:
//
//   - A preview or reservation that is a dialog of its own (Cisco) is the reservation leg. Where preview and call are
//     one contact (Connect), and for OTHER_IN, whose dialog becomes the customer's (inferred), it is the customer leg.
//   - CONSULT, and OUT after it (Predictive, Progressive, Inbound), is the consult leg on either agent's side. So is
//     the tethered and HVOC call type Inbound under Manual Outbound, which the pages describe as the consult call.
//   - CONFERENCE is the conference leg, also on the first agent's side. The second PREDICTIVE_OUTBOUND ACTIVE, which
//     the Cisco page lists after CONFERENCE DROPPED, is the same leg back with the customer alone (inferred).
//   - CustAnswered (tethered) is the customer, conference or transfer leg by the scenario that its bullets name.
//   - ACW and DROPPED of Connect's inbound mode hold "including Consult and Transfer calls": one row, the customer's,
//     that answers for every leg.
//
// # Phases
//
// A phase depends on what happened on the wire, not on the wording of a description where the two differ (Cisco's
// descriptions of its preview modes run one event ahead of the agent's own state).
//
//	phase        Cisco                                           Connect
//	offered      OUTBOUND_PREVIEW, OUTBOUND_DIRECT_PREVIEW,      Preview; connecting (inbound mode)
//	             PREROUTE_ACD_IN: ALERTING
//	reserved     the two previews and *_RESERVATION: ACTIVE;
//	             OTHER_IN ALERTING; AGENT_INSIDE INITIATING
//	accepted     ACCEPTED                                        initiate
//	dialing      AGENT_INSIDE INITIATED;                         connecting (customer leg)
//	             DIRECT_PREVIEW_OUTBOUND INITIATING
//	ringing      OUT INITIATED (customer leg);
//	             DIRECT_PREVIEW_OUTBOUND INITIATED;
//	             PREVIEW_, PREDICTIVE_, PROGRESSIVE_OUTBOUND ALERTING
//	answered     ACTIVE (customer leg)                           CustAnswered (customer, transfer); connected
//	held         HELD                                            Hold
//	consulting   every event of the consult leg before its end   Consult; connecting, connected (consult leg)
//	conferenced  CONFERENCE ACTIVE                               Conference; CustAnswered (conference leg)
//	wrapup       WRAP_UP                                         ACW
//	ended        DROPPED                                         DROPPED
//
// AGENT_INSIDE INITIATING is an agent's phone off the hook: the agent is taken, but no number is known yet, so it is
// reserved and not dialing: "on: dialing" always has a number to look up. A phone ringing at an agent for a caller is
// offered; an answered customer who is being put to the agent is ringing. Ended belongs to a leg: a reservation's
// DROPPED is the end of the reservation, while the call goes on.
//
// The first agent's recommended screen pop is alone in its phase, so that a rule on that phase fires at exactly the
// recommended event:
//
//	mode            Cisco     tethered   HVOC
//	manual          ringing   dialing    dialing
//	preview         offered   offered
//	direct-preview  offered              offered, dialing
//	progressive               answered   answered
//	predictive      ringing   answered   answered
//	inbound                   offered    (consult leg only)
//
// Consult legs pop at consulting everywhere. Only there does a phase span several events of one leg, and the page may
// recommend a later one (Cisco Manual Outbound: ACTIVE, not ALERTING); a rule on a phase is meant to fire when a leg
// enters it, which is then one step early.
//
// # Recommendations
//
// [Catalog.Recommended] keeps all 56 rows of the recommended tables in the pages' own words and names the rows each
// belongs to; [Row].Recommended is folded from them. Tethered Progressive and Predictive say Outbound there where the
// supported table says Regular-Call. Tethered Predictive Consult has no supported row: it is kept and belongs to none.
package catalog
