package genesys

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
)

// entityID is the id of something that the org has from the start: the same in every run, and as opaque as a real one.
func entityID(kind string, n int) string {
	sum := sha1.Sum(fmt.Appendf(nil, "cordboard genesys %s %d", kind, n))
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	return formatUUID(sum[:16])
}

// newID is a random UUID, for what comes into being while the org runs.
func newID() string {
	var b [16]byte
	for i := 0; i < 16; i += 8 {
		v := rand.Uint64()
		for j := range 8 {
			b[i+j] = byte(v >> (8 * j))
		}
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return formatUUID(b[:])
}

func formatUUID(b []byte) string {
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	out[8] = '-'
	hex.Encode(out[9:13], b[4:6])
	out[13] = '-'
	hex.Encode(out[14:18], b[6:8])
	out[18] = '-'
	hex.Encode(out[19:23], b[8:10])
	out[23] = '-'
	hex.Encode(out[24:36], b[10:16])
	return string(out[:])
}

// contactID has the form of contacts' ids: 32 hexadecimal digits without dashes.
func contactID(list string, n int) string {
	sum := sha1.Sum(fmt.Appendf(nil, "cordboard genesys contact %s %d", list, n))
	return hex.EncodeToString(sum[:16])
}
