package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"cordboard/config"
)

// A part can be asked for a key before anybody knows what is in it.
func TestRawHas(t *testing.T) {
	var cfg struct {
		Settings config.Raw `yaml:"settings"`
		Text     config.Raw `yaml:"text"`
		None     config.Raw `yaml:"none"`
	}
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("settings:\n  instance: arn\n  nothing:\ntext: instance\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if problems := config.DecodeFile(file, &cfg); len(problems) > 0 {
		t.Fatal(problems)
	}
	if !cfg.Settings.Has("instance") || cfg.Settings.Has("other") || cfg.Settings.Has("nothing") || cfg.Text.Has("instance") || cfg.None.Has("instance") {
		t.Error("wrong about which keys are there")
	}
}
