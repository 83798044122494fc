package salesforce

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cordboard/crm"
)

// Need is what workflows do with one object of the org.
type Need struct {
	Object string
	// Write says that records are created and updated under keys; Create and Update are the fields that they set then.
	Write          bool
	Create, Update []string
	// Find says that records are looked for by a phone number.
	Find bool
}

// State says how one thing in the org stands.
type State string

// The states of a Finding.
const (
	OK      State = "ok"
	Missing State = "missing"
	Unseen  State = "cannot see" // the user may not look there: it may be as it should be, or not
)

// Finding is how one thing in the org stands, and what to do about it.
type Finding struct {
	State State `json:"state"`
	// About is what it is about: an object, Object.Field, or a word such as sign-in.
	About string `json:"about"`
	What  string `json:"what"`
	Do    string `json:"do,omitempty"`
}

// String returns the finding as one line.
func (f Finding) String() string {
	line := f.About + ": " + f.What
	if f.Do != "" {
		line += "; " + f.Do
	}
	return line
}

// keyLength is how long the key field should be: record keys are far shorter, but 255 is the longest and costs nothing.
const keyLength = 80

// Check signs in and looks whether the org is ready for what workflows do: each object is there and may be read or
// written, has the external-id field for keys and the fields that are set. The error is a *crm.Error that says why the org
// could not be asked at all. It also learns the objects' phone fields.
func (c *Client) Check(ctx context.Context, needs ...Need) ([]Finding, error) {
	var findings []Finding
	for _, need := range needs {
		found, err := c.checkObject(ctx, need)
		findings = append(findings, found...)
		if err != nil {
			return findings, err
		}
	}
	return findings, nil
}

func (c *Client) checkObject(ctx context.Context, need Need) ([]Finding, error) {
	object := need.Object
	if !nameForm.MatchString(object) {
		return []Finding{{Missing, object, "this is no object's API name", "correct it in the workflow"}}, nil
	}
	d, err := c.describe(ctx, object)
	switch kind := crm.KindOf(err); {
	case err == nil:
	case kind == crm.Gone || kind == crm.Invalid:
		do := "check the name, and the user's permission set"
		if len(ShippedFields()[object]) > 0 {
			do = "deploy " + shippedIn + "/objects/" + definedOn(object) + assign
		}
		return []Finding{{Missing, object, "the object does not exist, or the integration user may not see it", do}}, nil
	default:
		return nil, err
	}
	var findings []Finding
	if need.Find {
		findings = append(findings, d.checkPhones(object))
	}
	if need.Write {
		findings = append(findings, d.checkRights(object), d.checkKey(object, c.cfg.KeyField))
		findings = append(findings, d.checkFields(need)...)
	}
	return findings, nil
}

const assign = ", and assign the permission set " + PermissionSet + " to the integration user"

func (d *description) checkRights(object string) Finding {
	if d.Createable && d.Updateable {
		return Finding{OK, object, "may be created and edited", ""}
	}
	do := "assign the permission set " + PermissionSet + " to the integration user"
	if len(ShippedFields()[object]) == 0 {
		do = "give it Create and Edit in a permission set"
	}
	return Finding{Missing, object, "the integration user may not create and edit it", do}
}

func (d *description) checkKey(object, field string) Finding {
	key, about := d.field(field), object+"."+field
	switch {
	case key == nil:
		return Finding{Missing, about, "the field is missing, or the integration user may not see it", where(object, field, fmt.Sprintf(
			"create it on %s as Text(%d) with External ID ticked, and give the integration user Read and Edit on it", definedOn(object), keyLength))}
	case !key.ExternalID:
		return Finding{Missing, about, "the field is not an external id", "tick External ID in the field's definition"}
	case !key.Updateable || !key.Createable:
		return Finding{Missing, about, "the integration user may not write the field", where(object, field, "give it Edit on the field in a permission set")}
	case key.Type != "string" || key.Length < keyLength:
		return Finding{Missing, about, "the field is too short or not a text", fmt.Sprintf("make it Text(%d) or longer", keyLength)}
	}
	return Finding{OK, about, "is an external id, and may be written", ""}
}

// checkFields looks at the fields that workflows set: one finding for all that are as they should be, one for each that is
// not. A field that may be set at creation only, such as TaskSubtype, is fine in a create.
func (d *description) checkFields(need Need) []Finding {
	names := slices.Compact(slices.Sorted(slices.Values(slices.Concat(need.Create, need.Update))))
	var fine []string
	var findings []Finding
	for _, name := range names {
		f, about := d.field(name), need.Object+"."+name
		creates, updates := slices.Contains(need.Create, name), slices.Contains(need.Update, name)
		switch {
		case f == nil:
			findings = append(findings, Finding{Missing, about, "a workflow sets the field, but it is missing, or the integration user may not see it",
				where(need.Object, name, "create it, or correct the workflow; where it is there, give the integration user Read and Edit on it")})
		case creates && !f.Createable || updates && !f.Updateable:
			findings = append(findings, Finding{Missing, about, "a workflow sets the field, but the integration user may not write it",
				where(need.Object, name, "give it Edit on the field in a permission set, or correct the workflow")})
		default:
			fine = append(fine, name)
		}
	}
	if len(fine) > 0 {
		findings = append([]Finding{{OK, need.Object, "workflows may set " + strings.Join(fine, ", "), ""}}, findings...)
	}
	return findings
}

func (d *description) checkPhones(object string) Finding {
	if phones := d.phones(); len(phones) > 0 {
		return Finding{OK, object, "is found by " + strings.Join(phones, ", "), ""}
	}
	return Finding{Missing, object, "no phone field can be seen: nobody is found by a number",
		"assign the permission set " + PermissionSet + ", or give the integration user Read on the phone fields"}
}

// where says where a field of the package is; otherwise what to do about one that the package does not have.
func where(object, field, otherwise string) string {
	if file := FieldFile(object, field); file != "" {
		return "deploy " + file + assign
	}
	return otherwise
}
