// Command pprof writes profiles of itself, as Go programs do it: what this repository converts is held against them.
//
//	pprof DIRECTORY
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"
	"sync"
	"time"
)

var sink [][]byte

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: pprof DIRECTORY"))
	}
	runtime.MemProfileRate = 1 << 10
	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(1)

	var cpu bytes.Buffer
	if err := pprof.StartCPUProfile(&cpu); err != nil {
		fail(err)
	}
	pprof.Do(context.Background(), pprof.Labels("tenant", "shop", "path", "/cart"), func(context.Context) { work(400 * time.Millisecond) })
	pprof.Do(context.Background(), pprof.Labels("tenant", "bank"), func(context.Context) { work(300 * time.Millisecond) })
	pprof.StopCPUProfile()
	write("cpu", cpu.Bytes())

	for i := range 200 {
		sink = append(sink, make([]byte, 100*i))
	}
	contend()
	stop := make(chan struct{})
	for i := range 3 {
		labels := pprof.Labels("worker", fmt.Sprint(i))
		go pprof.Do(context.Background(), labels, func(context.Context) { <-stop })
	}
	time.Sleep(20 * time.Millisecond)
	for _, name := range []string{"heap", "allocs", "goroutine", "mutex", "block"} {
		var out bytes.Buffer
		if err := pprof.Lookup(name).WriteTo(&out, 0); err != nil {
			fail(err)
		}
		write(name, out.Bytes())
	}
	close(stop)
}

// work keeps a processor busy.
func work(long time.Duration) {
	for end := time.Now().Add(long); time.Now().Before(end); {
		words := strings.Fields(strings.Repeat("of no use at all ", 200))
		sort.Strings(words)
	}
}

// contend makes goroutines wait for each other.
func contend() {
	var lock sync.Mutex
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 20 {
				lock.Lock()
				time.Sleep(100 * time.Microsecond)
				lock.Unlock()
			}
		})
	}
	all.Wait()
}

// write stores a profile, packed again as well as can be.
func write(name string, profile []byte) {
	in, err := gzip.NewReader(bytes.NewReader(profile))
	if err != nil {
		fail(err)
	}
	var out bytes.Buffer
	packed, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if _, err := io.Copy(packed, in); err != nil {
		fail(err)
	}
	if err := packed.Close(); err != nil {
		fail(err)
	}
	if err := os.WriteFile(filepath.Join(os.Args[1], name+".pb.gz"), out.Bytes(), 0o644); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "pprof:", err)
	os.Exit(2)
}
