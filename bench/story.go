package bench

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// story is one kind of call: what is told of it, and what has to come of it by the recommended workflows.
type story struct {
	name string
	mode string
	told []string // the events, in order
	// stored is how many events the journal has of it: those told, and the end of a side talk that nobody tells.
	stored int
	// What has to come of it: pops of the customer's record, pages, and finished call logs.
	pops, pages, logs int
	// The events at whose moments the customer's log is made and finished.
	made, finished string
}

// eventsPerCall is what a plain predictive call on Finesse brings: OTHER_IN ALERTING, and PREDICTIVE_OUTBOUND ALERTING,
// ACTIVE, WRAP_UP and DROPPED.
const eventsPerCall = 5

// ciscoStory is a plain predictive call on Finesse. The first event has no mode yet and waits for the next message.
var ciscoStory = story{
	name: "predictive", told: []string{"ALERTING", "ALERTING", "ACTIVE", "WRAP_UP", "DROPPED"},
	stored: 5, pops: 1, pages: 1, logs: 1, made: "ACTIVE", finished: "DROPPED",
}

// dialerStories are the calls that a dialer can tell.
var dialerStories = []story{
	{
		name: "predictive", mode: "Predictive", told: []string{"CustAnswered", "Hold", "CustAnswered", "ACW", "DROPPED"},
		stored: 5, pops: 1, pages: 1, logs: 1, made: "CustAnswered", finished: "DROPPED",
	},
	{
		name: "preview", mode: "Preview", told: []string{"Preview", "Initiate", "CustAnswered", "ACW", "DROPPED"},
		stored: 5, pops: 1, pages: 1, logs: 1, made: "CustAnswered", finished: "DROPPED",
	},
	{ // the side talk pops and is logged on its own
		name: "consult", mode: "Preview", told: []string{"Preview", "Initiate", "CustAnswered", "Hold", "Consult", "Conference", "CustAnswered", "ACW", "DROPPED"},
		stored: 10, pops: 2, pages: 2, logs: 2, made: "CustAnswered", finished: "DROPPED",
	},
}

// mix is how often each story is told: as many places in a round as its weight.
type mix []*story

// readMix reads "predictive=8,preview=1,consult=1".
func readMix(text string, known []story) (mix, error) {
	var m mix
	for part := range strings.SplitSeq(text, ",") {
		name, number, weighted := strings.Cut(strings.TrimSpace(part), "=")
		weight := 1
		if weighted {
			var err error
			if weight, err = strconv.Atoi(number); err != nil || weight < 0 || weight > 1000 {
				return nil, fmt.Errorf("bench: %q is no weight of a story", number)
			}
		}
		i := slices.IndexFunc(known, func(s story) bool { return s.name == name })
		if i < 0 {
			var names []string
			for _, s := range known {
				names = append(names, s.name)
			}
			return nil, fmt.Errorf("bench: there is no story %q; there are: %s", name, strings.Join(names, ", "))
		}
		for range weight {
			m = append(m, &known[i])
		}
	}
	if len(m) == 0 {
		return nil, fmt.Errorf("bench: the mix %q has no story", text)
	}
	return m, nil
}

// of is the story of the n-th call.
func (m mix) of(n int) *story { return m[n%len(m)] }

// events is how many a call has on average.
func (m mix) events() float64 {
	n := 0
	for _, s := range m {
		n += len(s.told)
	}
	return float64(n) / float64(len(m))
}
