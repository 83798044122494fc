package salesforce

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// AddUser creates a user, by default an active one with made-up required fields, and returns its id. Fields are
// checked as in a request; a wrong one panics, because it is the test that is wrong.
func (s *Server) AddUser(fields map[string]any) string {
	s.mu.Lock()
	n := len(s.table("User").rows)
	s.mu.Unlock()
	in := map[string]any{"Username": fmt.Sprintf("agent%d@cordboard.example", n), "LastName": fmt.Sprintf("Agent %d", n),
		"Email": fmt.Sprintf("agent%d@example.com", n), "Alias": fmt.Sprintf("ag%d", n), "IsActive": true}
	for k, v := range fields {
		in[k] = v
	}
	return s.Add("User", in)
}

// Add creates a record as an administrator would, without an API call, and returns its id. It counts as created 30
// days ago, so that SOSL finds it at once. A refused record panics.
func (s *Server) Add(objectName string, fields map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.table(objectName)
	if t == nil {
		panic("salesforce simulator: no object " + objectName)
	}
	now := s.cfg.Now().Add(-30 * 24 * time.Hour)
	x := &tx{s: s, now: now, start: now, user: s.userID, allowSave: true, path: "/seed"}
	r, err := x.create(t, fields)
	if err != nil {
		panic("salesforce simulator: " + err.Error())
	}
	return r.id
}

var (
	firstNames = strings.Fields("Ines Tomas Aiko Bram Chidi Dana Emre Farah Goran Hanna Ivo Jamila Kofi Lena Mateo Nadia Omar Priya Quinn Rosa Sven Tala Umar Vera Wen Ximena Yusuf Zoe")
	lastNames  = strings.Fields("Roth Okafor Tanaka Silva Novak Haddad Berg Moreau Costa Lindqvist Mensah Petrov Reyes Schmidt Tran Ueda Vargas Weiss Yilmaz Zhang Adler Bianchi Castillo Dubois Eriksen Fischer")
	companies  = strings.Fields("Northwind Acorn Bluebird Cedar Dune Ember Fjord Granite Harbour Iris Juniper Kestrel Larch Meadow")
)

// Person is one seeded contact or lead: what a dialler would know about them.
type Person struct {
	Object  string `json:"object"` // Contact or Lead
	ID      string `json:"id"`
	Name    string `json:"name"`
	Phone   string `json:"phone"`   // as somebody typed it into the record
	Number  string `json:"number"`  // the same as E.164
	Account string `json:"account"` // of a contact
}

// Seed adds n people with an account for every third, two contacts to one lead, each with a number of their own, written in one
// of the ways people write numbers. Numbers are fictitious: 555-0100 to 0199 in one area code after the other.
func (s *Server) Seed(n int) []Person {
	random := rand.New(rand.NewPCG(s.cfg.Seed, 1))
	people := make([]Person, 0, n)
	account := ""
	for i := range n {
		if i%3 == 0 {
			account = s.Add("Account", map[string]any{"Name": fmt.Sprintf("%s %s %d", companies[random.IntN(len(companies))], "Ltd", i/3+1), "Industry": "Insurance"})
		}
		first, last := firstNames[random.IntN(len(firstNames))], lastNames[random.IntN(len(lastNames))]
		digits := nanp(i)
		p := Person{Name: first + " " + last, Phone: written(digits, i), Number: "+1" + digits}
		fields := map[string]any{"FirstName": first, "LastName": last, "Phone": p.Phone,
			"Email": strings.ToLower(fmt.Sprintf("%s.%s.%d@example.com", first, last, i))}
		if i%3 == 2 {
			p.Object = "Lead"
			fields["Company"] = companies[random.IntN(len(companies))]
		} else {
			p.Object, p.Account = "Contact", account
			fields["AccountId"] = account
			if i%5 == 1 { // some are known by their mobile number only
				fields["MobilePhone"] = fields["Phone"]
				delete(fields, "Phone")
			}
		}
		p.ID = s.Add(p.Object, fields)
		people = append(people, p)
	}
	return people
}

var areaCodes = strings.Fields("201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248 251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 323 325 330 331 334 336 337 339 347 351 352 360 361 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424 425 432 434 435 440 443 469 478 479 480 484 501 502 503 504 505 507 508 509 510 512 513 515 516 517 518 520 530 540 541")

// nanp is the i-th fictitious North American number: 100 in each area code at exchange 555, then at lower ones.
func nanp(i int) string {
	exchange := 555 - i/(100*len(areaCodes))
	return fmt.Sprintf("%s%03d%04d", areaCodes[(i/100)%len(areaCodes)], exchange, 100+i%100)
}

// written writes ten digits in one of the ways found in real orgs.
func written(d string, way int) string {
	a, b, c := d[:3], d[3:6], d[6:]
	switch way % 7 {
	case 0:
		return fmt.Sprintf("(%s) %s-%s", a, b, c)
	case 1:
		return fmt.Sprintf("+1 %s %s %s", a, b, c)
	case 2:
		return fmt.Sprintf("%s.%s.%s x12", a, b, c)
	case 3:
		return "+1" + d
	case 4:
		return fmt.Sprintf("%s-%s-%s", a, b, c)
	case 5:
		return "1" + d
	}
	return d
}
