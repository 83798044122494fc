package docs_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated parts of the pages anew")

// root is the folder of the whole project, seen from the folder of this test.
const root = ".."

// pages returns the text of every page by its path from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, name := range []string{"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"} {
		found[name] = read(t, name)
	}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".md") {
			name := filepath.ToSlash(filepath.Join("docs", path))
			found[name] = read(t, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 15 {
		t.Fatalf("only %d pages found: the walk is wrong", len(found))
	}
	return found
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func exists(name string) bool {
	_, err := os.Stat(filepath.Join(root, name))
	return err == nil
}

var (
	markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading      = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	notAnchor    = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinks follows every relative link, and its anchor where the page is one of ours.
func TestLinks(t *testing.T) {
	all := pages(t)
	for page, text := range all {
		for _, m := range markdownLink.FindAllStringSubmatch(withoutCode(text), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			path := page
			if target != "" {
				path = filepath.ToSlash(filepath.Join(filepath.Dir(page), target))
			}
			switch {
			case !exists(path):
				t.Errorf("%s: the link %s leads nowhere", page, m[1])
			case anchor != "" && !slices.Contains(anchors(all[path]), anchor):
				t.Errorf("%s: %s has no heading for #%s", page, path, anchor)
			}
		}
	}
}

// anchors are the names that headings are linked by, as GitHub makes them.
func anchors(text string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		name := notAnchor.ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(name, " ", "-"))
	}
	return all
}

var (
	fence = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	code  = regexp.MustCompile("`([^`\n]+)`")
)

func withoutCode(text string) string {
	return code.ReplaceAllString(fence.ReplaceAllString(text, ""), "")
}

// TestPaths looks whether every path of the project that a page names in backticks is there.
func TestPaths(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	rooms := map[string]bool{}
	for _, e := range entries {
		rooms[e.Name()] = true
	}
	checked := 0
	for page, text := range pages(t) {
		for _, m := range code.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			for _, word := range strings.Fields(m[1]) {
				path := strings.TrimSuffix(strings.TrimPrefix(word, "./"), "/...")
				first, _, nested := strings.Cut(path, "/")
				ours := nested && rooms[first] || !nested && (strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".sh"))
				if !ours || strings.ContainsAny(path, "<…=") || strings.Contains(path, "NAME") { // NAME is for the reader to fill in
					continue
				}
				checked++
				if found, err := filepath.Glob(filepath.Join(root, path)); err != nil || len(found) == 0 {
					t.Errorf("%s: there is no %s", page, path)
				}
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d paths checked: the pattern is wrong", checked)
	}
}

var testName = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w*\b`)

// TestNamedTests looks whether the tests that pages name exist.
func TestNamedTests(t *testing.T) {
	declared := declarations(t)
	named := 0
	for page, text := range pages(t) {
		for _, name := range testName.FindAllString(text, -1) {
			named++
			if !declared["func "+name] {
				t.Errorf("%s names %s, which is no test of ours", page, name)
			}
		}
	}
	if named < 20 {
		t.Errorf("only %d tests are named: ARCHITECTURE.md says which test holds each promise", named)
	}
}

var symbol = regexp.MustCompile(`^([a-z]+)\.([A-Z]\w*)(?:\.([A-Z]\w*))?(?:\(\))?$`)

// TestNamedSymbols looks whether types and functions that pages name as package.Name exist.
func TestNamedSymbols(t *testing.T) {
	declared := declarations(t)
	for page, text := range pages(t) {
		if page == "docs/guides/workflows.md" {
			continue // record.Task is an expression there
		}
		for _, m := range code.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			s := symbol.FindStringSubmatch(m[1])
			if s == nil || !declared["package "+s[1]] {
				continue
			}
			if !declared[s[1]+"."+s[2]] || s[3] != "" && !declared[s[1]+"."+s[2]+"."+s[3]] {
				t.Errorf("%s names %s, which does not exist", page, m[1])
			}
		}
	}
}

// foreign are words that have no place in a page: how and where this text was written is nobody's business.
func foreign() []*regexp.Regexp {
	var all []*regexp.Regexp
	for _, parts := range [][]string{
		{`/wo`, `rk/`}, {`\bsha`, `red/`}, {`/tm`, `p/`}, {`/ro`, `ot/`}, {`/home/`, `\w`}, {`\bseed `, `00\d`}, {`\bHOU`, `SE\.md`}, {`\bDES`, `IGN\.md`},
	} {
		all = append(all, regexp.MustCompile(strings.Join(parts, "")))
	}
	return all
}

// TestNothingForeign keeps machine paths and the notes of a workplace out of the pages.
func TestNothingForeign(t *testing.T) {
	for page, text := range pages(t) {
		for _, re := range foreign() {
			if m := re.FindString(text); m != "" {
				t.Errorf("%s says %q", page, m)
			}
		}
	}
}

var generatedPart = regexp.MustCompile(`(?s)(<!-- generated: ([a-z-]+) -->\n)(.*?)(<!-- /generated -->)`)

// TestGenerated compares the generated parts with what the code says now.
func TestGenerated(t *testing.T) {
	used := map[string]bool{}
	for page, text := range pages(t) {
		now := generatedPart.ReplaceAllStringFunc(text, func(part string) string {
			m := generatedPart.FindStringSubmatch(part)
			make, ok := generators[m[2]]
			if !ok {
				t.Fatalf("%s: nothing generates %q", page, m[2])
			}
			used[m[2]] = true
			return m[1] + make(t) + m[4]
		})
		if now == text {
			continue
		}
		if !*update {
			t.Errorf("%s is not what the code says: go test ./docs -update", page)
			continue
		}
		if err := os.WriteFile(filepath.Join(root, page), []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name := range generators {
		if !used[name] {
			t.Errorf("no page has the generated part %q", name)
		}
	}
}

// TestReasons looks whether every code that says why a step or rule did nothing is explained to operators.
func TestReasons(t *testing.T) {
	page := read(t, "docs/guides/operate.md")
	codes := reasonCodes(t)
	if len(codes) < 20 {
		t.Fatalf("only %d codes found: the pattern is wrong", len(codes))
	}
	for _, c := range codes {
		if !strings.Contains(page, "`"+c+"`") {
			t.Errorf("docs/guides/operate.md does not explain the reason %s", c)
		}
	}
}
