package salesforce

import (
	"net/http"
	"strings"
)

// summary is what describe and the object list have in common.
func summary(o *object, root string) map[string]any {
	return map[string]any{"name": o.name, "label": o.label, "labelPlural": o.plural, "keyPrefix": o.prefix, "custom": o.custom,
		"createable": o.writable(), "updateable": o.writable(), "deletable": o.name != "User", "queryable": true, "searchable": true, "retrieveable": true,
		"layoutable": true, "mergeable": false, "replicateable": true, "triggerable": true, "undeletable": true, "activateable": false,
		"customSetting": false, "deprecatedAndHidden": false, "feedEnabled": false, "hasSubtypes": false, "isSubtype": false,
		"mruEnabled": true, "urls": map[string]string{
			"sobject": root + "/sobjects/" + o.name, "describe": root + "/sobjects/" + o.name + "/describe",
			"rowTemplate": root + "/sobjects/" + o.name + "/{ID}"}}
}

func (s *Server) describeGlobal(q *request) answer {
	list := []map[string]any{}
	for _, name := range s.objectNames() {
		list = append(list, summary(s.table(name).obj, q.root))
	}
	return answer{status: http.StatusOK, body: map[string]any{"encoding": "UTF-8", "maxBatchSize": maxCollection, "sobjects": list}}
}

func (s *Server) basicInformation(q *request) answer {
	t, err := s.tableOf(q)
	if err != nil {
		return s.refuse(err)
	}
	if q.method != http.MethodGet {
		return s.refuse(notAllowed(q))
	}
	return answer{status: http.StatusOK, body: map[string]any{"objectDescribe": summary(t.obj, q.root), "recentItems": []any{}}}
}

func (s *Server) describe(q *request) answer {
	t, err := s.tableOf(q)
	if err != nil {
		return s.refuse(err)
	}
	out := summary(t.obj, q.root)
	fields := []map[string]any{}
	for _, f := range t.obj.fields {
		if t.obj.field(f.name) != nil {
			fields = append(fields, describeField(t.obj, f))
		}
	}
	out["fields"] = fields
	out["childRelationships"], out["recordTypeInfos"], out["namedLayoutInfos"], out["actionOverrides"] = []any{}, []any{}, []any{}, []any{}
	return answer{status: http.StatusOK, body: out}
}

// isName says whether a column is its object's name: a Case is called by its number, a Task by its subject.
func isName(o *object, f *field) bool {
	return f.name == "Name" || f.name == "CaseNumber" || f.name == "Subject" && o.name == "Task"
}

var soapTypes = map[string]string{typeID: "tns:ID", typeReference: "tns:ID", typeBoolean: "xsd:boolean", typeInt: "xsd:int",
	typeDouble: "xsd:double", typeCurrency: "xsd:double", typeDate: "xsd:date", typeDateTime: "xsd:dateTime"}

func describeField(o *object, f *field) map[string]any {
	length, digits := f.length, 0
	switch f.typ {
	case typeInt:
		length, digits = 0, f.length
	case typeDouble, typeCurrency:
		length = 0
	}
	values := []map[string]any{}
	for _, v := range f.values {
		values = append(values, map[string]any{"active": true, "defaultValue": f.deflt == v, "label": v, "value": v, "validFor": nil})
	}
	refs := f.refs
	if refs == nil {
		refs = []string{}
	}
	var relation any
	if f.relation != "" {
		relation = f.relation
	}
	create, update := o.may(f)
	return map[string]any{"name": f.name, "label": f.label, "type": f.typ, "soapType": or(soapTypes[f.typ], "xsd:string"),
		"length": length, "byteLength": length * 3, "digits": digits, "precision": 0, "scale": 0,
		"nillable": !f.required && f.typ != typeBoolean && f.typ != typeID, "createable": create, "updateable": update,
		"defaultedOnCreate": f.deflt != nil, "externalId": f.externalID, "unique": f.unique, "caseSensitive": f.externalID && !f.unique,
		"idLookup": f.externalID || f.name == "Id", "nameField": isName(o, f),
		"filterable": f.filterable, "sortable": f.filterable, "groupable": f.filterable, "custom": strings.HasSuffix(f.name, "__c"),
		"calculated": false, "autoNumber": f.name == "CaseNumber", "deprecatedAndHidden": false, "permissionable": !f.required,
		"picklistValues": values, "restrictedPicklist": f.restricted, "referenceTo": refs, "relationshipName": relation,
		"polymorphicForeignKey": len(f.refs) > 1, "defaultValue": f.deflt, "inlineHelpText": nil, "htmlFormatted": false}
}
