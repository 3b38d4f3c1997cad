package lab

import "commonhub/hub/hubtest"

// Route gives every host a static way to every other one, over the fewest links. Without it hosts reach only those that they are
// linked with, as in a mesh where nobody forwards. Routes stay as they are when links are cut.
func (l *Lab) Route() {
	l.t.Helper()
	for from := range l.space {
		for to, first := range l.firstSteps(from + 1) {
			if to != first { // neighbours have theirs since Join
				l.route(from+1, to, first)
			}
		}
	}
}

// firstSteps tells for each host in reach the neighbour over which it is reached.
func (l *Lab) firstSteps(from int) map[int]int {
	first := map[int]int{}
	for ring := []int{from}; len(ring) > 0; {
		at := ring[0]
		ring = ring[1:]
		for to := range len(l.space) + 1 {
			if _, seen := first[to]; seen || to == from || l.wires[between(at, to)] == nil {
				continue
			}
			first[to] = to
			if at != from {
				first[to] = first[at]
			}
			ring = append(ring, to)
		}
	}
	return first
}

// route sends what host i has for host j over its neighbour first, under the address by which all know i.
func (l *Lab) route(i, j, first int) {
	l.t.Helper()
	gateway := l.wires[between(i, first)].address[0]
	if first > i {
		gateway = l.wires[between(i, first)].address[1]
	}
	hubtest.IP(l.t, "-n %s route add %s via %s src %s", l.Space(i), l.Address(j), gateway, l.Address(i))
}
