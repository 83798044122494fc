package console_test

import (
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

var (
	block    = regexp.MustCompile(`(?s)(:root[^{]*)\{([^{}]*)\}`)
	variable = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6})`)
)

// colours are the variables of the style sheet: light, dark by the system, dark by choice.
func colours(t *testing.T) map[string]map[string]string {
	t.Helper()
	css, err := os.ReadFile("web/console.css")
	if err != nil {
		t.Fatal(err)
	}
	themes := map[string]map[string]string{}
	for i, b := range block.FindAllStringSubmatch(string(css), -1) {
		found := map[string]string{}
		for _, v := range variable.FindAllStringSubmatch(b[2], -1) {
			found[v[1]] = v[2]
		}
		if len(found) > 0 {
			themes[fmt.Sprintf("%d %s", i, b[1])] = found
		}
	}
	if len(themes) != 3 {
		t.Fatalf("%d themes, want light and twice dark", len(themes))
	}
	return themes
}

// luminance and contrast are WCAG 2.2's.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(shift int) float64 {
		c := float64(n>>shift&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	if c := contrast(t, "#000000", "#ffffff"); math.Abs(c-21) > 0.01 {
		t.Fatalf("black on white is %.2f", c)
	}
	var dark []map[string]string
	for name, theme := range colours(t) {
		check := func(kind string, least float64, front string, backs ...string) {
			for _, back := range backs {
				if theme[front] == "" || theme[back] == "" {
					t.Errorf("%s: no --%s or --%s", name, front, back)
				} else if c := contrast(t, theme[front], theme[back]); c < least {
					t.Errorf("%s: %s --%s on --%s has %.2f, wants %.1f", name, kind, front, back, c, least)
				}
			}
		}
		for _, text := range []string{"text", "muted", "accent", "done", "running", "waiting", "dead", "skipped", "try"} {
			check("text", 4.5, text, "bg", "soft")
		}
		check("text", 4.5, "on", "p-ring", "p-talk", "p-hold", "p-wrap", "p-other", "bg", "soft")
		for _, shape := range []string{"edge", "running", "done", "waiting", "skipped", "try"} { // fields, and the edges of bars
			check("shape", 3, shape, "bg", "soft")
		}
		if luminance(t, theme["bg"]) < 0.5 {
			dark = append(dark, theme)
		}
	}
	if len(dark) != 2 || !maps.Equal(dark[0], dark[1]) {
		t.Error("dark by the system and dark by choice differ")
	}
}
