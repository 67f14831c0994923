package main

import (
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

type benchOptions struct {
	processor, signal, config, input, output, mode string
	seconds                                        float64
	procs                                          int
}

// runBench repeats decode, process, encode in memory and prints one JSON object. With several processors as many
// goroutines work on copies of the message, each with a processor of its own.
func runBench(o benchOptions) error {
	runtime.GOMAXPROCS(o.procs)
	c := kase{Processor: o.processor, Signal: o.signal}
	if o.mode == "decode" {
		c.Processor, c.Config = "transform", "{}"
	} else {
		body, err := os.ReadFile(o.config)
		if err != nil {
			return err
		}
		c.Config = string(body)
	}
	in, err := os.ReadFile(o.input)
	if err != nil {
		return err
	}
	runs := make([]runner, o.procs)
	for i := range runs {
		if runs[i], err = c.runner(nil); err != nil {
			return err
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu := cpuSeconds()
	outs, counts, errs := make([][]byte, o.procs), make([]int, o.procs), make([]error, o.procs)
	start := time.Now()
	var all sync.WaitGroup
	for i, run := range runs {
		all.Add(1)
		go func() {
			defer all.Done()
			for counts[i] == 0 || time.Since(start).Seconds() < o.seconds {
				if outs[i], _, errs[i] = run(in, asProto, asProto); errs[i] != nil {
					return
				}
				counts[i]++
			}
		}()
	}
	all.Wait()
	took := time.Since(start).Seconds()
	cpu = cpuSeconds() - cpu
	runtime.ReadMemStats(&after)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	out, n := outs[0], 0
	for _, count := range counts {
		n += count
	}
	if o.output != "" {
		if err := os.WriteFile(o.output, out, 0o644); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"iterations":     n,
		"seconds":        took,
		"mb_per_s":       float64(n) * float64(len(in)) / 1e6 / took,
		"in":             len(in),
		"out":            len(out),
		"us_per_msg":     took / float64(n) * 1e6,
		"cpu_us_per_msg": cpu / float64(n) * 1e6,
		"alloc_per_msg":  (after.TotalAlloc - before.TotalAlloc) / uint64(n),
	})
}

// cpuSeconds is the time that the process has spent on processors.
func cpuSeconds() float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err) // it fails for wrong arguments only
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()).Seconds()
}
