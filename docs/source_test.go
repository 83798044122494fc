package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// files parses every Go file of the project once, with its comments, by its path from the root.
func files(t testing.TB) map[string]*ast.File {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var parsed = sync.OnceValues(func() (map[string]*ast.File, error) {
	all := map[string]*ast.File{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		if err == nil && d.IsDir() && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") && path != root) {
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		all[filepath.ToSlash(rel)], err = parser.ParseFile(token.NewFileSet(), path, src, parser.ParseComments)
		return err
	})
	return all, err
})

// declarations are the names of the project: "package finesse", "finesse.Open", "finesse.Connector.Run", "func TestX".
func declarations(t testing.TB) map[string]bool {
	names := map[string]bool{}
	for path, file := range files(t) {
		pkg := strings.TrimSuffix(file.Name.Name, "_test")
		if pkg == "main" {
			pkg = filepath.Base(filepath.Dir(path))
		}
		names["package "+pkg] = true
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil {
					names["func "+decl.Name.Name], names[pkg+"."+decl.Name.Name] = true, true
				} else if on := receiver(decl); on != "" {
					names[pkg+"."+on+"."+decl.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					declared(names, pkg, spec)
				}
			}
		}
	}
	return names
}

func declared(names map[string]bool, pkg string, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, n := range spec.Names {
			names[pkg+"."+n.Name] = true
		}
	case *ast.TypeSpec:
		names[pkg+"."+spec.Name.Name] = true
		var members *ast.FieldList
		switch typ := spec.Type.(type) {
		case *ast.StructType:
			members = typ.Fields
		case *ast.InterfaceType:
			members = typ.Methods
		default:
			return
		}
		for _, m := range members.List {
			for _, n := range m.Names {
				names[pkg+"."+spec.Name.Name+"."+n.Name] = true
			}
		}
	}
}

func receiver(f *ast.FuncDecl) string {
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if name, ok := typ.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

// structOf finds a struct in one package's files.
func structOf(t testing.TB, dir, name string) *ast.StructType {
	t.Helper()
	typ, _ := typeOfName(t, dir, name)
	return typ
}

// docOf is the comment of a struct.
func docOf(t testing.TB, dir, name string) string {
	t.Helper()
	_, doc := typeOfName(t, dir, name)
	if doc == "" {
		t.Fatalf("%s.%s has no comment", dir, name)
	}
	return doc
}

func typeOfName(t testing.TB, dir, name string) (*ast.StructType, string) {
	t.Helper()
	for path, file := range files(t) {
		if filepath.Dir(path) != dir {
			continue
		}
		for _, decl := range file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range gen.Specs {
				if typ, ok := spec.(*ast.TypeSpec); ok && typ.Name.Name == name {
					return typ.Type.(*ast.StructType), gen.Doc.Text()
				}
			}
		}
	}
	t.Fatalf("%s has no struct %s", dir, name)
	return nil, ""
}

// text is the value of a string literal; "" for any other expression.
func text(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}

var (
	outcomeCode = regexp.MustCompile(`\b(?:Skip|Stop|Wait|Again|Park|Kill)\("([a-z]+(?:-[a-z]+)*)"`)
	finishCode  = regexp.MustCompile(`\bfinish\(\w+, "([a-z-]+)"`)
	popCode     = regexp.MustCompile(`reason = (?:[\w, .]+, )?"([a-z-]+)"`)
	matchCode   = regexp.MustCompile(`Reason = "([a-z-]+)"`)
)

// reasonCodes are the codes that steps and rules give as the reason for what they did not do.
func reasonCodes(t testing.TB) []string {
	t.Helper()
	found := map[string]bool{}
	for path := range files(t) {
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "sim/") {
			continue
		}
		src, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		patterns := []*regexp.Regexp{outcomeCode}
		switch {
		case strings.HasPrefix(path, "engine/"):
			patterns = append(patterns, finishCode)
		case strings.HasPrefix(path, "action/"):
			patterns = append(patterns, popCode)
		case path == "workflow/explain.go":
			patterns = append(patterns, matchCode)
		}
		for _, re := range patterns {
			for _, m := range re.FindAllStringSubmatch(string(src), -1) {
				found[m[1]] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
