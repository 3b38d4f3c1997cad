package lab

import (
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"commonhub/hub/hubtest"
)

const (
	tunDevice = "/dev/net/tun"
	frameSize = 2048 // more than any frame of a TAP device, whose MTU is 1500
)

// end is a TAP device to be: where it lives, and its name there.
type end struct{ space, device string }

// wire is a link while it lives. All arrays have the lower-numbered host first.
type wire struct {
	address [2]string     // of the ends
	taps    [2]*os.File   // the ends
	ways    [2]*direction // what leaves each end
	tasks   sync.WaitGroup
}

func newWire(ends [2]end, link Link) (*wire, error) {
	w := &wire{ways: [2]*direction{newDirection(link), newDirection(link)}}
	for n, e := range ends {
		tap, err := openTap(e)
		if err != nil {
			w.close()
			return nil, err
		}
		w.taps[n] = tap
	}
	for n, way := range w.ways {
		w.tasks.Go(func() { take(w.taps[n], way) })
		w.tasks.Go(func() { way.deliver(w.taps[1-n]) })
	}
	return w, nil
}

// openTap makes a device inside a namespace. It is there from the start, and under its own name: on its way over from the machine's
// namespace it could meet another of the same name.
func openTap(e end) (tap *os.File, err error) {
	err = hubtest.Within(e.space, func() error {
		fd, err := unix.Open(tunDevice, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		if err := nameTap(fd, e.device); err != nil {
			unix.Close(fd)
			return err
		}
		tap = os.NewFile(uintptr(fd), e.device) // not before it has its device: the poller would take it for broken
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", e.device, e.space, err)
	}
	return tap, nil
}

func nameTap(fd int, name string) error {
	request, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
	return unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
}

// take reads frames until the device is closed.
func take(from *os.File, d *direction) {
	defer d.end()
	frame := make([]byte, frameSize)
	for {
		n, err := from.Read(frame)
		if err != nil {
			return
		}
		d.push(frame[:n])
	}
}

func (w *wire) close() {
	for _, tap := range w.taps {
		if tap != nil { // one could not be opened
			tap.Close()
		}
	}
	w.tasks.Wait()
}
