package salesforce

import "strings"

// Field types, in the words of describe.
const (
	typeID        = "id"
	typeString    = "string"
	typeText      = "textarea"
	typePhone     = "phone"
	typeEmail     = "email"
	typeURL       = "url"
	typePicklist  = "picklist"
	typeBoolean   = "boolean"
	typeInt       = "int"
	typeDouble    = "double"
	typeCurrency  = "currency"
	typeDate      = "date"
	typeDateTime  = "datetime"
	typeReference = "reference"
)

// field is one column of an object, as describe tells it.
type field struct {
	name, label, typ string
	length           int // characters for text, digits for int
	required         bool
	createable       bool
	updateable       bool
	externalID       bool
	unique           bool
	indexed          bool     // equality in SOQL does not scan
	nameField        bool     // searched IN NAME FIELDS
	filterable       bool     // may stand in WHERE
	restricted       bool     // picklist takes only its values
	values           []string // of a picklist
	refs             []string // object names a reference may point to
	relation         string   // relationship name: Who for WhoId
	deflt            any
}

// object is one sObject type: its columns by name and in order.
type object struct {
	name, label, plural, prefix string
	custom                      bool
	fields                      []*field
	byName                      map[string]*field // by exact and by lower-case name
	byRelation                  map[string]*field // by lower-case relationship name
	phones                      []*field
	indexes                     []*field
	hidden                      map[string]bool // lower-case names taken away by a fault
	locked                      map[string]bool // lower-case names that a fault lets nobody write; "" is the whole object
}

// field finds a column by name without regard to case; a hidden one is as good as absent.
func (o *object) field(name string) *field {
	f := o.byName[name]
	if f == nil {
		f = o.byName[strings.ToLower(name)]
	}
	if f == nil || (len(o.hidden) > 0 && o.hidden[strings.ToLower(f.name)]) {
		return nil
	}
	return f
}

// writable says whether the integration user may create and update the object; may, whether so with a field.
func (o *object) writable() bool { return !o.locked[""] }

func (o *object) may(f *field) (create, update bool) {
	open := o.writable() && (len(o.locked) == 0 || !o.locked[strings.ToLower(f.name)])
	return open && f.createable, open && f.updateable
}

// option changes a field while it is declared.
type option func(*field)

func required(f *field)   { f.required = true }
func nameField(f *field)  { f.nameField = true }
func indexed(f *field)    { f.indexed = true }
func restricted(f *field) { f.restricted = true }
func createOnly(f *field) { f.updateable = false }
func unique(f *field)     { f.unique = true }

func readOnly(f *field) { f.createable, f.updateable = false, false }

func externalID(f *field) { f.externalID, f.indexed = true, true }

func byDefault(v any) option { return func(f *field) { f.deflt = v } }

func column(name, label, typ string, length int, opts ...option) *field {
	f := &field{name: name, label: label, typ: typ, length: length, createable: true, updateable: true}
	f.filterable = typ != typeText
	for _, o := range opts {
		o(f)
	}
	return f
}

func text(name, label string, length int, opts ...option) *field {
	return column(name, label, typeString, length, opts...)
}

func longText(name, label string, length int) *field { return column(name, label, typeText, length) }

func phone(name, label string) *field { return column(name, label, typePhone, 40) }

func pick(name, label, values string, opts ...option) *field {
	f := column(name, label, typePicklist, 255, opts...)
	f.values = strings.Split(values, "|")
	return f
}

func flag(name, label string, opts ...option) *field {
	return column(name, label, typeBoolean, 0, append([]option{byDefault(false)}, opts...)...)
}

// ref declares a lookup; its relationship name is the field's without Id, or with __r for a custom one.
func ref(name, label, targets string, opts ...option) *field {
	f := column(name, label, typeReference, 18, opts...)
	f.refs = strings.Split(targets, "|")
	f.indexed = true
	if strings.HasSuffix(name, "__c") {
		f.relation = strings.TrimSuffix(name, "c") + "r"
	} else {
		f.relation = strings.TrimSuffix(name, "Id")
	}
	return f
}

// recordKey is our external-id field. It is unique everywhere but on Task: Activity fields cannot be unique.
func recordKey(opts ...option) *field {
	return text("Cordboard_Key__c", "Cordboard Key", 255, append([]option{externalID}, opts...)...)
}

func define(name, label, plural, prefix string, fields ...*field) *object {
	o := &object{name: name, label: label, plural: plural, prefix: prefix, custom: strings.HasSuffix(name, "__c"),
		byName: map[string]*field{}, byRelation: map[string]*field{}}
	o.fields = append([]*field{column("Id", "Record ID", typeID, 18, readOnly)}, fields...)
	o.fields = append(o.fields,
		flag("IsDeleted", "Deleted", readOnly),
		column("CreatedDate", "Created Date", typeDateTime, 0, readOnly),
		ref("CreatedById", "Created By ID", "User", readOnly),
		column("LastModifiedDate", "Last Modified Date", typeDateTime, 0, readOnly),
		ref("LastModifiedById", "Last Modified By ID", "User", readOnly),
		column("SystemModstamp", "System Modstamp", typeDateTime, 0, readOnly))
	for _, f := range o.fields {
		o.byName[f.name] = f
		o.byName[strings.ToLower(f.name)] = f
		if f.relation != "" {
			o.byRelation[strings.ToLower(f.relation)] = f
		}
		if f.typ == typePhone {
			o.phones = append(o.phones, f)
		}
		if f.indexed && f.name != "CreatedById" && f.name != "LastModifiedById" && f.name != "OwnerId" {
			o.indexes = append(o.indexes, f)
		}
	}
	return o
}
