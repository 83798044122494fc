package salesforce

import (
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"cordboard/call"
)

// fewestDigits is how long a number must be to be looked for: shorter ones are extensions and service numbers, which
// name no customer.
const fewestDigits = 7

// number is a telephone number in the form in which numbers are compared.
type number struct {
	country  int32  // calling code; 0 when the number could not be understood
	national string // the significant digits, without trunk prefix
	ext      string
	explicit bool // the country code was written, not assumed
}

// readNumber understands a number in whatever format, as somebody in the region would. It is false for what is not a
// customer's number: words such as "anonymous", and extensions.
func readNumber(text, region string) (number, bool) {
	text = strings.TrimSpace(text)
	if len(text) > 100 {
		return number{}, false
	}
	text = strings.TrimPrefix(strings.TrimPrefix(text, "sip:"), "tel:")
	text, _, _ = strings.Cut(text, "@")
	if digits := call.Digits(text); len(digits) < fewestDigits {
		return number{}, false
	}
	parsed, err := phonenumbers.Parse(text, region)
	if err != nil {
		return number{national: call.Digits(text)}, true
	}
	n := number{
		country: parsed.GetCountryCode(), national: phonenumbers.GetNationalSignificantNumber(parsed),
		ext: parsed.GetExtension(), explicit: strings.HasPrefix(text, "+") || strings.HasPrefix(text, "00"),
	}
	if len(n.national) < fewestDigits-1 {
		return number{}, false
	}
	return n, true
}

// key names the number in caches.
func (n number) key() string { return fmt.Sprintf("+%d %s;%s", n.country, n.national, n.ext) }

// closeness says how well a record's number fits the asked one.
type closeness int

const (
	unlike closeness = iota
	loose            // the same line; only one of them names an extension
	same             // the same line and the same extension, or none
)

// like compares a record's number, as it is written there, with n. A number written without a country code is read as
// a national one of the asked number's country, too: records hold numbers as people there write them.
func (n number) like(written, region string) closeness {
	best := unlike
	for _, r := range n.regions(region) {
		other, ok := readNumber(written, r)
		if !ok || other.national != n.national {
			continue
		}
		if other.country != n.country && (other.explicit || n.explicit) && other.country != 0 && n.country != 0 {
			continue
		}
		switch {
		case other.ext == n.ext:
			return same
		case other.ext == "" || n.ext == "":
			best = loose
		}
	}
	return best
}

// regions are the countries in whose habits a record's number may be written.
func (n number) regions(region string) []string {
	if own := phonenumbers.GetRegionCodeForCountryCode(int(n.country)); n.country != 0 && own != region {
		return []string{region, own}
	}
	return []string{region}
}
