package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"

	"github.com/klauspost/compress/zstd"
)

// runConvert writes all messages of the named files to standard output in another form.
//
// Inputs: json is one message per file, jsonl one per line (each line may be of another
// signal), proto one message per file. Outputs: json and jsonl one message a line, proto the
// bare messages one after the other (use one), framed a 4-byte big-endian length before each,
// zstd the same with every message compressed as a frame of its own (its length is the
// compressed one), zstd-json that with JSON messages inside, gzip the framed stream
// compressed as a whole.
func runConvert(signal, from, to string, files []string) error {
	var out bytes.Buffer
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		messages := [][]byte{text}
		if from == "jsonl" {
			messages = bytes.Split(bytes.TrimSpace(text), []byte("\n"))
		}
		for _, m := range messages {
			s := signal
			if from != "proto" {
				if s, err = signalOf(m); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
			if err := appendMessage(&out, m, s, encoding(from == "proto"), to); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if to == "gzip" {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(out.Bytes()); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		out = packed
	}
	_, err := os.Stdout.Write(out.Bytes())
	return err
}

func appendMessage(out *bytes.Buffer, m []byte, signal string, from encoding, to string) error {
	run, err := newRunner(context.Background(), signal, nil, nil)
	if err != nil {
		return err
	}
	target := encoding(to != "json" && to != "jsonl" && to != "zstd-json")
	b, _, err := run(m, from, target)
	if err != nil {
		return err
	}
	switch to {
	case "json", "jsonl":
		b = append(b, '\n')
	case "proto":
	case "framed", "gzip":
		b = framed(b)
	case "zstd", "zstd-json":
		w, err := zstd.NewWriter(nil)
		if err != nil {
			return err
		}
		b = framed(w.EncodeAll(b, nil))
	default:
		return fmt.Errorf("unknown form %q", to)
	}
	out.Write(b)
	return nil
}

func framed(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// signalOf tells a JSON message's signal by its one top-level key.
func signalOf(m []byte) (string, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(m, &keys); err != nil {
		return "", err
	}
	for key, signal := range map[string]string{
		"resourceSpans": "traces", "resourceMetrics": "metrics", "resourceLogs": "logs", "resourceProfiles": "profiles",
	} {
		if _, ok := keys[key]; ok {
			return signal, nil
		}
	}
	return "", fmt.Errorf("no OTLP key at the top")
}
