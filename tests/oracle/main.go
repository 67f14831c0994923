// Command oracle answers what the reference implementation of OTTL does.
//
// Three modes: by default it reads cases as JSON lines from standard input and
// writes the answered cases to standard output; -bench times one configuration
// over one protobuf message; -convert rewrites OTLP files from one framing or
// encoding into another with the reference's own marshalers.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/collector/featuregate"
)

// experimental lists the gates that are off by default in the reference and on here. Each version has some of them.
var experimental = map[string]bool{
	"ottl.functions.enableLambda":                     true,
	"pkg.ottl.enableDynamicMapKeys":                   true,
	"pkg.ottl.functions.enableExperimental":           true,
	"processor.transform.enableExperimentalFunctions": true,
	"transform.flatten.logs":                          true,
}

// switchOn turns every experimental gate on that this build has, but for those that are named.
func switchOn(but string) (err error) {
	off := map[string]bool{}
	for _, id := range strings.Split(but, ",") {
		off[id] = true
	}
	gates := featuregate.GlobalRegistry()
	gates.VisitAll(func(gate *featuregate.Gate) {
		if id := gate.ID(); off[id] || experimental[id] {
			err = errors.Join(err, gates.Set(id, !off[id]))
		}
	})
	return err
}

func main() {
	gates := flag.Bool("gates", true, "switch the experimental gates on")
	without := flag.String("without", "", "gates to switch off, with commas between them")
	bench := flag.Bool("bench", false, "time one configuration instead of answering cases")
	convert := flag.Bool("convert", false, "convert OTLP files instead of answering cases")
	var b benchOptions
	flag.StringVar(&b.processor, "processor", "transform", "bench: transform or filter")
	flag.StringVar(&b.signal, "signal", "logs", "bench, convert: traces, metrics, logs or profiles")
	flag.StringVar(&b.config, "config", "", "bench: YAML file with the processor's body")
	flag.StringVar(&b.input, "input", "", "bench: protobuf file with one message")
	flag.StringVar(&b.output, "output", "", "bench: where to put the last result")
	flag.Float64Var(&b.seconds, "seconds", 3, "bench: how long to run")
	flag.StringVar(&b.mode, "mode", "full", "bench: full, or decode for decoding and encoding alone")
	flag.IntVar(&b.procs, "procs", 1, "bench: processors to use")
	from := flag.String("from", "json", "convert: json, jsonl or proto")
	to := flag.String("to", "proto", "convert: json, jsonl, proto, framed, zstd, zstd-json or gzip")
	flag.Parse()

	time.Local = time.UTC
	var err error
	if *gates {
		if err = switchOn(*without); err != nil {
			fail(err)
		}
	}
	switch {
	case *bench:
		err = runBench(b)
	case *convert:
		err = runConvert(b.signal, *from, *to, flag.Args())
	default:
		err = answerAll(os.Stdin, os.Stdout)
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "oracle:", err)
	os.Exit(2)
}
