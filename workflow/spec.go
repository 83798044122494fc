package workflow

// Spec describes one kind of step: what an administrator may write under it. Parsing, checking and the JSON Schema
// all work from a list of Specs, so that a new kind of step needs nothing in this package.
type Spec struct {
	// Kind is the key that makes a mapping a step of this kind, such as "pop".
	Kind string
	// Lane is where steps of the kind stand. One step of the LaterLane takes all of its rule's steps there: they go on when
	// their time has come, in order, and no other rule of the call waits for them.
	Lane Lane
	// Holds says that the steps after it wait for it, whatever they do; so does everything of the LaterLane. Nothing for a
	// screen may follow: the agent would be on another call by then.
	Holds bool
	// Title is how summaries call it, in the words of the catalog: "Screen pop (Look Up)".
	Title string
	// Doc is one paragraph for reference pages and editors.
	Doc string
	// Primary names the argument that a scalar after the kind stands for: `page: /apex/X` is `page: {url: /apex/X}`.
	Primary string
	Args    []Arg
}

// Arg is one argument of a kind of step.
type Arg struct {
	Name     string
	Doc      string
	Type     ArgType
	Required bool
	// Enum lists the words that an Enum argument allows.
	Enum []string
	// Default is used when the argument is not written; nil leaves it out.
	Default any
	// Warn is what whoever writes anything but the Default is warned of; empty for nothing.
	Warn string
	// Example is shown by reference pages and editors.
	Example string
}

// ArgType says what may be written as an argument, and what the action receives for it.
type ArgType string

// The types of arguments. Every type but the Enum, Words, ObjectName and Name may hold ${…} expressions.
const (
	Text       ArgType = "text"       // a template; the action receives a string
	URL        ArgType = "url"        // a template whose values are escaped for an address; the action receives a string
	Expression ArgType = "expression" // CEL, bare or in ${…}; the action receives what it evaluates to
	Words      ArgType = "words"      // a word or a list of words; the action receives a list of strings
	Enum       ArgType = "enum"       // one of a few words, compared without case
	Map        ArgType = "map"        // field name to template; the action receives an object
	JSON       ArgType = "json"       // a mapping or list of templates, nested as it comes, or one template; the action receives what it evaluates to
	ObjectName ArgType = "object"     // the API name of a CRM object, such as Task
	Name       ArgType = "name"       // a name that other steps refer to
	Bool       ArgType = "bool"       // true or false, or an expression
	Duration   ArgType = "duration"   // such as 5s or 10m; the action receives it as such a string
)

// arg returns the argument with the given name, or nil.
func (s *Spec) arg(name string) *Arg {
	for i := range s.Args {
		if s.Args[i].Name == name {
			return &s.Args[i]
		}
	}
	return nil
}
