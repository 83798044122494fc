package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cordboard/config"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

type org struct {
	URL     string          `yaml:"url" config:"required"`
	Secret  config.Secret   `yaml:"client_secret"`
	Every   config.Duration `yaml:"every"`
	Limit   int             `yaml:"limit"`
	Share   float64         `yaml:"share"`
	Strict  bool            `yaml:"strict"`
	Objects []string        `yaml:"objects"`
}

type file struct {
	Org   *org                `yaml:"salesforce"`
	Links []link              `yaml:"links"`
	Words map[string]string   `yaml:"words"`
	Free  any                 `yaml:"free"`
	Extra map[string][]string `yaml:"extra"`
}

type link struct {
	Name     string        `yaml:"name"`
	Password config.Secret `yaml:"password"`
	Settings config.Raw    `yaml:"settings"`
}

func TestDecodeReadsEverything(t *testing.T) {
	src := `
salesforce:
  url: https://x.example
  client_secret: hush
  every: 7d
  limit: 12
  share: 1
  strict: true
  objects: &o [Contact, Lead]
words: {a: b, n: 0123}
free: {list: [1, two, 3.5, true]}
extra:
  same: *o
`
	var f file
	if p := config.Decode("c.yaml", []byte(src), &f); p != nil {
		t.Fatal(p)
	}
	if f.Org.Secret.Reveal() != "hush" || f.Org.Every.Std() != 7*24*time.Hour || f.Org.Limit != 12 || f.Org.Share != 1 {
		t.Errorf("read %+v", f.Org)
	}
	if diff := cmp.Diff(map[string]string{"a": "b", "n": "0123"}, f.Words); diff != "" {
		t.Error(diff)
	}
	want := map[string]any{"list": []any{uint64(1), "two", 3.5, true}}
	if diff := cmp.Diff(any(want), f.Free); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Contact", "Lead"}, f.Extra["same"]); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeFindsEveryProblemWithItsPlace(t *testing.T) {
	src := `salesforce:
  clientsecret: hush
  every: soon
  limit: many
  objects: Contact
  limit: 3
wrods: {}
`
	var f file
	got := config.Decode("c.yaml", []byte(src), &f).Error()
	want := strings.Join([]string{
		`c.yaml:2:3: unknown key "clientsecret" (did you mean "client_secret"?)`,
		`c.yaml:2:15: "url" is missing`,
		`c.yaml:3:10: "soon" is not a span of time such as 500ms, 30s, 10m, 24h or 7d`,
		`c.yaml:4:10: this is a text, but a whole number is wanted`,
		`c.yaml:5:12: this is a text, but a list is wanted`,
		`c.yaml:6:3: "limit" is given twice`,
		`c.yaml:7:1: unknown key "wrods" (did you mean "words"?)`,
	}, "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeRefusesWhatIsNotOneYAMLDocument(t *testing.T) {
	for src, want := range map[string]string{
		"a: [1":                         "c.yaml:1:4: ",
		"{}\n---\na: 1\n":               "c.yaml:3:2: a second document",
		"- 1":                           "c.yaml:1:1: this is a list, but a mapping is wanted",
		"free: *x":                      "c.yaml:1:7: there is no anchor &x before this",
		"free: &a [*a]":                 "nested deeper than 100",
		"free: !!int x":                 "tags such as",
		strings.Repeat("free: {x: ", 1): "c.yaml:1:",
	} {
		var f file
		p := config.Decode("c.yaml", []byte(src), &f)
		if p == nil || !strings.Contains(p.Error(), want) {
			t.Errorf("%q: problems %v, want %q", src, p, want)
		}
	}
}

func TestAliasBombIsRefused(t *testing.T) {
	var b strings.Builder
	b.WriteString("extra:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\nfree:\n")
	for i := 1; i < 9; i++ {
		fmt.Fprintf(&b, "  a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	var f file
	if p := config.Decode("c.yaml", []byte(b.String()), &f); len(p) == 0 || len(p) > 100 {
		t.Fatalf("%d problems", len(p))
	}
}

func TestSecretsComeFromFilesAndEnvironment(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pw"), []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CORDBOARD_LINKS_NORTH_1_PASSWORD", "from-env")
	t.Setenv("CORDBOARD_NAMED", "by-name")
	src := "links:\n" +
		"  - {name: a, password: \"${file:pw}\"}\n" +
		"  - {name: b, password_file: pw}\n" +
		"  - {name: north-1}\n" +
		"  - {name: c, password: \"${env:CORDBOARD_NAMED}\"}\n"
	var f file
	if p := config.Decode(filepath.Join(dir, "c.yaml"), []byte(src), &f); p != nil {
		t.Fatal(p)
	}
	var got []string
	for _, l := range f.Links {
		got = append(got, l.Password.Reveal())
	}
	if diff := cmp.Diff([]string{"from-file", "from-file", "from-env", "by-name"}, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"${env:HOME}", "${file:absent}", "${file:}", "${what}", "${env:CORDBOARD_ABSENT}"} {
		if _, err := config.ReadSecret(bad, dir); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
	both := "links: [{password: x, password_file: pw}]"
	if p := config.Decode(filepath.Join(dir, "c.yaml"), []byte(both), &f); len(p) != 1 {
		t.Errorf("both given: %v", p)
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	s := config.NewSecret("hush-hush")
	type holder struct {
		Open   config.Secret
		hidden config.Secret
	}
	h := holder{s, s}
	asJSON, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(map[string]any{"s": s})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", s, "h", h)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "s", s, "h", h)
	printed := fmt.Sprintf("%v %+v %#v %s %q %x %d | %v %+v %#v", s, s, s, s, s, s, s, h, h, h) +
		fmt.Sprint(s, &s, h.hidden) + string(asJSON) + string(asYAML) + log.String()
	if strings.Contains(printed, "hush") || strings.Contains(printed, fmt.Sprintf("%x", "hush")) {
		t.Errorf("printed: %s", printed)
	}
	if !strings.Contains(string(asJSON), "‹secret, 9 bytes›") {
		t.Errorf("JSON %s", asJSON)
	}
	if !(config.Secret{}).IsZero() || s.IsZero() {
		t.Error("IsZero")
	}
}

func TestRawKeepsItsPlace(t *testing.T) {
	src := "links:\n  - name: a\n    settings:\n      limt: 3\n"
	var f file
	if p := config.Decode("c.yaml", []byte(src), &f); p != nil {
		t.Fatal(p)
	}
	var s struct {
		Limit int           `yaml:"limit"`
		Token config.Secret `yaml:"token"`
	}
	t.Setenv("CORDBOARD_LINKS_A_SETTINGS_TOKEN", "tok")
	p := f.Links[0].Settings.Decode(&s)
	if want := `c.yaml:4:7: unknown key "limt" (did you mean "limit"?)`; p.Error() != want {
		t.Errorf("problems %v, want %s", p, want)
	}
	if s.Token.Reveal() != "tok" {
		t.Error("the secret of a raw part was not found in the environment")
	}
	if (config.Raw{}).Decode(&s) != nil || !(config.Raw{}).IsZero() {
		t.Error("an absent part is no problem")
	}
}

type checked struct {
	From int `yaml:"from"`
	To   int `yaml:"to"`
}

func (c *checked) Check() error {
	if c.From > c.To {
		return config.At("to", errors.New("ends before it begins"))
	}
	return nil
}

func TestCheckPointsAtItsKey(t *testing.T) {
	var c checked
	p := config.Decode("c.yaml", []byte("from: 3\nto: 2\n"), &c)
	if want := "c.yaml:2:5: ends before it begins"; p.Error() != want {
		t.Errorf("problems %v, want %s", p, want)
	}
}

func TestInlineAndDefaults(t *testing.T) {
	v := struct {
		checked2 `yaml:",inline"`
		Inner    checked `yaml:",inline"`
		Name     string  `yaml:"name"`
	}{Name: "default"}
	if p := config.Decode("c.yaml", []byte("to: 4\n"), &v); p != nil {
		t.Fatal(p)
	}
	if v.Inner.To != 4 || v.Name != "default" {
		t.Errorf("read %+v", v)
	}
}

type checked2 struct{}

func TestNearest(t *testing.T) {
	words := []string{"campaign", "customer", "client_secret"}
	for word, want := range map[string]string{
		"campain": "campaign", "CUSTOMER": "customer", "clientsecret": "client_secret", "zebra": "", "": "", "cusotmer": "customer",
	} {
		if got := config.Nearest(word, words); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("salesforce: {url: x, every: 1d}\nlinks: [{name: a}]"))
	f.Add([]byte("free: &a [*a]\nwords: {<<: *a}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		var into file
		for _, p := range config.Decode("f.yaml", src, &into) {
			if p.Message == "" {
				t.Fatal("a problem without words")
			}
		}
	})
}
