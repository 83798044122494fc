package salesforce_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/sim/salesforce"
)

func TestSOQL(t *testing.T) {
	o := start(t, salesforce.Config{QueryBatch: 2})
	account := o.Add("Account", map[string]any{"Name": "Acorn", "AnnualRevenue": 1500.5})
	ines := o.Add("Contact", map[string]any{"FirstName": "Ines", "LastName": "Roth", "AccountId": account, "Phone": "(415) 555-0123", "Email": "ines@example.com"})
	o.Add("Contact", map[string]any{"LastName": "O'Neil", "MobilePhone": "+1 415 555 0124", "DoNotCall": true})
	o.Add("Contact", map[string]any{"LastName": "Berg_1"})
	lead := o.Add("Lead", map[string]any{"LastName": "Silva", "Company": "Dune"})
	o.do("POST", "/sobjects/Task", map[string]any{"WhoId": ines, "Subject": "Call one", "ActivityDate": "2026-08-20", "CallDurationInSeconds": 30}).want(201)
	o.do("POST", "/sobjects/Task", map[string]any{"WhoId": lead, "Subject": "Call two", "CallDurationInSeconds": 90}).want(201)

	numbers := map[string]float64{
		`SELECT COUNT() FROM Contact`:                                                                           3,
		`select Id from contact where lastname = 'ROTH'`:                                                        1,
		`SELECT Id FROM Contact WHERE LastName = 'O\'Neil'`:                                                     1,
		`SELECT Id FROM Contact WHERE LastName LIKE 'Berg\_%'`:                                                  1,
		`SELECT Id FROM Contact WHERE LastName LIKE '%o%' AND (NOT LastName LIKE 'Ro%')`:                        1,
		`SELECT Id FROM Contact WHERE Phone IN ('(415) 555-0123','x') OR MobilePhone = '+1 415 555 0124'`:       2,
		`SELECT Id FROM Contact WHERE Phone = '4155550123'`:                                                     0,
		`SELECT Id FROM Contact WHERE Email = 'INES@example.com' AND Id = '` + ines[:15] + `'`:                  1,
		`SELECT Id FROM Contact WHERE Id IN ('` + ines + `') OR LastName = 'Berg_1'`:                            2,
		`SELECT Id FROM Contact WHERE Phone = null`:                                                             2,
		`SELECT Id FROM Contact WHERE Phone != '(415) 555-0123'`:                                                2,
		`SELECT Id FROM Contact WHERE LastName NOT IN ('Roth','O\'Neil')`:                                       1,
		`SELECT Id FROM Contact WHERE DoNotCall = true`:                                                         1,
		`SELECT Id FROM Contact WHERE Account.Name = 'acorn'`:                                                   1,
		`SELECT Id FROM Task WHERE Who.Type = 'Lead'`:                                                           1,
		`SELECT Id FROM Task WHERE CallDurationInSeconds > 30`:                                                  1,
		`SELECT Id FROM Task WHERE CallDurationInSeconds >= 30 AND CreatedDate = TODAY`:                         2,
		`SELECT Id FROM Task WHERE ActivityDate < 2026-08-21`:                                                   1,
		`SELECT Id FROM Task WHERE ActivityDate = 2026-08-20 AND LastModifiedDate > 2026-01-01T00:00:00Z`:       1,
		`SELECT Id FROM Contact WHERE CreatedDate < LAST_N_DAYS:7`:                                              3,
		`SELECT Id FROM Contact c WHERE c.LastName = 'Roth' ORDER BY c.LastName DESC NULLS LAST LIMIT 1`:        1,
		`SELECT FIELDS(ALL) FROM Contact LIMIT 200`:                                                             3,
		`SELECT COUNT(Id) n FROM Contact`:                                                                       1,
		`SELECT Id FROM User WHERE IsActive = true AND Username = '` + o.Ready()["username"].(string) + `'`:     1,
		`SELECT Id FROM Account WHERE AnnualRevenue <= 1500.5 AND AnnualRevenue <> 2 AND ParentId = NULL`:       1,
		`SELECT Id FROM Contact WHERE AccountId = '` + account + `' AND (LastName = 'x' OR FirstName = 'Ines')`: 1,
	}
	for soql, want := range numbers {
		if got := o.query(soql).want(200).at("totalSize"); got != want {
			t.Errorf("%s: %v rows, want %v", soql, got, want)
		}
	}
	row := o.query(`SELECT id, Who.Name, Owner.Name, What.Name FROM Task WHERE CallDurationInSeconds = 90`).want(200)
	if row.str("records.0.Who.Name") != "Silva" || row.str("records.0.Owner.Name") != "Integration User" || row.at("records.0.What") != nil ||
		row.str("records.0.Who.attributes.type") != "Lead" || !strings.HasPrefix(row.str("records.0.Id"), "00T") {
		t.Errorf("related columns: %s", row.text)
	}
	errors := map[string]string{
		`SELECT Id FORM Contact`:                                        "MALFORMED_QUERY",
		`SELECT Id FROM Contact WHERE`:                                  "unexpected token: <EOF>",
		`SELECT Id FROM Contact WHERE LastName = "x"`:                   "MALFORMED_QUERY",
		`SELECT Id FROM Contact WHERE LastName = 'x' LIMIT many`:        "MALFORMED_QUERY",
		`SELECT Colour__c FROM Contact`:                                 "No such column 'Colour__c' on entity 'Contact'",
		`SELECT Boss.Name FROM Contact`:                                 "Didn't understand relationship 'Boss'",
		`SELECT Id FROM Nothing`:                                        "INVALID_TYPE",
		`SELECT Id FROM Contact WHERE DoNotCall = 'true'`:               "should not be enclosed in quotes",
		`SELECT Id FROM Contact WHERE Id = 'x'`:                         "INVALID_QUERY_FILTER_OPERATOR",
		`SELECT Id FROM Task WHERE Description = 'x'`:                   "can not be filtered",
		`SELECT Id FROM Contact WHERE CreatedDate > '2026-01-01'`:       "INVALID_FIELD",
		`SELECT Id FROM Contact WHERE LastName = 'x' GROUP BY LastName`: "MALFORMED_QUERY",
		``: "MALFORMED_QUERY",
	}
	for soql, want := range errors {
		o.query(soql).want(400, want)
	}
}

