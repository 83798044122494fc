package webex

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
)

// The organization's furniture. Everything is made up.
const (
	orgID        = "0a000000-0000-4000-8000-0000000000aa"
	teamID       = "d0000000-0000-4000-8000-0000000000d1"
	teamName     = "Renewals"
	siteID       = "d0000000-0000-4000-8000-0000000000d2"
	siteName     = "Main_Site"
	profileID    = "b0000000-0000-4000-8000-0000000000b1"
	entryPointID = "e0000000-0000-4000-8000-0000000000e1"
	queueID      = "c0000000-0000-4000-8000-0000000000c1"
	queueName    = "Renewals_Q"
	secondQueue  = "c0000000-0000-4000-8000-0000000000c2"
	secondName   = "Claims_Q"
	workflowID   = "640000000000000000000001"
	workflowName = "Renewals_Flow"
	idleCodeID   = "70000000-0000-4000-8000-0000000000a0"
	ronaCodeID   = "70000000-0000-4000-8000-0000000000a1"
	wrapUpCodeID = "70000000-0000-4000-8000-000000000071"
	ownNumber    = "+15555550199" // what customers dial, and what they see when they are called
	queueManager = "aqm"
)

// queueNames are the queues that a contact can be in or be transferred to.
var queueNames = map[string]string{queueID: queueName, secondQueue: secondName}

// agentID is the id of the n-th agent, counted from 0.
func agentID(n int) string { return fmt.Sprintf("a0000000-0000-4000-8000-%012x", n+1) }

// ids makes random ids quickly. Guarded by Server.mu.
type ids struct{ random *mathrand.ChaCha8 }

func newIDs() ids {
	var seed [32]byte
	_, _ = rand.Read(seed[:])
	return ids{mathrand.NewChaCha8(seed)}
}

// uuid is a random UUID of version 4.
func (i ids) uuid() string {
	const hex = "0123456789abcdef"
	var raw [16]byte
	binary.LittleEndian.PutUint64(raw[:8], i.random.Uint64())
	binary.LittleEndian.PutUint64(raw[8:], i.random.Uint64())
	raw[6], raw[8] = raw[6]&0x0f|0x40, raw[8]&0x3f|0x80
	out := make([]byte, 0, 36)
	for n, b := range raw {
		if n == 4 || n == 6 || n == 8 || n == 10 {
			out = append(out, '-')
		}
		out = append(out, hex[b>>4], hex[b&15])
	}
	return string(out)
}

// tracking is an id for an error's answer.
func tracking(prefix string) string {
	text := strings.ToLower(rand.Text())
	return prefix + text[:8] + "-" + text[8:12] + "-4" + text[12:15] + "-8" + text[15:18] + "-" + text[14:26]
}
