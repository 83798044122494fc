package salesforce

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"cordboard/call"
)

// phoneKey is digits as a number, with a 1 in front that keeps leading zeros. Digits beyond 18 overflow: whoever finds
// something under a key compares it again.
type phoneKey uint64

func keyOf(digits string) phoneKey {
	key := phoneKey(1)
	for i := range len(digits) {
		key = key*10 + phoneKey(digits[i]-'0')
	}
	return key
}

// keysOf returns under which keys a record's numbers are listed: the national digits as somebody in the region reads
// them, and the digits as they are written where they may be another country's national way of writing.
func keysOf(written []string, region string) []phoneKey {
	var keys []phoneKey
	for _, text := range written {
		n, ok := readNumber(text, region)
		if !ok {
			continue
		}
		national := call.Digits(n.national)
		keys = append(keys, keyOf(national))
		if n.explicit {
			continue
		}
		raw := strings.TrimSuffix(call.Digits(text), n.ext)
		if raw != national && raw != trunk(region)+national { // probes thinks of this one
			keys = append(keys, keyOf(raw))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// spellings are the ways to write the number's digits in a region: with its trunk prefix, and with the country code.
func (n number) spellings(region string) []string {
	country := strconv.Itoa(int(n.country))
	return []string{
		n.national, trunk(region) + n.national, country + n.national, "00" + country + n.national,
	}
}

// trunk is what people in a region dial before a national number.
func trunk(region string) string { return phonenumbers.GetNddPrefixForRegion(region, true) }

// probes returns the keys under which a book of a home region may list records with the number: each of its spellings,
// and what somebody at home takes that for.
func (n number) probes(region, home string) []phoneKey {
	var keys []phoneKey
	for _, r := range n.regions(region) {
		for _, digits := range n.spellings(r) {
			digits = call.Digits(digits)
			keys = append(keys, keyOf(digits), keyOf(strings.TrimPrefix(digits, trunk(home))))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
