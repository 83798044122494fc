// Package config reads what administrators write: YAML into structs, strictly, with every mistake found at once and
// each named by file, line and column.
//
//	type Salesforce struct {
//		URL    string        `yaml:"url" config:"required"`
//		Secret config.Secret `yaml:"client_secret"`
//		Every  config.Duration `yaml:"every"`
//	}
//	var s Salesforce
//	if problems := config.Decode("cordboard.yaml", src, &s); problems != nil { … }
//
// A key that no field has is a problem, with the nearest key as a suggestion; so are a wrong type, a key given twice
// and a missing key that a field's tag calls required. A struct with a method Check() error is asked after it was
// read; [At] lets its error point at a key.
//
// # Secrets
//
// A [Secret] never prints its value. It can be given in four ways, of which the first is the worst:
//
//	client_secret: in the clear
//	client_secret: ${file:secrets/client}       # relative to the file's folder
//	client_secret_file: secrets/client          # the same
//	client_secret: ${env:CORDBOARD_ANYTHING}    # only names that begin with CORDBOARD_
//
// and when the file says nothing, the variable CORDBOARD_ plus the key's path is looked up, such as
// CORDBOARD_SALESFORCE_CLIENT_SECRET; entries of a list are named by their `name`, or else by their position.
package config
