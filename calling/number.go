package calling

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Number is a telephone number and what its digits say about where its owner may be. The zero value is no number.
type Number struct {
	// E164 is the number with a plus and its country code, such as +12125550100.
	E164 string `json:"e164"`
	// Country is the ISO 3166 code of the only country that the number can belong to; empty for numbers of no country
	// (+800), and for such whose area code is not assigned.
	Country string `json:"country,omitempty"`
	// Zones are the time zones that the number may be in, as libphonenumber's map has them: IANA names; several for
	// mobile numbers of wide countries. None when the map does not know.
	Zones []string `json:"zones,omitempty"`
	// Broad says that the digits behind the country code tell nothing about the zone although the country code stands for
	// several, as with toll-free numbers of North America.
	Broad bool `json:"broad,omitempty"`
}

// ErrNumber says that a text is no telephone number.
var ErrNumber = errors.New("not a telephone number")

// ReadNumber understands a number as somebody in the region (such as US; empty when there is none) would write it. The
// error never holds it. It takes some microseconds, much longer than a decision.
func ReadNumber(text, region string) (Number, error) {
	parsed, err := phonenumbers.Parse(text, strings.ToUpper(region))
	if err != nil {
		return Number{}, ErrNumber // the library's error may quote the text
	}
	if !phonenumbers.IsPossibleNumber(parsed) {
		return Number{}, fmt.Errorf("%w: wrong length", ErrNumber)
	}
	n := Number{E164: phonenumbers.Format(parsed, phonenumbers.E164)}
	if country := phonenumbers.GetRegionCodeForNumber(parsed); len(country) == 2 {
		n.Country = country
	}
	zones, err := phonenumbers.GetTimezonesForPrefix(n.E164)
	if err != nil {
		return Number{}, fmt.Errorf("time zones of a number: %w", err)
	}
	n.Zones = known(zones)
	if whole, err := phonenumbers.GetTimezonesForPrefix(strconv.Itoa(int(parsed.GetCountryCode()))); err == nil {
		n.Broad = len(n.Zones) > 1 && slices.Equal(zones, whole)
	}
	return n, nil
}

func known(zones []string) []string {
	return slices.DeleteFunc(slices.Clone(zones), func(z string) bool { return z == phonenumbers.UNKNOWN_TIMEZONE })
}