func TestQueryMore(t *testing.T) {
	o := start(t, salesforce.Config{QueryBatch: 2})
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		o.Add("Account", map[string]any{"Name": name})
	}
	var names []string
	r := o.query("SELECT Name FROM Account ORDER BY Name DESC")
	for {
		r.want(200, `"totalSize":5`)
		for _, rec := range r.at("records").([]any) {
			names = append(names, rec.(map[string]any)["Name"].(string))
		}
		next := r.str("nextRecordsUrl")
		if next == "" {
			break
		}
		r = o.do("GET", "/"+next, nil)
	}
	if got := strings.Join(names, ""); got != "edcba" || r.at("done") != true {
		t.Errorf("pages gave %q", got)
	}
	o.do("GET", "/query/01g000000000000AAA-2", nil).want(400, "INVALID_QUERY_LOCATOR")
}

func TestSOSLFindsNumbersHoweverWritten(t *testing.T) {
	clock := time.Now()
	o := start(t, salesforce.Config{Now: func() time.Time { return clock }, IndexDelay: time.Minute})
	people := o.Seed(60)
	for _, p := range people {
		got := o.find("FIND {" + strings.TrimPrefix(p.Number, "+1") + "} IN PHONE FIELDS RETURNING Contact(Id,Name,Phone,MobilePhone),Lead(Id,Name,Phone) LIMIT 10").want(200)
		if n := len(got.at("searchRecords").([]any)); n != 1 || got.str("searchRecords.0.Id") != p.ID || got.str("searchRecords.0.attributes.type") != p.Object {
			t.Fatalf("%s %q: %s", p.Number, p.Phone, got.text)
		}
	}
	o.Add("Contact", map[string]any{"LastName": "Uedaho", "Phone": "+44 (0)20 7946 0018"})
	o.find(`FIND {2079460018} IN PHONE FIELDS RETURNING Contact(Id)`).want(200, `"Contact"`)
	o.find(`FIND {\+44 20 7946 0018} IN PHONE FIELDS RETURNING Contact(Id)`).want(200, `"Contact"`)
	o.find(`FIND {20794600*} IN PHONE FIELDS RETURNING Contact(Id)`).want(200, `"Contact"`)
	o.find(`FIND {+442079460018} IN PHONE FIELDS RETURNING Contact(Id)`).want(400, "MALFORMED_SEARCH")
	o.find(`FIND {207-946} IN PHONE FIELDS RETURNING Contact(Id)`).want(400, "MALFORMED_SEARCH")
	o.find(`FIND {x} IN NAME FIELDS RETURNING Contact(Id)`).want(400, "longer than one character")
	o.find(`FIND {Uedah*} IN NAME FIELDS RETURNING Contact(Id, Name WHERE Phone != null ORDER BY Name LIMIT 1)`).want(200, `"Name":"Uedaho"`)
	o.find(`FIND {"ueda" AND NOT Roth} RETURNING Contact(Colour__c)`).want(400, "No such column 'Colour__c'")
	o.find(`FIND {Ueda OR Nobody}`).want(200, `"type":"Contact"`)

	fresh := o.do("POST", "/sobjects/Lead", map[string]any{"LastName": "New", "Company": "Fjord", "Phone": "(628) 555-0177"}).want(201).str("id")
	const search = "FIND {6285550177} IN PHONE FIELDS RETURNING Lead(Id)"
	o.find(search).want(200, `{"searchRecords":[]}`)
	o.query(`SELECT Id FROM Lead WHERE Phone = '(628) 555-0177'`).want(200, fresh)
	clock = clock.Add(time.Minute)
	o.find(search).want(200, fresh)

	o.do("POST", "/parameterizedSearch", map[string]any{"q": "6285550177", "in": "PHONE", "fields": []string{"id", "name"},
		"sobjects": []any{map[string]any{"name": "Lead"}, map[string]any{"name": "Contact", "fields": []string{"Id"}, "limit": 1}}}).want(200, fresh, `"Name":"New"`)
	o.do("GET", "/parameterizedSearch?q=628-555-0177&in=PHONE&sobject=Lead&Lead.fields=Id,Company", nil).want(200, fresh, `"Company":"Fjord"`)
}
