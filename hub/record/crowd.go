package record

import "runtime/debug"

// A crowd that writes at once makes garbage of ten times what it keeps, and a third of the processor's time went into collecting it again and
// again from a heap of a few megabytes. While a crowd is there the heap may grow to four times what is in use; the hub's next rest
// (Settle) ends that. Only members can be a crowd, so that no stranger can make us take the memory.
const (
	crowd   = 24  // commands in one transaction
	crowdGC = 300 // the collector's percentage meanwhile
)

// hurry is told how many commands there are at once. Only the writer calls it.
func (r *Record) hurry(commands int) {
	if commands >= crowd && r.usualGC == 0 {
		r.usualGC = debug.SetGCPercent(crowdGC)
	}
}

// calm takes back what hurry did.
func (r *Record) calm() {
	if r.usualGC != 0 {
		debug.SetGCPercent(r.usualGC)
		r.usualGC = 0
	}
}
