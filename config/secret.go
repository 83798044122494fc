package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// maxSecret bounds a secret's file in bytes: more is a mistake in the path.
const maxSecret = 64 << 10

// Secret is a text that is never printed: whatever formats, logs or marshals it gets "‹secret, N bytes›". Only Reveal
// gives the text. The zero Secret is empty. Two Secrets are not comparable by ==.
type Secret struct {
	// text is a pointer so that fmt, which cannot call methods on unexported fields of other structs, prints an
	// address there instead of the text.
	text *string
	_    [0]func()
}

// NewSecret returns a Secret that holds text.
func NewSecret(text string) Secret { return Secret{text: &text} }

// Reveal returns the text itself: hand it to whoever needs it, and to nobody else.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// String returns the secret's size.
func (s Secret) String() string { return fmt.Sprintf("‹secret, %d bytes›", len(s.Reveal())) }

// GoString is String.
func (s Secret) GoString() string { return s.String() }

// Format writes String for every verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// MarshalText returns String.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON returns String as JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// MarshalYAML returns String as YAML.
func (s Secret) MarshalYAML() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// LogValue returns String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// ReadSecret returns the secret that text stands for: the contents of a file for "${file:path}", an environment
// variable for "${env:CORDBOARD_…}", and otherwise the text itself. A relative path begins in dir; white space around
// a file's contents is left out. Errors name the path or variable, never the contents.
func ReadSecret(text, dir string) (Secret, error) {
	inner, isRef := strings.CutPrefix(text, "${")
	if !isRef {
		return NewSecret(text), nil
	}
	inner, closed := strings.CutSuffix(inner, "}")
	if path, ok := strings.CutPrefix(inner, "file:"); ok && closed {
		return readSecretFile(path, dir)
	}
	if name, ok := strings.CutPrefix(inner, "env:"); ok && closed {
		return readSecretEnv(name)
	}
	return Secret{}, errors.New("a secret begins with ${ but is neither ${file:path} nor ${env:CORDBOARD_NAME}")
}

func readSecretEnv(name string) (Secret, error) {
	if !strings.HasPrefix(name, "CORDBOARD_") {
		return Secret{}, fmt.Errorf("variable %s: only names that begin with CORDBOARD_ are read", name)
	}
	value, ok := os.LookupEnv(name)
	if !ok || value == "" {
		return Secret{}, fmt.Errorf("variable %s is not set", name)
	}
	return NewSecret(value), nil
}

func readSecretFile(path, dir string) (Secret, error) {
	if path == "" {
		return Secret{}, errors.New("a secret's file has no name")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return Secret{}, fmt.Errorf("secret: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return Secret{}, fmt.Errorf("secret: %w", err)
	}
	if len(data) > maxSecret {
		return Secret{}, fmt.Errorf("secret: %s is larger than %d bytes", path, maxSecret)
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return Secret{}, fmt.Errorf("secret: %s is empty", path)
	}
	return NewSecret(text), nil
}
