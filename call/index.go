package call

// Ref is one platform id of a call, as the journal stores it.
type Ref struct {
	Connection string
	Ref        string
}

// Index knows which platform ids are the same call. The zero value is not usable; make one with NewIndex. It is a plain
// value without locks: its owner calls it from one goroutine.
type Index struct{ ids map[Ref]ID }

// NewIndex returns an empty index.
func NewIndex() *Index { return &Index{ids: map[Ref]ID{}} }

// Learn tells the index what the journal already knows.
func (x *Index) Learn(r Ref, id ID) { x.ids[r] = id }

// Forget drops a ref, to keep the index small once its call is over.
func (x *Index) Forget(r Ref) { delete(x.ids, r) }

// Lookup returns the call of a platform id.
func (x *Index) Lookup(r Ref) (ID, bool) {
	id, ok := x.ids[r]
	return id, ok
}

// Len is the number of refs held.
func (x *Index) Len() int { return len(x.ids) }

// Refs returns the platform ids that ev names: the ones to Learn before Resolve.
func (e *Event) Refs() []Ref {
	refs := []Ref{{e.Connection, e.Ref}}
	if e.Of != "" && e.Of != e.Ref {
		refs = append(refs, Ref{e.Connection, e.Of})
	}
	return refs
}

// Resolve finds the call of ev, writes it to ev.Call and returns the refs that became known by it. Whichever id of a
// call is heard first names the call; every later id of the same call leads to it.
func (x *Index) Resolve(ev *Event) (fresh []Ref) {
	own := Ref{ev.Connection, ev.Ref}
	id, known := x.ids[own]
	if ev.Of != "" && ev.Of != ev.Ref {
		other := Ref{ev.Connection, ev.Of}
		if otherID, ok := x.ids[other]; ok {
			if !known {
				id = otherID
			}
		} else {
			if !known {
				id = newID(other)
			}
			x.ids[other] = id
			fresh = append(fresh, other)
		}
	}
	if id == "" {
		id = newID(own)
	}
	if !known {
		x.ids[own] = id
		fresh = append(fresh, own)
	}
	ev.Call = id
	return fresh
}

func newID(r Ref) ID { return ID(r.Connection + ":" + r.Ref) }
