package demo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// writeConfig writes the configuration that an engineer would write for this world, and returns its file.
func (w *World) writeConfig() (string, error) {
	org := w.Org.Ready()
	var b strings.Builder
	fmt.Fprintf(&b, "# The demo's configuration. Yours looks the same, with your addresses and with secrets in files.\n")
	fmt.Fprintf(&b, "listen: %s\ndata: data\nworkflows: [recommended]\n", w.opts.Listen)
	fmt.Fprintf(&b, "desk:\n  open_tickets: true\n  origins: [%q]\n  host_url: %s\n", w.host.origin(), w.host.origin())
	fmt.Fprintf(&b, "salesforce:\n  url: %v\n  client_id: %v\n  client_secret_file: org.secret\n  window: %s\n", org["url"], org["client_id"], w.opts.Window)
	b.WriteString("connections:\n")
	files := map[string]string{"org.secret": fmt.Sprint(org["client_secret"])}
	for _, s := range w.sites {
		fmt.Fprintf(&b, "  - name: %s\n    platform: %s\n    settings:\n", s.name, s.platform)
		for line := range strings.Lines(s.settings) {
			b.WriteString("      " + line)
		}
		for name, text := range s.files {
			files[name] = text
		}
	}
	files["cordboard.yaml"] = b.String()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(w.opts.Dir, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return w.ConfigFile(), nil
}
