package salesforce_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// element is one XML element of a metadata file.
type element struct {
	XMLName xml.Name
	Text    string    `xml:",chardata"`
	Inner   []element `xml:",any"`
}

// get returns the text of the first element of that name, "" when there is none.
func (e element) get(name string) string {
	for _, in := range e.Inner {
		if in.XMLName.Local == name {
			return strings.TrimSpace(in.Text)
		}
	}
	return ""
}

// all returns the elements of that name.
func (e element) all(name string) []element {
	var found []element
	for _, in := range e.Inner {
		if in.XMLName.Local == name {
			found = append(found, in)
		}
	}
	return found
}

// read reads a whole metadata file: anything that is not well-formed, to its last byte, fails.
func read(t *testing.T, path string) element {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := xml.NewDecoder(f)
	var e element
	if err := d.Decode(&e); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return e
		}
		if text, ok := token.(xml.CharData); err != nil || !ok || len(bytes.TrimSpace(text)) > 0 {
			t.Fatalf("%s: something follows the end: %v %v", path, token, err)
		}
	}
}

// field is a custom field of the package.
type field struct {
	object, name string
	element
}

func (f field) full() string { return f.object + "." + f.name }

// fields returns the custom fields of the package.
func fields(t *testing.T) []field {
	t.Helper()
	paths, err := filepath.Glob(source + "/objects/*/fields/*.field-meta.xml")
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d fields found: %v", len(paths), err)
	}
	var all []field
	for _, path := range paths {
		f := field{object: filepath.Base(filepath.Dir(filepath.Dir(path))), element: read(t, path)}
		if f.name = f.get("fullName"); f.name+".field-meta.xml" != filepath.Base(path) {
			t.Errorf("%s holds the field %s", path, f.name)
		}
		all = append(all, f)
	}
	return all
}

// texts returns every file under a folder by its path, with slashes.
func texts(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(folder, path)
		found[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("%d files in %s: %v", len(found), folder, err)
	}
	return found
}
