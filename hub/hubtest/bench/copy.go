package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"commonhub/hub/hubtest"
	"commonhub/hub/hubtest/lab"
)

// radio is the link of a first copy: 5 Mbit/s, 30 ms one way, every hundredth frame lost.
var radio = lab.Link{Rate: 5_000_000, Delay: 30 * time.Millisecond, Loss: 1}

// looking is how long lies between two looks at how far a hub is: each is a process of its own.
const looking = 250 * time.Millisecond

// copyTime bounds one copy. At 5 Mbit/s the bytes alone take a quarter of a minute.
const copyTime = 5 * time.Minute

// firstCopy has a hub read 100,000 events of a neighbour over a bad radio link, and beside it one plain GET of as many bytes: the same
// bundles, as gzip left them, in one answer over one connection. Then one new notice goes the same way.
func firstCopy(b *bench) error {
	s, err := b.seed(many)
	if err != nil {
		return err
	}
	if s.dir, err = b.copy(s); err != nil {
		return err
	}
	// Labs are made and removed by whatever stands in for a test; the library's own figures are not used. It runs once: one run takes
	// longer than the second that it is asked for.
	failed := errors.New("the link could not be made")
	testing.Benchmark(func(t *testing.B) { failed = b.overRadio(aloud{t}, s) })
	if failed == nil {
		testing.Benchmark(func(t *testing.B) { b.newsOverRadio(aloud{t}) })
	}
	return failed
}

// aloud says at once why a lab could not be made. A benchmark outside of `go test` would keep it to itself.
type aloud struct{ *testing.B }

func (a aloud) Fatal(args ...any)            { a.say(fmt.Sprint(args...)); a.B.FailNow() }
func (a aloud) Fatalf(f string, args ...any) { a.say(fmt.Sprintf(f, args...)); a.B.FailNow() }
func (a aloud) Skip(args ...any)             { a.say(fmt.Sprint(args...)); a.B.SkipNow() }
func (a aloud) say(why string)               { fmt.Fprintln(os.Stderr, "lab:", why) }

func (b *bench) overRadio(t testing.TB, s seed) error {
	l := lab.Line(t, 2, radio)
	author := hubtest.Start(t, b.host(l, 1, s.dir))
	packed, err := bundles(l)
	if err != nil {
		return err
	}
	plain, err := plainGet(l, packed)
	if err != nil {
		return err
	}
	before := l.Sent(1, 2) + l.Sent(2, 1)
	took, err := copied(hubtest.Start(t, b.host(l, 2, "", "--join", l.Address(1)+":8080")), author.ID())
	if err != nil {
		return err
	}
	b.told("bundles of 100,000 events, gzipped", float64(len(packed))/1e6, "MB")
	b.told("one plain GET of them over 5 Mbit/s, 30 ms, 1 % lost", plain.Seconds(), "s")
	b.told("first copy over the same link", took.Seconds(), "s")
	b.told("what crossed the link meanwhile, both ways", float64(l.Sent(1, 2)+l.Sent(2, 1)-before)/1e6, "MB")
	b.atMost("first copy, in plain GETs", took.Seconds()/plain.Seconds(), 1.2, "x")
	return nil
}

// newsOverRadio times one new notice from being posted to standing on the neighbour's page, and counts what the link carries for it.
func (b *bench) newsOverRadio(t testing.TB) {
	const notices, pause = 9, 2 * time.Second
	l := lab.Line(t, 2, radio)
	author := hubtest.Start(t, b.host(l, 1, ""))
	reader := hubtest.Start(t, b.host(l, 2, "", "--join", l.Address(1)+":8080"))
	ana := author.Settle("ana")
	reader.Accept(author)
	author.Accept(reader)
	carried := func() float64 { return float64(l.Sent(1, 2) + l.Sent(2, 1)) }
	var took []time.Duration
	var bytes []float64
	for n := range notices {
		time.Sleep(pause) // what the one before set off is over
		idle := carried()
		time.Sleep(pause)
		before := carried()
		title := fmt.Sprint("Ladder number ", n)
		began := time.Now()
		ana.Post(hubtest.Notice{Kind: "offer", Title: title, Text: some(12), Reach: "far"})
		hubtest.Until(t, title+" stands next door", func() bool { return reader.Shows("/notices", title) })
		took = append(took, time.Since(began))
		time.Sleep(pause - time.Since(began))
		bytes = append(bytes, carried()-before-(before-idle))
	}
	b.told("one new notice over that link to the neighbour's page", ms(median(took)), "ms")
	b.told("on that link for it: frames, both ways, cosignatures too", median(bytes), "B")
}

// host says how a hub runs at a host of the lab.
func (b *bench) host(l *lab.Lab, i int, dir string, args ...string) hubtest.Options {
	args = append(args, "--mdns=false", "--mesh-listen", l.Address(i)+":7946")
	return hubtest.Options{Program: b.program, Namespace: l.Space(i), Dir: dir, Args: args}
}

// bundles reads the author's bundles beside it, where no link is in between, as gzip left them.
func bundles(l *lab.Lab) (packed []byte, err error) {
	client := clientIn(l.Space(1))
	for n := 0; n*256 < many && err == nil; n++ {
		path := fmt.Sprintf("/record/tile/entries/%03d", n)
		if rest := many - n*256; rest < 256 {
			path += fmt.Sprintf(".p/%d", rest)
		}
		var bundle []byte
		bundle, err = fetch(client, "http://"+l.Address(1)+":8080"+path)
		packed = append(packed, bundle...)
	}
	return packed, err
}

// clientIn is one connection at a time out of a network namespace; it takes gzip as it comes.
func clientIn(space string) *http.Client {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		return hubtest.DialFrom(ctx, space, network, address)
	}
	return &http.Client{Timeout: copyTime, Transport: &http.Transport{DialContext: dial, DisableCompression: true}}
}

func fetch(client *http.Client, url string) ([]byte, error) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s answered %s", url, res.Status)
	}
	return io.ReadAll(res.Body)
}

// plainGet times one GET of the bytes over the link.
func plainGet(l *lab.Lab, packed []byte) (time.Duration, error) {
	var listener net.Listener
	address := l.Address(1) + ":8081"
	err := hubtest.Within(l.Space(1), func() (err error) {
		listener, err = net.Listen("tcp", address)
		return err
	})
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { w.Write(packed) }))
	began := time.Now()
	got, err := fetch(clientIn(l.Space(2)), "http://"+address)
	if err == nil && len(got) != len(packed) {
		err = fmt.Errorf("%d bytes instead of %d", len(got), len(packed))
	}
	return time.Since(began), err
}

// copied has a hub accept another that it sees, and returns how long it took from there to a whole copy.
func copied(reader *hubtest.Hub, id string) (time.Duration, error) {
	for seen := false; !seen; time.Sleep(looking) {
		var n hubtest.Neighbour
		n, seen = reader.Neighbour(id)
		seen = seen && n.Words != ""
	}
	began := time.Now()
	reader.Console("neighbours", "accept", id)
	for {
		n, _ := reader.Neighbour(id)
		switch took := time.Since(began); {
		case n.Synced >= many:
			return took, nil
		case took > copyTime:
			return took, fmt.Errorf("still behind after %v: %+v", took, n)
		}
		time.Sleep(looking)
	}
}
