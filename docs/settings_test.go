package docs_test

import (
	"fmt"
	"go/ast"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// settings is a table of the keys of a configuration struct and of the structs of the same package below it.
func settings(t *testing.T, dir, name, prefix string) string {
	var b strings.Builder
	if prefix == "" {
		b.WriteString("| key | kind | meaning |\n|---|---|---|\n")
	}
	fields := structOf(t, dir, name).Fields.List
	keys := map[string]string{}
	for _, f := range fields {
		if key, _ := keyOf(f); key != "" {
			keys[f.Names[0].Name] = key
		}
	}
	for _, f := range fields {
		key, required := keyOf(f)
		if key == "" {
			continue
		}
		kind, inner := kindOf(f.Type)
		if required {
			kind += ", required"
		}
		doc := meaningOf(t, dir, fields, f, inner, keys)
		fmt.Fprintf(&b, "| `%s%s` | %s | %s |\n", prefix, key, kind, doc)
		if inner != "" {
			b.WriteString(settings(t, dir, inner, prefix+key+"."))
		}
	}
	return b.String()
}

// unsaid are the keys whose fields have no comment of their own, because it would say nothing to a programmer.
var unsaid = map[string]string{
	"server.Name":                   "How the connection is called. It is part of every call's id: choose it once, without a colon.",
	"server.Platform":               "Which platform it is: cisco, connect-tethered, connect-hvoc, webex or genesys.",
	"server.Settings":               "The platform's own settings, see below.",
	"crm/salesforce.ClientSecret":   "The consumer secret, for client credentials.",
	"platform/genesys.ClientSecret": "The OAuth client's secret.",
	"platform/finesse.ID":           "The agent's id on Finesse.",
	"platform/finesse.Password":     "The agent's password on Finesse.",
}

// meaningOf is a field's comment, or that of the section it holds, or a hint at the field that speaks for it.
func meaningOf(t *testing.T, dir string, fields []*ast.Field, f *ast.Field, inner string, keys map[string]string) string {
	name := f.Names[0].Name
	switch {
	case f.Doc != nil:
		return withKeys(f.Doc.Text(), keys)
	case inner != "":
		doc := strings.TrimPrefix(strings.Join(strings.Fields(docOf(t, dir, inner)), " "), inner+" ")
		return strings.ToUpper(doc[:1]) + doc[1:]
	case unsaid[dir+"."+name] != "":
		return unsaid[dir+"."+name]
	}
	for _, other := range fields {
		if other.Doc != nil && slices.Contains(goName.FindAllString(other.Doc.Text(), -1), name) {
			return "See `" + keys[other.Names[0].Name] + "`."
		}
	}
	t.Errorf("%s: nothing says what %s means", dir, name)
	return "?"
}

func keyOf(f *ast.Field) (key string, required bool) {
	if f.Tag == nil || len(f.Names) == 0 {
		return "", false
	}
	raw, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return "", false
	}
	tag := reflect.StructTag(raw)
	key, _, _ = strings.Cut(tag.Get("yaml"), ",")
	if key == "-" {
		key = ""
	}
	return key, tag.Get("config") == "required"
}

// kindOf is how people call a field's type, and the struct of the same package that it holds.
func kindOf(e ast.Expr) (kind, inner string) {
	switch e := e.(type) {
	case *ast.ArrayType:
		kind, inner = kindOf(e.Elt)
		return "list of " + kind, inner
	case *ast.StarExpr:
		return kindOf(e.X)
	case *ast.SelectorExpr:
		words := map[string]string{"Secret": "secret", "Duration": "duration", "Raw": "section", "Config": "section, see below"}
		return words[e.Sel.Name], ""
	case *ast.Ident:
		if word, ok := map[string]string{"string": "text", "bool": "true or false", "float64": "number", "int": "number"}[e.Name]; ok {
			return word, ""
		}
		return "section", e.Name
	}
	return "?", ""
}

var goName = regexp.MustCompile(`\b[A-Z]\w*\b`)

// withKeys is a doc comment on one line, the names of fields replaced by their keys.
func withKeys(doc string, keys map[string]string) string {
	line := strings.Join(strings.Fields(doc), " ")
	line = goName.ReplaceAllStringFunc(line, func(w string) string {
		if key, ok := keys[w]; ok && (w != strings.ToUpper(w) || strings.HasPrefix(line, w+" ")) { // URL in a sentence is the word
			return "`" + key + "`"
		}
		return w
	})
	return strings.ReplaceAll(line, "|", "\\|")
}
