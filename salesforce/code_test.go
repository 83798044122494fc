package salesforce_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestApexParses reads the classes with a parser of Apex. Whether they compile, only an org can tell.
func TestApexParses(t *testing.T) {
	paths, err := filepath.Glob(source + "/classes/*.cls")
	if err != nil || len(paths) != 2 {
		t.Fatalf("%d classes: %v", len(paths), err)
	}
	for i := range paths {
		paths[i] = absolute(t, paths[i])
	}
	wrong := filepath.Join(t.TempDir(), "Wrong.cls")
	if err := os.WriteFile(wrong, []byte("public class Wrong { void a() { Integer i = ; } }"), 0o600); err != nil {
		t.Fatal(err)
	}
	var mistakes map[string][]string
	node(t, &mistakes, "parse.mjs", append(paths, wrong)...)
	for _, path := range paths {
		if found, ok := mistakes[path]; !ok || len(found) > 0 {
			t.Errorf("%s: %v", path, found)
		}
	}
	if len(mistakes[wrong]) == 0 {
		t.Error("the parser takes what is no Apex")
	}
}

// TestBridgeCompiles compiles the component with the compiler that the platform uses; a warning is a mistake, too.
func TestBridgeCompiles(t *testing.T) {
	var compiled map[string]string
	node(t, &compiled, "compile.mjs", absolute(t, source+"/lwc/cordboardBridge"))
	if code := compiled["cordboardBridge.js"]; !strings.Contains(code, "c-cordboard-bridge") || compiled["cordboardBridge.html"] == "" {
		t.Errorf("%.500s", code)
	}
}
