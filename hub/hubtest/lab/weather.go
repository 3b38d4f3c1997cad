package lab

// Cut loses everything between two linked hosts.
func (l *Lab) Cut(i, j int) {
	l.t.Helper()
	l.change(i, j, broken(true))
	l.change(j, i, broken(true))
}

// OneWay loses everything that host i sends to host j; what j sends still arrives.
func (l *Lab) OneWay(i, j int) {
	l.t.Helper()
	l.change(i, j, broken(true))
}

// Heal ends Cut and OneWay. Loss, delay and rate are as before.
func (l *Lab) Heal(i, j int) {
	l.t.Helper()
	l.change(i, j, broken(false))
	l.change(j, i, broken(false))
}

// Change gives both directions another weather from now on.
func (l *Lab) Change(i, j int, link Link) {
	l.t.Helper()
	replace := func(to *Link) { *to = link }
	l.change(i, j, replace)
	l.change(j, i, replace)
}

func broken(is bool) func(*Link) { return func(l *Link) { l.Broken = is } }

// Sent is how many bytes host i has put on its link to host j, in whole frames, lost ones too.
func (l *Lab) Sent(i, j int) int64 {
	l.t.Helper()
	w := l.wires[between(i, j)]
	if w == nil {
		l.t.Fatalf("hosts %d and %d have no link", i, j)
	}
	way := w.ways[0]
	if i > j {
		way = w.ways[1]
	}
	way.mu.Lock()
	defer way.mu.Unlock()
	return way.sent
}

// change changes what host from sends to host to.
func (l *Lab) change(from, to int, change func(*Link)) {
	l.t.Helper()
	w := l.wires[between(from, to)]
	if w == nil {
		l.t.Fatalf("hosts %d and %d have no link", from, to)
	}
	if from < to {
		w.ways[0].change(change)
	} else {
		w.ways[1].change(change)
	}
}
