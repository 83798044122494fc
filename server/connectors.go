package server

import (
	"log/slog"

	"cordboard/call"
	"cordboard/config"
	"cordboard/platform"
	"cordboard/platform/connect"
	"cordboard/platform/dialer"
	"cordboard/platform/finesse"
	"cordboard/platform/genesys"
	"cordboard/platform/webex"
)

// connectors opens each platform's connector from its part of the configuration. A new platform adds one line here.
var connectors = map[string]func(settings config.Raw, o openOptions) (platform.Connector, config.Problems){
	string(call.Webex):           openWebex,
	string(call.Cisco):           openFinesse,
	string(call.ConnectTethered): openTethered,
	string(call.Genesys):         openGenesys,
	string(call.ConnectHVOC):     openConnect(call.ConnectHVOC),
}

func openWebex(settings config.Raw, o openOptions) (platform.Connector, config.Problems) {
	var cfg webex.Config
	if problems := settings.Decode(&cfg); len(problems) > 0 {
		return nil, problems
	}
	cfg.Name, cfg.Tap = o.name, o.tap
	for _, file := range []*string{&cfg.AgentsFile, &cfg.CAFile} {
		if *file != "" {
			*file = o.path(*file)
		}
	}
	c, err := webex.Open(cfg, o.log)
	if err != nil {
		return nil, config.Problems{settings.Problem("%v", err)}
	}
	return c, nil
}

// openOptions are what connectors get beside their settings.
type openOptions struct {
	name string
	// path resolves a path that is relative to the configuration file.
	path func(string) string
	log  *slog.Logger
	tap  func(platform.Message) // hears every raw message; nil when nobody records
	// browser reaches agents' browsers.
	browser connect.Browser
}

func openFinesse(settings config.Raw, o openOptions) (platform.Connector, config.Problems) {
	var cfg finesse.Config
	if problems := settings.Decode(&cfg); len(problems) > 0 {
		return nil, problems
	}
	cfg.Name, cfg.Tap = o.name, o.tap
	for _, file := range []*string{&cfg.AgentsFile, &cfg.CAFile} {
		if *file != "" {
			*file = o.path(*file)
		}
	}
	c, err := finesse.Open(cfg, o.log)
	if err != nil {
		return nil, config.Problems{settings.Problem("%v", err)}
	}
	return c, nil
}

func openDialer(settings config.Raw, o openOptions) (platform.Connector, config.Problems) {
	var cfg dialer.Config
	if problems := settings.Decode(&cfg); len(problems) > 0 {
		return nil, problems
	}
	cfg.Name, cfg.Tap = o.name, o.tap
	c, err := dialer.Open(cfg, o.log)
	if err != nil {
		return nil, config.Problems{settings.Problem("%v", err)}
	}
	return c, nil
}

func openGenesys(settings config.Raw, o openOptions) (platform.Connector, config.Problems) {
	var cfg genesys.Config
	if problems := settings.Decode(&cfg); len(problems) > 0 {
		return nil, problems
	}
	cfg.Name, cfg.Tap = o.name, o.tap
	for _, file := range []*string{&cfg.AgentsFile, &cfg.CAFile} {
		if *file != "" {
			*file = o.path(*file)
		}
	}
	c, err := genesys.Open(cfg, o.log)
	if err != nil {
		return nil, config.Problems{settings.Problem("%v", err)}
	}
	return c, nil
}

// openTethered opens what a tethered site has: the dialer, or, for the calls that do not pass it, the instance.
func openTethered(settings config.Raw, o openOptions) (platform.Connector, config.Problems) {
	if settings.Has("instance") {
		return openConnect(call.ConnectTethered)(settings, o)
	}
	return openDialer(settings, o)
}

// openConnect returns what opens an instance of Amazon Connect.
func openConnect(of call.Platform) func(config.Raw, openOptions) (platform.Connector, config.Problems) {
	return func(settings config.Raw, o openOptions) (platform.Connector, config.Problems) {
		var cfg connect.Config
		if problems := settings.Decode(&cfg); len(problems) > 0 {
			return nil, problems
		}
		cfg.Name, cfg.Platform, cfg.Tap, cfg.Browser = o.name, of, o.tap, o.browser
		if cfg.CAFile != "" {
			cfg.CAFile = o.path(cfg.CAFile)
		}
		c, err := connect.Open(cfg, o.log)
		if err != nil {
			return nil, config.Problems{settings.Problem("%v", err)}
		}
		return c, nil
	}
}

// decoders make a fresh decoder for the raw messages of a platform. A new platform adds one line here.
var decoders = map[call.Platform]func() platform.Decoder{
	call.Cisco:           func() platform.Decoder { return finesse.NewDecoder() },
	call.ConnectTethered: func() platform.Decoder { return dialer.NewDecoder() },
	call.ConnectHVOC:     func() platform.Decoder { return connect.NewDecoder(connect.Options{}) },
	call.Webex:           func() platform.Decoder { return webex.NewDecoder(nil) },
	call.Genesys:         func() platform.Decoder { return genesys.NewDecoder() },
}

// Decoder returns a fresh decoder for the raw messages of a platform; nil when this release has none.
func Decoder(p call.Platform) platform.Decoder {
	if fresh := decoders[p]; fresh != nil {
		return fresh()
	}
	return nil
}
