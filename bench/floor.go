package bench

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cordboard/call"
)

// floorTime is how long each part of the floor is measured.
const floorTime = 300 * time.Millisecond

// measureFloor finds what the machine can do at best: nothing durable is quicker than its disk, nothing that reads JSON
// quicker than decoding it.
func measureFloor(dir string) (Floor, error) {
	fsyncs, err := fsyncRate(filepath.Join(dir, "fsync"))
	return Floor{Fsyncs: fsyncs, Decodes: decodeRate()}, err
}

func fsyncRate(file string) (float64, error) {
	f, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer os.Remove(file)
	defer f.Close()
	page := make([]byte, 4096)
	return rate(func() error {
		if _, err := f.Write(page); err != nil {
			return err
		}
		return f.Sync()
	})
}

func decodeRate() float64 {
	now := time.Now().UTC()
	usual, err := json.Marshal(call.Event{
		ID: "1001001/33554433/PREDICTIVE_OUTBOUND/ACTIVE/1b2m2y8", Connection: "finesse", Platform: call.Cisco, Ref: "33554433",
		Leg: "1001001", Role: call.CustomerLeg, Agent: "1001001", Extension: "2001", Mode: call.Predictive, CallType: "PREDICTIVE_OUTBOUND",
		Name: "ACTIVE", Phase: call.Answered, At: now, Received: now, Customer: "12015550100", Direction: "outbound",
		Campaign: "Spring renewals", Vars: map[string]string{"LCMKey": "57|3|1", "BACampaign": "Spring renewals",
			"callVariable1": strings.Repeat("x", 30), "callVariable2": strings.Repeat("y", 30)},
	})
	if err != nil {
		panic(err) // plain data
	}
	r, err := rate(func() error {
		var ev call.Event
		return json.Unmarshal(usual, &ev)
	})
	if err != nil {
		panic(err) // it was encoded just above
	}
	return r
}

// rate is how often do can be done in a second.
func rate(do func() error) (float64, error) {
	n, begin := 0, time.Now()
	for time.Since(begin) < floorTime {
		if err := do(); err != nil {
			return 0, err
		}
		n++
	}
	return float64(n) / time.Since(begin).Seconds(), nil
}
