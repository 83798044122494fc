package salesforce

import "regexp"

// nameForm is what an object's or field's API name looks like.
var nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)

// prefixes are the objects of the key prefixes that every org has ("Standard Object Prefixes"). Custom objects' prefixes
// differ by org.
var prefixes = map[string]string{
	"001": "Account", "003": "Contact", "005": "User", "006": "Opportunity", "00Q": "Lead", "00T": "Task", "00U": "Event",
	"500": "Case", "701": "Campaign", "801": "Order", "02i": "Asset",
}

// ObjectOf is the object of a record, by its id; "" when ids of that kind differ by org.
func ObjectOf(id string) string {
	if len(id) < 3 {
		return ""
	}
	return prefixes[id[:3]]
}

const idDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// ValidID reports whether id looks like a record id: 15 letters and digits, or 18. The last three of 18 are not checked:
// the org knows better, and says so.
func ValidID(id string) bool {
	if len(id) != 15 && len(id) != 18 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return true
}

// checksum returns the three characters that make a case-sensitive id of 15 a case-safe one of 18: each holds which of
// five characters are capitals (inferred from published conversion formulas).
func checksum(id string) string {
	var out [3]byte
	for part := range out {
		bits := 0
		for i := range 5 {
			if c := id[part*5+i]; c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		out[part] = idDigits[bits]
	}
	return string(out[:])
}

// longID returns the 18-character form of a valid id, so that two spellings of one record are one.
func longID(id string) string {
	if len(id) == 15 {
		return id + checksum(id)
	}
	return id
}

// RecordURL returns the path at which Lightning Experience shows a record, relative to the org.
func RecordURL(object, id string) string { return "/lightning/r/" + object + "/" + id + "/view" }

// nameField returns the field that people call a record by.
func nameField(object string) string {
	switch object {
	case "Case":
		return "CaseNumber"
	case "Task", "Event":
		return "Subject"
	}
	return "Name"
}
