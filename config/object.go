package config

import (
	"os"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// field is one key of a struct.
type field struct {
	name     string
	index    []int
	required bool
	secret   bool
}

// fieldsOf lists a struct's keys: the yaml tag's name, or the field's name in small letters. Fields that the tag calls
// inline lend their keys to the struct around them.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		if options == "inline" {
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append([]int{f.Index[0]}, inner.index...)
				fields = append(fields, inner)
			}
			continue
		}
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		fields = append(fields, field{
			name: name, index: f.Index,
			required: f.Tag.Get("config") == "required",
			secret:   f.Type == reflect.TypeFor[Secret](),
		})
	}
	return fields
}

// object reads a mapping into a struct.
func (d *decoder) object(n ast.Node, v reflect.Value, path []string) {
	if !isMapping(n) {
		d.wrong(n, "a mapping")
		return
	}
	before := len(d.problems)
	fields := fieldsOf(v.Type())
	seen := map[string]bool{}
	for _, e := range entries(n) {
		if key, ok := d.key(e, seen); ok {
			d.entry(e, key, v, fields, path)
		}
	}
	for _, f := range fields {
		given := seen[f.name] || f.secret && (seen[f.name+"_file"] || fromEnv(v.FieldByIndex(f.index), join(path, f.name)))
		if seen[f.name] && seen[f.name+"_file"] && f.secret {
			d.problem(n, "", "both %s and %s_file are given", f.name, f.name)
		}
		if f.required && !given {
			d.problem(n, "", "%q is missing", f.name)
		}
	}
	if len(d.problems) == before {
		d.check(n, v)
	}
}

// entry reads one key of a struct.
func (d *decoder) entry(e *ast.MappingValueNode, key string, v reflect.Value, fields []field, path []string) {
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		if f.name == key {
			d.value(e.Value, v.FieldByIndex(f.index), join(path, key))
			return
		}
		if f.secret && key == f.name+"_file" {
			d.secretFile(e.Value, v.FieldByIndex(f.index).Addr().Interface().(*Secret))
			return
		}
		names = append(names, f.name)
	}
	d.problem(e.Key, Nearest(key, names), "unknown key %q", key)
}

func (d *decoder) secret(n ast.Node, into *Secret) {
	text, ok := d.text(n)
	if !ok {
		return
	}
	s, err := ReadSecret(text, d.dir())
	if err != nil {
		d.problem(n, "", "%v", err)
		return
	}
	*into = s
}

func (d *decoder) secretFile(n ast.Node, into *Secret) {
	if n = d.plain(n); n == nil {
		return
	}
	path, ok := d.text(n)
	if !ok {
		return
	}
	s, err := readSecretFile(path, d.dir())
	if err != nil {
		d.problem(n, "", "%v", err)
		return
	}
	*into = s
}

// fromEnv fills a secret that the file does not give from the variable of its path.
func fromEnv(v reflect.Value, path []string) bool {
	value := os.Getenv(EnvName(path...))
	if value == "" {
		return false
	}
	*v.Addr().Interface().(*Secret) = NewSecret(value)
	return true
}

// EnvName returns the variable that is looked up for the secret at a path of keys:
// CORDBOARD_SALESFORCE_CLIENT_SECRET for salesforce, client_secret.
func EnvName(path ...string) string {
	name := strings.ToUpper("cordboard_" + strings.Join(path, "_"))
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
}
