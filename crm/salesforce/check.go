package salesforce

import (
	"context"
	"fmt"

	"cordboard/crm"
)

// Finding is something in the org that stands in Cordboard's way, with what to do about it.
type Finding struct {
	Object string
	Field  string // empty when it is about the object
	What   string
	Do     string
}

// String returns the finding as one line.
func (f Finding) String() string {
	where := f.Object
	if f.Field != "" {
		where += "." + f.Field
	}
	return where + ": " + f.What + "; " + f.Do
}

// keyLength is how long the key field should be: record keys are far shorter, but 255 is the longest and costs nothing.
const keyLength = 80

// Check signs in and looks whether the org is ready for writing the objects: each is there and may be created, and has
// the external-id field for keys. It returns what is not as it should be; the error is a *crm.Error that says why the
// org could not be asked at all. It also learns the objects' phone fields.
func (c *Client) Check(ctx context.Context, objects ...string) ([]Finding, error) {
	if len(objects) == 0 {
		objects = []string{"Task"}
	}
	var findings []Finding
	for _, object := range objects {
		if !nameForm.MatchString(object) {
			findings = append(findings, Finding{Object: object, What: "this is no object's API name", Do: "correct it in the workflow"})
			continue
		}
		d, err := c.describe(ctx, object)
		switch kind := crm.KindOf(err); {
		case err == nil:
			findings = append(findings, c.checkObject(object, d)...)
		case kind == crm.Gone || kind == crm.Invalid:
			findings = append(findings, Finding{
				Object: object, What: "the object does not exist, or the integration user may not see it",
				Do: "check the name, and the user's permission set",
			})
		default:
			return findings, err
		}
	}
	return findings, nil
}

func (c *Client) checkObject(object string, d *description) []Finding {
	var findings []Finding
	add := func(field, what, do string) {
		findings = append(findings, Finding{Object: object, Field: field, What: what, Do: do})
	}
	if !d.Createable || !d.Updateable {
		add("", "the integration user may not create and edit it", "give it Create and Edit in a permission set")
	}
	key := d.field(c.cfg.KeyField)
	switch {
	case key == nil:
		on := object
		if object == "Task" || object == "Event" {
			on = "Activity"
		}
		add(c.cfg.KeyField, "the field is missing, or the integration user may not see it", fmt.Sprintf(
			"create it on %s as Text(%d) with External ID ticked, and give the integration user Read and Edit on it", on, keyLength))
	case !key.ExternalID:
		add(key.Name, "the field is not an external id", "tick External ID in the field's definition")
	case !key.Updateable || !key.Createable:
		add(key.Name, "the integration user may not write the field", "give it Edit on the field in a permission set")
	case key.Type != "string" || key.Length < keyLength:
		add(key.Name, "the field is too short or not a text", fmt.Sprintf("make it Text(%d) or longer", keyLength))
	}
	return findings
}
