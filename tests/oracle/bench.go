package main

import (
	"encoding/json"
	"os"
	"runtime"
	"time"
)

type benchOptions struct {
	processor, signal, config, input, output, mode string
	seconds                                        float64
	procs                                          int
}

// runBench repeats decode, process, encode in memory and prints one JSON object.
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
	run, err := c.runner(nil)
	if err != nil {
		return err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var out []byte
	n := 0
	start := time.Now()
	for n == 0 || time.Since(start).Seconds() < o.seconds {
		if out, _, err = run(in, asProto, asProto); err != nil {
			return err
		}
		n++
	}
	took := time.Since(start).Seconds()
	runtime.ReadMemStats(&after)
	if o.output != "" {
		if err := os.WriteFile(o.output, out, 0o644); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"iterations":    n,
		"seconds":       took,
		"mb_per_s":      float64(n) * float64(len(in)) / 1e6 / took,
		"in":            len(in),
		"out":           len(out),
		"us_per_msg":    took / float64(n) * 1e6,
		"alloc_per_msg": (after.TotalAlloc - before.TotalAlloc) / uint64(n),
	})
}
